import { READ } from '../../explore/system.ts';
import type { Call, Intrinsic } from './intrinsic.ts';

/** Branches that the running kernel patches into its code: what the memory behind them says is asked instead. */

/** Arguments: key, branch. The code jumps where (key.enabled > 0) differs from `branch`. Source: include/linux/jump_label.h (6.12). */
const staticBranch: Intrinsic = {
  names: ['arch_static_branch', 'arch_static_branch_jump'],
  kind: 'intrinsic',
  run(call: Call) {
    const { machine } = call;
    const at = call.pointer(0, 4);
    machine.access(at, 4, READ, call.shadow(0));
    machine.peek(at, 4);
    const enabled = (machine.low | 0) > 0;
    return call.returns(enabled !== ((call.low(1) & 1) === 1) ? 1 : 0);
  },
  describe: () => 'static branch',
};

/** The machine's CPUs have no optional feature. Source: arch/x86/include/asm/cpufeature.h (6.12). */
const cpuHas: Intrinsic = {
  names: ['_static_cpu_has'],
  kind: 'intrinsic',
  run: (call) => call.returns(0),
  describe: () => 'CPU feature: no',
};

export const PATCHED_CODE: readonly Intrinsic[] = [staticBranch, cpuHas];
