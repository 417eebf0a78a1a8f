import { type Call, PROGRESS, type Progress } from '../intrinsics/intrinsic.ts';
import { isInCpumask } from './cpu-mask.ts';
import type { Platform } from './platform.ts';
import { describeIpi, runIpi } from './waited-ipi.ts';

/**
 * Bare metal: a waited IPI to every CPU of mm_cpumask (freed_tables is true
 * for every flush of these scenarios, so lazy CPUs get it too). Source:
 * flush_tlb_mm_range, native_flush_tlb_multi, arch/x86/mm/tlb.c (6.12).
 * `inc_mm_tlb_gen` is left out: nothing but TLB flushes reads it.
 */
export const native: Platform = {
  name: 'native',
  standsFor: 'flush_tlb_mm_range, native_flush_tlb_multi',
  flush: (call) => flushByIpi(call, 0, (cpu) => isInCpumask(call, 0, cpu)),
  describeFlush: (call) => describeIpi(call, 0, 'TLB flush'),
};

/** A flush by waited IPI to the CPUs that `wants` names, phases from `base` on. */
export function flushByIpi(call: Call, base: number, wants: (cpu: number) => boolean): Progress {
  const over = runIpi(call, {
    base,
    wants: (_, cpu) => wants(cpu),
    runsLocally: true,
    waits: true,
    send: (_, cpu) => call.machine.sendFlush(cpu, call.context),
  });
  return over === 'over' ? PROGRESS.done : over;
}
