import { ARRIVE, CLOSE, LOAD, OPEN, PASS, READ, WRITE } from '../../explore/system.ts';
import { BUFFER_ENTRIES, BUFFER_OPENS } from '../cells.ts';
import type { Machine } from '../machine.ts';
import { SPACE, STORES_PER_CONTEXT, storeCell } from '../spaces.ts';
import { Cut, Violation } from '../violation.ts';
import type { MemoryModel } from './memory-model.ts';
import { sc } from './sc.ts';

/**
 * x86-TSO: a first-in first-out store buffer per CPU. A load is answered by
 * the newest own store that covers it, else by memory; one that an own store
 * covers in part waits until that store is in memory. Locked operations and
 * fences wait until the buffer is empty. Sources: Owens, Sarkar, Sewell, "A
 * better x86 memory model: x86-TSO", TPHOLs 2009; Intel SDM volume 3, 8.2 and
 * 11.10 (store buffer), and for the load covered in part the optimization
 * manual, 3.6.4 (store forwarding).
 *
 * Stores to places that only the actors of one CPU touch do not enter the
 * buffer: no one else could tell, and a handler begins when it is empty. The
 * buffer has no bound in the model; more pending stores than there is room for
 * are a cut, never a wait.
 *
 * A load and the arrival of a store of its own context commute: the load finds
 * the same value before, in the buffer, and after, in memory, and in both
 * cases touches the place in memory, LOAD against ARRIVE. Not so where a store
 * covers a load in part, which the arrival then allows, nor where the history
 * of entry values is asked, which records arrivals: there a load touches
 * memory like anybody's, and the buffer's entry if that answers it.
 */

/** Words of an entry. */
const AT = 0;
const SIZE = 1;
const LOW = 2;
const HIGH = 3;
const SHADOW = 4;
const POINTER = 5;
const OPENS = BUFFER_OPENS;
/** What the last word says. */
const RELEASE = 1;
const OF_USER = 2;
/** A handler's answer to its sender, who is the entry's place. */
const ANSWERS = 3;

/**
 * Logs the cell of a store on its way: the store, which opens the way for it,
 * its arrival in memory, and loads that it answers.
 */
function recordEntry(machine: Machine, mode: number, context: number, number: number): void {
  machine.recordCell(SPACE.buffer, mode, storeCell(context, number));
}

/** The number of the newest store from number `first` on that covers some of these bytes; -1 for none. */
function newestFor(
  machine: Machine,
  context: number,
  first: number,
  at: number,
  size: number,
): number {
  for (let number = machine.storesIssued(context) - 1; number >= first; number--)
    if (covers(machine, machine.bufferEntry(context, number), at, size) !== 'none') return number;
  return -1;
}

/** The number of the oldest store that may have been on its way since the last time all were waited for. */
function oldestUnfenced(machine: Machine, context: number): number {
  const oldest = machine.storesIssued(context) - BUFFER_ENTRIES;
  return Math.max(machine.storesFenced(context), oldest, 0);
}

function covers(
  machine: Machine,
  entry: number,
  at: number,
  size: number,
): 'all' | 'part' | 'none' {
  const words = machine.words.at;
  const start = words[entry + AT]!;
  const end = start + words[entry + SIZE]!;
  if (at >= end || at + size <= start) return 'none';
  return at >= start && at + size <= end ? 'all' : 'part';
}

/** Takes `size` bytes out of an entry's value. */
function forward(machine: Machine, entry: number, at: number, size: number): void {
  const words = machine.words.at;
  const from = at - words[entry + AT]!;
  // In a big-endian store the bytes at the end are the low ones.
  const { littleEndian } = machine.arch.target;
  const shift = BigInt((littleEndian ? from : words[entry + SIZE]! - from - size) * 8);
  const value = BigInt.asUintN(
    size * 8,
    ((BigInt(words[entry + HIGH]!) << 32n) | BigInt(words[entry + LOW]!)) >> shift,
  );
  machine.low = Number(value & 0xffffffffn);
  machine.high = Number(value >> 32n);
  machine.shadow = words[entry + SHADOW]!;
}

/** Whether some load of these bytes has found one of its context's stores to cover them in part. */
function isMixed(machine: Machine, at: number, size: number): boolean {
  for (let granule = at >> 3; granule <= (at + size - 1) >> 3; granule++)
    if (machine.watch.isMixed(granule)) return true;
  return false;
}

/** Whether the values that an entry had are asked for as well, not its bytes alone. */
function asksHistory(machine: Machine): boolean {
  return machine.inReader && machine.history !== null;
}

