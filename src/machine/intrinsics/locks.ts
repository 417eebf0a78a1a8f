import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/**
 * Spinlocks: preemption off, then take the word; put the word back, then
 * preemption on. A CPU that spins keeps its interrupt flag, so deliveries go
 * on. Source: include/linux/spinlock_api_smp.h (6.12). Left out: the queue
 * (any waiter may be next) and lockdep.
 */

/** What traces call the lock that argument lane 0 points at. */
export function lockName(call: Call): string {
  const { machine } = call;
  const at = machine.space.translate(call.low(0), call.high(0), 4);
  return at < 0 ? 'a lock' : machine.space.nameOf(at);
}

const spinLock: Intrinsic = {
  names: ['_raw_spin_lock', '_raw_spin_lock_nested'],
  kind: 'intrinsic',
  run(call) {
    const { machine, context } = call;
    const at = call.pointer(0, 4);
    if (call.phase === 0) {
      machine.addPreempt(context, 1);
      return call.proceed(1);
    }
    // Both guards are looked at: what a parked step passes must stay the same.
    const drained = machine.model.passDrained(machine, context);
    const acquired = machine.acquire(context, at, call.shadow(0), true);
    return drained && acquired ? PROGRESS.done : PROGRESS.blocked;
  },
  describe: (call) =>
    call.phase === 0 ? `disable preemption for ${lockName(call)}` : `lock ${lockName(call)}`,
};

const spinTrylock: Intrinsic = {
  names: ['_raw_spin_trylock'],
  kind: 'intrinsic',
  run(call) {
    const { machine, context } = call;
    const at = call.pointer(0, 4);
    switch (call.phase) {
      case 0:
        machine.addPreempt(context, 1);
        return call.proceed(1);
      case 1:
        if (!machine.model.passDrained(machine, context)) return PROGRESS.blocked;
        if (machine.acquire(context, at, call.shadow(0), false)) return call.returns(1);
        return call.proceed(2);
      default:
        machine.addPreempt(context, -1);
        return call.returns(0);
    }
  },
  describe: (call) =>
    call.phase === 1 ? `try to lock ${lockName(call)}` : `preemption around ${lockName(call)}`,
};

const spinUnlock: Intrinsic = {
  names: ['_raw_spin_unlock'],
  kind: 'intrinsic',
  run(call) {
    const { machine, context } = call;
    const at = call.pointer(0, 4);
    if (call.phase === 0) {
      machine.release(context, at, call.shadow(0));
      return call.proceed(1);
    }
    machine.addPreempt(context, -1);
    return PROGRESS.done;
  },
  describe: (call) => (call.phase === 0 ? `unlock ${lockName(call)}` : 'enable preemption'),
};

export const LOCKS: readonly Intrinsic[] = [spinLock, spinTrylock, spinUnlock];
