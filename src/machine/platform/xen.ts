import { hypercallFlush } from './hypercall.ts';
import type { Platform } from './platform.ts';

/**
 * Xen PV: MMUEXT_TLB_FLUSH_MULTI in a multicall, preemption off while it is
 * put together; no IPI reaches the guest. Left out: deferral in lazy MMU
 * mode. Linux has Xen PV on 64 bits only. Source: xen_flush_tlb_multi,
 * arch/x86/xen/mmu_pv.c (6.12).
 */
export const xen: Platform = hypercallFlush(
  'xen',
  'flush_tlb_mm_range, xen_flush_tlb_multi',
  'preempt',
);