/** Notes such a load. What loads of these bytes touch changes with that, so the search starts again. */
function noteMixed(machine: Machine, at: number, size: number): void {
  if (machine.actor < 0 || machine.dry) return;
  for (let granule = at >> 3; granule <= (at + size - 1) >> 3; granule++)
    if (machine.watch.mix(granule)) machine.restart = true;
}

/**
 * A load of bytes where stores of the own context cover loads in part. What it
 * waits for must not depend on when stores arrive, so those that have arrived
 * are looked at as well, back to the last time all were waited for.
 */
function loadMixed(
  machine: Machine,
  context: number,
  at: number,
  size: number,
  pointerShadow: number,
): boolean {
  const number = newestFor(machine, context, oldestUnfenced(machine, context), at, size);
  // The other half could be loaded meanwhile, and an actor waits for all its choices or for none.
  const isHalf = machine.choices > 1;
  if (!isHalf && machine.isInterruptible(context)) passAllStores(machine, context);
  if (number < 0) return sc.load(machine, context, at, size, pointerShadow);
  const entry = machine.bufferEntry(context, number);
  const isPending = number >= machine.storesDrained(context);
  recordEntry(machine, READ, context, number);
  if (covers(machine, entry, at, size) === 'part') {
    machine.accessFrame(at, pointerShadow);
    if (isHalf && isPending)
      throw new Cut('a load in two halves, one of them in part still on its way to memory');
    if (!isHalf) machine.passStores(context, number, number + 1);
    if (isPending) return false;
  } else if (isPending) {
    if (asksHistory(machine)) machine.access(at, size, READ, pointerShadow);
    else machine.accessFrame(at, pointerShadow);
    forward(machine, entry, at, size);
    return true;
  }
  return sc.load(machine, context, at, size, pointerShadow);
}

/**
 * Passes all stores of a context, those to come as well. What it has waited
 * for is its own affair, and an interrupt's stores are between its own; none
 * of that may change what somebody else passes, or an interrupted step.
 */
function passAllStores(machine: Machine, context: number): void {
  machine.passStores(context, 0, STORES_PER_CONTEXT);
}

/** Puts an entry's words at the end of a context's buffer. */
function issue(machine: Machine, context: number, words: readonly number[]): void {
  const number = machine.storesIssued(context);
  // Whether there is room is another drain's doing.
  if (number >= BUFFER_ENTRIES) recordEntry(machine, READ, context, number - BUFFER_ENTRIES);
  if (number - machine.storesDrained(context) === BUFFER_ENTRIES) {
    throw new Cut(`more than ${BUFFER_ENTRIES} stores of one CPU on their way to memory`);
  }
  if (number + 1 >= STORES_PER_CONTEXT)
    throw new Cut(`more than ${STORES_PER_CONTEXT} stores of one CPU`);
  recordEntry(machine, OPEN, context, number);
  machine.recordCell(SPACE.stores, CLOSE, storeCell(context, number));
  const entry = machine.bufferEntry(context, number);
  words.forEach((word, i) => {
    machine.words.set(entry + i, word);
  });
  machine.setStoresIssued(context, number + 1);
}

/** Brings an entry's store to memory. Fails: throws `Violation` where that is wrong by now. */
function arrive(machine: Machine, context: number, entry: number): void {
  const words = machine.words.at;
  const at = words[entry + AT]!;
  const size = words[entry + SIZE]!;
  try {
    const mode = words[entry + OPENS] === RELEASE ? OPEN : ARRIVE + context;
    machine.access(at, size, mode, words[entry + POINTER]!);
  } catch (error) {
    if (!(error instanceof Violation) || words[entry + OPENS] !== OF_USER) throw error;
    const detail = `a store of user space, on its way since it was translated, arrives too late: ${error.detail}`;
    throw new Violation('stale-translation', detail);
  }
  machine.poke(at, size, words[entry + LOW]!, words[entry + HIGH]!, words[entry + SHADOW]!);
}

