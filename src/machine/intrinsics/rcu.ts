import type { ProgramFunction } from '../../program/link.ts';
import { UnsupportedError } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/**
 * PREEMPT_RCU, as the defconfigs have it. A grace period waits for exactly
 * the readers that were inside when it began. Source: kernel/rcu/tree_plugin.h
 * (6.12). Left out: blocked readers, boosting, expedited periods.
 */

const readLock: Intrinsic = {
  names: ['__rcu_read_lock'],
  kind: 'intrinsic',
  run(call) {
    call.machine.addRcuNest(call.context, 1);
    return PROGRESS.done;
  },
  describe: () => 'rcu_read_lock',
};

const readUnlock: Intrinsic = {
  names: ['__rcu_read_unlock'],
  kind: 'intrinsic',
  run(call) {
    call.machine.addRcuNest(call.context, -1);
    return PROGRESS.done;
  },
  describe: () => 'rcu_read_unlock',
};

const callRcu: Intrinsic = {
  names: ['call_rcu'],
  kind: 'intrinsic',
  run(call) {
    call.machine.queueCallback(
      call.context,
      functionArgument(call, 1),
      call.low(0),
      call.high(0),
      call.shadow(0),
    );
    return PROGRESS.done;
  },
  describe: (call) => `call_rcu(${functionArgument(call, 1).name})`,
};

const synchronizeRcu: Intrinsic = {
  names: ['synchronize_rcu'],
  kind: 'intrinsic',
  run(call) {
    if (call.phase === 0) {
      call.machine.mustSleep(call.context, 'synchronize_rcu');
      call.machine.startSynchronize(call.context);
      return call.proceed(1);
    }
    return call.machine.passSynchronize(call.context) ? PROGRESS.done : PROGRESS.blocked;
  },
  describe: (call) =>
    call.phase === 0
      ? 'synchronize_rcu: grace period begins'
      : 'synchronize_rcu: grace period ends',
};

/** The function that argument lane `lane` points to. */
export function functionArgument(call: Call, lane: number): ProgramFunction {
  const found = call.machine.program.functionAt(call.address(lane));
  if (!found)
    throw new UnsupportedError(
      `${call.name} is given something that is not a function of the program`,
    );
  return found;
}

export const RCU: readonly Intrinsic[] = [readLock, readUnlock, callRcu, synchronizeRcu];
