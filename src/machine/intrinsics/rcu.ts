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
    // The count of callbacks is fully ordered against what the caller does
    // before and after: rcu_segcblist_add_len, kernel/rcu/rcu_segcblist.c (6.12).
    if (!call.machine.model.passDrained(call.machine, call.context)) return PROGRESS.blocked;
    call.machine.gracePeriods.queueCallback(
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
    const { gracePeriods } = call.machine;
    if (call.phase === 0) {
      call.machine.mustSleep(call.context, 'synchronize_rcu');
      // smp_mb() of rcu_seq_snap, kernel/rcu/rcu.h (6.12).
      if (!call.machine.model.passDrained(call.machine, call.context)) return PROGRESS.blocked;
      gracePeriods.startSynchronize(call.context);
      return call.proceed(1);
    }
    if (call.phase === 1) {
      if (!gracePeriods.passSynchronize(call.context)) return PROGRESS.blocked;
      return gracePeriods.synchronizeAwaitsStores(call.context) ? call.proceed(2) : PROGRESS.done;
    }
    return gracePeriods.passSynchronizedStores(call.context) ? PROGRESS.done : PROGRESS.blocked;
  },
  describe(call) {
    if (call.phase === 0) return 'synchronize_rcu: grace period begins';
    const more =
      call.phase === 1 && call.machine.gracePeriods.synchronizeAwaitsStores(call.context);
    return `synchronize_rcu: ${more ? 'the readers have left' : 'grace period ends'}`;
  },
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
