import type { Platform } from './platform.ts';

/**
 * AMD INVLPGB for an mm with a global ASID: the instruction broadcasts, TLBSYNC
 * waits for the hardware and for no software. No CPU is interrupted, mm_cpumask
 * is not read. Source: broadcast_tlb_flush, arch/x86/mm/tlb.c (6.18). Left out:
 * the time before the mm gets its global ASID, when flushes go by IPI.
 */
export const invlpgb: Platform = {
  name: 'invlpgb',
  architectures: ['x86_64'],
  standsFor: 'flush_tlb_mm_range, broadcast_tlb_flush',
  flush(call) {
    if (call.phase === 0) {
      call.machine.addPreempt(call.context, 1);
      return call.proceed(1);
    }
    call.machine.addPreempt(call.context, -1);
    return call.returns(0);
  },
  describeFlush: (call) =>
    call.phase === 0
      ? 'TLB flush: INVLPGB and TLBSYNC, preemption off'
      : 'TLB flush: enable preemption',
};
