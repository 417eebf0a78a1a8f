import { hypercallFlush } from './hypercall.ts';
import type { Platform } from './platform.ts';

/**
 * Hyper-V: the initiator turns interrupts off, collects the CPUs of the mask
 * and makes one hypercall, which flushes without interrupting the guest and
 * returns without waiting for CPUs that have interrupts off. Left out: the
 * fall-back to IPIs where the hypercall page is missing. Source:
 * hyperv_flush_tlb_multi, arch/x86/hyperv/mmu.c (6.12).
 */
export const hyperv: Platform = hypercallFlush(
  'hyperv',
  'flush_tlb_mm_range, hyperv_flush_tlb_multi',
  'irq',
);
