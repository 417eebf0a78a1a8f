import type { Call } from '../intrinsics/intrinsic.ts';
import { LOADED_ELSEWHERE } from '../tlb.ts';

/**
 * Flushes a CPU that notices nothing: by a hypervisor or by broadcast. Done
 * when what that CPU stored through the old translations is in memory.
 * Returns false, having logged that guard, where it must wait.
 */
export function flushElsewhere({ machine }: Call, cpu: number): boolean {
  if (!machine.tlbs.isInUse) return true;
  if (!machine.model.passDrainedFrom(machine, cpu)) return false;
  machine.tlbs.flush(cpu, LOADED_ELSEWHERE);
  return true;
}
