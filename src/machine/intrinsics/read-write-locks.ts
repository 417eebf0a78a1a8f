import { CLOSE, COMMUTE, OPEN, PASS, READ } from '../../explore/system.ts';
import { Violation } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';
import { lockName } from './locks.ts';

/**
 * Locks that several may hold for reading: rwlock_t here, rw_semaphore in
 * sleeping-locks.ts. One word in memory, where kernel code reads it inline:
 * the lowest byte says that a writer has it, the rest counts readers. So the
 * two gates are bytes of one word, and readers commute with each other.
 * Every operation is locked on x86 and waits for the store buffer, but for
 * giving up an rwlock_t that was held for writing, a plain store.
 *
 * Left out: that a waiting writer holds up new readers. Taking one lock for
 * reading twice, which only such a writer turns into a deadlock, is reported
 * as misuse instead, as lockdep does.
 */

/** How a kind of lock writes its word. Source: RWSEM_* of kernel/locking/rwsem.c, _QW_LOCKED and _QR_BIAS of qrwlock.h (6.12). */
export interface WordShape {
  readonly writer: number;
  readonly reader: number;
  /** Bytes of the word: a long or an int. */
  bytes(call: Call): number;
}

/** Where the least significant four bytes of the word lie. */
function wordAt(call: Call, shape: WordShape): number {
  const size = shape.bytes(call);
  const at = call.pointer(0, size);
  return call.machine.arch.target.littleEndian ? at : at + size - 4;
}

/** Logs what an operation touches: the writer's byte, the readers' bytes. */
function log(call: Call, at: number, writer: number | null, readers: number | null): void {
  const { machine } = call;
  const little = machine.arch.target.littleEndian;
  if (writer !== null) machine.access(little ? at : at + 3, 1, writer, call.shadow(0));
  if (readers !== null) machine.access(little ? at + 1 : at, 3, readers, call.shadow(0));
}

function read(call: Call, at: number): number {
  call.machine.peek(at, 4);
  return call.machine.low;
}

function set(call: Call, at: number, value: number): void {
  call.machine.poke(at, 4, value, 0, 0);
}

/** Takes it for reading; false, having logged the guard, while a writer has it. */
export function acquireRead(call: Call, shape: WordShape, mayWait: boolean): boolean {
  const { machine, context } = call;
  const at = wordAt(call, shape);
  log(call, at, mayWait ? PASS : READ, null);
  const shares = machine.heldLocks(context, true).includes(at);
  if (mayWait && shares && !machine.heldLocks(context).includes(at))
    throw new Violation(
      'lock-misuse',
      `${machine.space.nameOf(at)} is taken for reading by a CPU that has it: a writer that waits in between would hold both up`,
    );
  const value = read(call, at);
  const free = (value & 0xff) === 0;
  if (free || mayWait) log(call, at, null, COMMUTE + 3);
  if (!free) return false;
  set(call, at, value + shape.reader);
  machine.noteHeld(context, at, true);
  return true;
}

export function releaseRead(call: Call, shape: WordShape): void {
  const { machine, context } = call;
  const at = wordAt(call, shape);
  machine.dropHeld(context, at, true);
  log(call, at, null, COMMUTE + 3);
  set(call, at, read(call, at) - shape.reader);
}

/** Takes it for writing; false, having logged the guard, while anybody has it. */
export function acquireWrite(call: Call, shape: WordShape, mayWait: boolean): boolean {
  const { machine, context } = call;
  const at = wordAt(call, shape);
  const look = mayWait ? PASS : READ;
  log(call, at, look, look);
  const free = read(call, at) === 0;
  if (free || mayWait) log(call, at, CLOSE, null);
  if (!free) return false;
  set(call, at, shape.writer);
  machine.noteHeld(context, at);
  return true;
}

export function releaseWrite(call: Call, shape: WordShape): void {
  const { machine, context } = call;
  const at = wordAt(call, shape);
  machine.dropHeld(context, at);
  log(call, at, OPEN, null);
  set(call, at, read(call, at) - shape.writer);
}

/** From writer to one reader, with nobody in between. */
export function downgrade(call: Call, shape: WordShape): void {
  const { machine, context } = call;
  const at = wordAt(call, shape);
  machine.dropHeld(context, at);
  machine.noteHeld(context, at, true);
  log(call, at, OPEN, COMMUTE + 3);
  set(call, at, read(call, at) - shape.writer + shape.reader);
}

const RWLOCK: WordShape = { writer: 0xff, reader: 0x200, bytes: () => 4 };

function rwlock(
  name: string,
  what: string,
  acquire: (call: Call, shape: WordShape, mayWait: boolean) => boolean,
): Intrinsic {
  return {
    names: [name],
    kind: 'intrinsic',
    run(call) {
      const { machine, context } = call;
      if (call.phase === 0) {
        machine.addPreempt(context, 1);
        return call.proceed(1);
      }
      // Both guards are looked at: what a parked step passes must stay the same.
      const drained = machine.model.passDrained(machine, context);
      const acquired = acquire(call, RWLOCK, true);
      return drained && acquired ? PROGRESS.done : PROGRESS.blocked;
    },
    describe: (call) =>
      call.phase === 0
        ? `disable preemption for ${lockName(call)}`
        : `${what} lock ${lockName(call)}`,
  };
}

/** queued_write_unlock(): a plain store of the writer's byte. */
const writeUnlock: Intrinsic = {
  names: ['_raw_write_unlock'],
  kind: 'intrinsic',
  run(call) {
    const { machine, context } = call;
    if (call.phase === 0) {
      const at = wordAt(call, RWLOCK);
      machine.dropHeld(context, at);
      machine.model.store(machine, context, {
        at: machine.arch.target.littleEndian ? at : at + 3,
        size: 1,
        low: 0,
        high: 0,
        shadow: 0,
        pointerShadow: call.shadow(0),
        opens: true,
      });
      return call.proceed(1);
    }
    machine.addPreempt(context, -1);
    return PROGRESS.done;
  },
  describe: (call) => (call.phase === 0 ? `unlock ${lockName(call)}` : 'enable preemption'),
};

const readUnlock: Intrinsic = {
  names: ['_raw_read_unlock'],
  kind: 'intrinsic',
  run(call) {
    const { machine, context } = call;
    if (call.phase === 0) {
      if (!machine.model.passDrained(machine, context)) return PROGRESS.blocked;
      releaseRead(call, RWLOCK);
      return call.proceed(1);
    }
    machine.addPreempt(context, -1);
    return PROGRESS.done;
  },
  describe: (call) => (call.phase === 0 ? `unlock ${lockName(call)}` : 'enable preemption'),
};

export const READ_WRITE_LOCKS: readonly Intrinsic[] = [
  rwlock('_raw_read_lock', 'read', acquireRead),
  rwlock('_raw_write_lock', 'write', acquireWrite),
  readUnlock,
  writeUnlock,
];
