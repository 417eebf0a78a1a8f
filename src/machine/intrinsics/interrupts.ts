import { describeIpi, runIpi } from '../platform/waited-ipi.ts';
import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';
import { functionArgument } from './rcu.ts';

/** The interrupt flag, preemption and cross-CPU calls. Sources: arch/x86/include/asm/irqflags.h, kernel/smp.c (6.12). */

const saveFlags: Intrinsic = {
  names: ['arch_local_save_flags', 'native_save_fl'],
  kind: 'intrinsic',
  // Its own flag: only this CPU's own code changes it.
  run(call) {
    const { on, off } = call.machine.arch.savedFlags;
    return call.returnsAddress(call.machine.irqsOff(call.context) ? off : on);
  },
  describe: () => 'save flags',
};

function setFlag(names: readonly string[], off: boolean): Intrinsic {
  return {
    names,
    kind: 'intrinsic',
    run(call) {
      call.machine.setIrqsOff(call.context, off);
      return PROGRESS.done;
    },
    describe: () => (off ? 'interrupts off' : 'interrupts on'),
  };
}

const preemptAdd: Intrinsic = {
  names: ['__preempt_count_add'],
  kind: 'intrinsic',
  run(call) {
    call.machine.addPreempt(call.context, call.low(0) | 0);
    return PROGRESS.done;
  },
  describe: () => 'disable preemption',
};

const preemptSub: Intrinsic = {
  names: ['__preempt_count_sub'],
  kind: 'intrinsic',
  run(call) {
    call.machine.addPreempt(call.context, -(call.low(0) | 0));
    return PROGRESS.done;
  },
  describe: () => 'enable preemption',
};

const preemptDecAndTest: Intrinsic = {
  names: ['__preempt_count_dec_and_test'],
  kind: 'intrinsic',
  run(call) {
    call.machine.addPreempt(call.context, -1);
    // Nobody else wants this CPU: there is nothing to reschedule to.
    return call.returns(0);
  },
  describe: () => 'enable preemption',
};

/**
 * Arguments: func, info, wait. To every other online CPU. Left out: the csd
 * of an earlier call without wait that is still in use, and the reordering of
 * the queue that puts waited calls first.
 */
const callFunction: Intrinsic = {
  names: ['smp_call_function'],
  kind: 'intrinsic',
  border: true,
  run(call: Call) {
    const func = functionArgument(call, 0);
    const waits = call.low(2) !== 0;
    const over = runIpi(call, {
      base: 0,
      wants: () => true,
      runsLocally: false,
      waits,
      send: (_, cpu) =>
        call.machine.send(
          cpu,
          call.context,
          func,
          call.low(1),
          call.high(1),
          call.shadow(1),
          waits,
        ),
    });
    return over === 'over' ? PROGRESS.done : over;
  },
  describe: (call) => describeIpi(call, 0, functionArgument(call, 0).name),
};

export const INTERRUPTS: readonly Intrinsic[] = [
  saveFlags,
  setFlag(['arch_local_irq_disable', 'native_irq_disable'], true),
  setFlag(['arch_local_irq_enable', 'native_irq_enable'], false),
  preemptAdd,
  preemptSub,
  preemptDecAndTest,
  callFunction,
];