export const tso: MemoryModel = {
  name: 'tso',

  load(machine, context, at, size, pointerShadow) {
    // A handler that is one step begins with an empty buffer and ends with one:
    // of what it stores, others notice one store at most, which may as well arrive at once.
    if (machine.noticed >= 0) return sc.load(machine, context, at, size, pointerShadow);
    const newest = newestFor(machine, context, oldestUnfenced(machine, context), at, size);
    const entry = newest < 0 ? -1 : machine.bufferEntry(context, newest);
    // One that has arrived counts as well: it commutes with this load until
    // the two are known not to, so no other order of them may ever be tried.
    const inPart = newest >= 0 && covers(machine, entry, at, size) === 'part';
    if (inPart) noteMixed(machine, at, size);
    if (inPart || isMixed(machine, at, size))
      return loadMixed(machine, context, at, size, pointerShadow);
    const isPending = newest >= machine.storesDrained(context);
    if (!asksHistory(machine)) {
      const isSeen = machine.mutation !== 'forwarded-unseen' || !isPending;
      if (isSeen) machine.access(at, size, LOAD + context, pointerShadow);
    } else {
      machine.access(at, size, READ, pointerShadow);
      if (isPending) recordEntry(machine, READ, context, newest);
    }
    if (isPending) forward(machine, entry, at, size);
    else machine.peek(at, size);
    return true;
  },

  store(machine, context, store) {
    if (machine.noticed >= 0) return sc.store(machine, context, store);
    const { at, size, low, high, shadow, pointerShadow, opens } = store;
    if (context === machine.boot || !machine.isPlaceCrossed(at, size)) {
      machine.access(at, size, opens ? OPEN : WRITE, pointerShadow);
      machine.poke(at, size, low, high, shadow);
      return;
    }
    machine.accessFrame(at, pointerShadow);
    const kind = opens ? RELEASE : store.isUser ? OF_USER : 0;
    issue(machine, context, [at, size, low, high, shadow, pointerShadow, kind]);
    if (machine.mutation === 'walker-sees-buffer') {
      machine.peek(at, size);
      const old = [machine.low, machine.high, machine.shadow] as const;
      machine.poke(at, size, low, high, shadow);
      machine.poke(at, size, ...old);
    }
  },

  acknowledge(machine, context, sender) {
    // Nothing that the handler stored can still be on its way.
    if (machine.noticed >= 0 || machine.isFenced(context)) machine.acknowledge(sender, context);
    else issue(machine, context, [sender, 0, 0, 0, 0, 0, ANSWERS]);
  },

  passDrained(machine, context) {
    if (machine.noticed >= 0 || machine.mutation === 'locked-does-not-drain') return true;
    // Nothing was issued since the last time: no drain can have allowed this.
    if (machine.isFenced(context)) return true;
    if (machine.isInterruptible(context)) passAllStores(machine, context);
    else machine.passStores(context, machine.storesFenced(context), machine.storesIssued(context));
    if (this.isPending(machine, context)) return false;
    machine.setFenced(context);
    return true;
  },

  passDrainedFrom(machine, context) {
    // A store that comes earlier forbids this.
    passAllStores(machine, context);
    return !this.isPending(machine, context);
  },

  ownView(machine, context, at) {
    machine.peek(at, 8);
    const bytes = new DataView(new ArrayBuffer(8));
    const { littleEndian } = machine.arch.target;
    bytes.setUint32(littleEndian ? 0 : 4, machine.low, littleEndian);
    bytes.setUint32(littleEndian ? 4 : 0, machine.high, littleEndian);
    const last = machine.storesIssued(context);
    for (let number = machine.storesDrained(context); number < last; number++) {
      const entry = machine.bufferEntry(context, number);
      if (covers(machine, entry, at, 8) === 'none') continue;
      const from = machine.words.at[entry + AT]!;
      for (let byte = from; byte < from + machine.words.at[entry + SIZE]!; byte++) {
        if (byte < at || byte >= at + 8) continue;
        forward(machine, entry, byte, 1);
        bytes.setUint8(byte - at, machine.low);
      }
    }
    const half = (high: boolean): number =>
      bytes.getUint32(high === littleEndian ? 4 : 0, littleEndian);
    return { low: half(false), high: half(true) };
  },

  isUnfenced: (machine, context) => !machine.isFenced(context),

  isPending: (machine, context) => machine.storesIssued(context) !== machine.storesDrained(context),

  drain(machine, context) {
    const number = machine.storesDrained(context);
    const entry = machine.bufferEntry(context, number);
    const words = machine.words.at;
    recordEntry(machine, PASS, context, number);
    recordEntry(machine, WRITE, context, number);
    machine.recordCell(SPACE.stores, OPEN, storeCell(context, number));
    machine.setStoresDrained(context, number + 1);
    if (words[entry + OPENS] === ANSWERS) return machine.acknowledge(words[entry + AT]!, context);
    try {
      arrive(machine, context, entry);
    } catch (error) {
      if (error instanceof Violation) machine.closeHalted(context);
      throw error;
    }
  },

  oldest(machine, context) {
    if (!this.isPending(machine, context)) return null;
    const entry = machine.bufferEntry(context, machine.storesDrained(context));
    const words = machine.words.at;
    const answers = words[entry + OPENS] === ANSWERS ? words[entry + AT]! : -1;
    return {
      at: words[entry + AT]!,
      low: words[entry + LOW]!,
      high: words[entry + HIGH]!,
      answers,
    };
  },
};
