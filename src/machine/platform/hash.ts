import type { Call, Progress } from '../intrinsics/intrinsic.ts';
import { PROGRESS } from '../intrinsics/intrinsic.ts';
import { isInCpumask } from './cpu-mask.ts';
import type { Platform } from './platform.ts';
import { describeIpi, runIpi } from './waited-ipi.ts';

/**
 * powerpc with the hash MMU. Clearing a PMD that led to a table is followed by
 * a waited IPI to the other CPUs of mm_cpumask, for the sake of those that look
 * at a PTE with interrupts off; its handler does nothing. The TLBs themselves
 * are flushed by an instruction. Source: serialize_against_pte_lookup,
 * arch/powerpc/mm/book3s64/pgtable.c (6.12).
 */
export const hash: Platform = {
  name: 'hash',
  architectures: ['powerpc'],
  standsFor: 'serialize_against_pte_lookup, smp_call_function_many',
  flush(call: Call): Progress {
    const over = runIpi(call, {
      base: 0,
      wants: (_, cpu) => isInCpumask(call, 0, cpu),
      runsLocally: false,
      waits: true,
      send: (_, cpu) => call.machine.sendFlush(cpu, call.context),
    });
    return over === 'over' ? PROGRESS.done : over;
  },
  describeFlush: (call) => describeIpi(call, 0, 'serialize against PTE lookups'),
};
