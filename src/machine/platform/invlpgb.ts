import { PROGRESS } from '../intrinsics/intrinsic.ts';
import { flushElsewhere } from './flush-elsewhere.ts';
import type { Platform } from './platform.ts';

/**
 * AMD INVLPGB for an mm with a global ASID: the instruction broadcasts, TLBSYNC
 * waits for the hardware and for no software. No CPU is interrupted, mm_cpumask
 * is not read. Source: broadcast_tlb_flush, arch/x86/mm/tlb.c (6.18). Left out:
 * the time before the mm gets its global ASID, when flushes go by IPI.
 */
export const invlpgb: Platform = {
  name: 'invlpgb',
  standsFor: 'flush_tlb_mm_range, broadcast_tlb_flush',
  flush(call) {
    const cpu = call.local(0);
    if (call.phase === 0) {
      call.machine.addPreempt(call.context, 1);
      return call.proceed(call.machine.tlbs.isInUse ? 2 : 1);
    }
    if (call.phase === 2) {
      if (!flushElsewhere(call, cpu)) return PROGRESS.blocked;
      call.setLocal(0, cpu + 1);
      return call.proceed(cpu + 1 < call.machine.cpuCount ? 2 : 1);
    }
    call.machine.addPreempt(call.context, -1);
    return call.returns(0);
  },
  describeFlush: (call) =>
    [
      'TLB flush: INVLPGB and TLBSYNC, preemption off',
      'TLB flush: enable preemption',
      `TLB flush: CPU ${call.local(0)} flushed by broadcast`,
    ][call.phase]!,
};
