import { CLOSE, OPEN, PASS, READ } from '../../explore/system.ts';
import { Violation } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS, type Progress } from './intrinsic.ts';
import { lockName } from './locks.ts';
import {
  acquireRead,
  acquireWrite,
  downgrade,
  releaseRead,
  releaseWrite,
  type WordShape,
} from './read-write-locks.ts';

/**
 * Locks whose waiters sleep: rw_semaphore, mutex, and the folio lock, which
 * is bit 0 of the page's flags. Taking one where sleeping is forbidden is
 * `sleep-in-atomic` whether or not it would have had to wait, as
 * might_sleep() has it; trying never sleeps. A waiter keeps interrupts on
 * and is no RCU reader. Sources: kernel/locking/rwsem.c, mutex.c,
 * mm/filemap.c (6.12). Left out: queues and who is next, optimistic
 * spinning, signals, and what the CPU does while its task sleeps.
 */

const RWSEM: WordShape = {
  writer: 1,
  reader: 0x100,
  bytes: (call) => call.machine.arch.target.pointerBits / 8,
};

/** Whether the function must be able to sleep and does so while it waits. */
type Manner = 'sleeps' | 'tries';

function take(
  names: readonly string[],
  manner: Manner,
  what: string,
  acquire: (call: Call, mayWait: boolean) => boolean,
): Intrinsic {
  return {
    names,
    kind: 'intrinsic',
    run(call): Progress {
      const { machine, context } = call;
      if (manner === 'sleeps') machine.mustSleep(context, call.name);
      // Both guards are looked at: what a parked step passes must stay the same.
      const drained = machine.model.passDrained(machine, context);
      const taken = acquire(call, manner === 'sleeps');
      if (!drained) return PROGRESS.blocked;
      if (manner === 'tries') return call.returns(taken ? 1 : 0);
      // The killable and interruptible kinds return 0: nobody sends signals.
      return taken ? call.returns(0) : PROGRESS.blocked;
    },
    describe: (call) =>
      `${manner === 'tries' ? 'try to ' : ''}lock ${lockName(call)}${what === '' ? '' : ` for ${what}`}`,
  };
}

function give(names: readonly string[], release: (call: Call) => void): Intrinsic {
  return {
    names,
    kind: 'intrinsic',
    run(call) {
      const { machine } = call;
      if (!machine.model.passDrained(machine, call.context)) return PROGRESS.blocked;
      release(call);
      return PROGRESS.done;
    },
    describe: (call) => `unlock ${lockName(call)}`,
  };
}

/** A mutex is its owner's word. Any holder looks alike: nothing asks who it is. */
const MUTEX_HELD = 8;

function acquireMutex(call: Call, mayWait: boolean): boolean {
  const { machine, context } = call;
  const size = machine.arch.target.pointerBits / 8;
  const at = call.pointer(0, size);
  machine.access(at, size, mayWait ? PASS : READ, call.shadow(0));
  machine.peek(at, size);
  const free = machine.low === 0;
  if (free || mayWait) machine.access(at, size, CLOSE, call.shadow(0));
  if (!free) return false;
  machine.poke(at, size, MUTEX_HELD, 0, 0);
  machine.noteHeld(context, at);
  return true;
}

function releaseMutex(call: Call): void {
  const { machine } = call;
  const size = machine.arch.target.pointerBits / 8;
  const at = call.pointer(0, size);
  machine.dropHeld(call.context, at);
  machine.access(at, size, OPEN, call.shadow(0));
  machine.poke(at, size, 0, 0, 0);
}

/** The byte of a folio's flags that has PG_locked. */
function lockedByte(call: Call): number {
  const size = call.machine.arch.target.pointerBits / 8;
  const at = call.pointer(0, size);
  return call.machine.arch.target.littleEndian ? at : at + size - 1;
}

/**
 * The slow path of folio_lock(): waits for the bit and sets it. Who holds it
 * is not kept: the kernel lets another task unlock a folio.
 */
function acquireFolio(call: Call): boolean {
  const { machine } = call;
  const at = lockedByte(call);
  machine.access(at, 1, PASS, call.shadow(0));
  machine.access(at, 1, CLOSE, call.shadow(0));
  machine.peek(at, 1);
  if (machine.low & 1) return false;
  machine.poke(at, 1, machine.low | 1, 0, 0);
  return true;
}

const folioUnlock: Intrinsic = {
  names: ['folio_unlock'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    if (!machine.model.passDrained(machine, call.context)) return PROGRESS.blocked;
    const at = lockedByte(call);
    machine.access(at, 1, OPEN, call.shadow(0));
    machine.peek(at, 1);
    if ((machine.low & 1) === 0)
      throw new Violation('lock-misuse', `${lockName(call)} is unlocked, and nobody has locked it`);
    machine.poke(at, 1, machine.low & ~1, 0, 0);
    return PROGRESS.done;
  },
  describe: (call) => `unlock the folio: ${lockName(call)}`,
};

const mightSleep: Intrinsic = {
  names: ['__might_sleep', '__might_resched'],
  kind: 'intrinsic',
  run(call) {
    call.machine.mustSleep(call.context, call.caller?.name ?? call.name);
    return PROGRESS.done;
  },
  describe: () => 'may sleep',
};

export const SLEEPING_LOCKS: readonly Intrinsic[] = [
  take(['down_read', 'down_read_killable'], 'sleeps', 'reading', (call, waits) =>
    acquireRead(call, RWSEM, waits),
  ),
  take(['down_read_trylock'], 'tries', 'reading', (call, waits) => acquireRead(call, RWSEM, waits)),
  take(['down_write', 'down_write_killable'], 'sleeps', 'writing', (call, waits) =>
    acquireWrite(call, RWSEM, waits),
  ),
  take(['down_write_trylock'], 'tries', 'writing', (call, waits) =>
    acquireWrite(call, RWSEM, waits),
  ),
  give(['up_read'], (call) => releaseRead(call, RWSEM)),
  give(['up_write'], (call) => releaseWrite(call, RWSEM)),
  give(['downgrade_write'], (call) => downgrade(call, RWSEM)),
  take(['mutex_lock'], 'sleeps', '', acquireMutex),
  take(['mutex_trylock'], 'tries', '', acquireMutex),
  give(['mutex_unlock'], releaseMutex),
  take(['__folio_lock'], 'sleeps', '', acquireFolio),
  folioUnlock,
  mightSleep,
];
