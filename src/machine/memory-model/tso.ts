import { CLOSE, OPEN, PASS, READ, WRITE } from '../../explore/system.ts';
import { BUFFER_ENTRIES, BUFFER_OPENS } from '../cells.ts';
import type { Machine } from '../machine.ts';
import { SPACE } from '../spaces.ts';
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
 * buffer: no one else could tell, and a handler begins when it is empty. The buffer has no bound in the model; more pending
 * stores than there is room for are a cut, never a wait.
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

function entryCell(context: number, number: number): number {
  return context * 0x10000 + (number & 0xffff);
}

/** Logs the cell of a store on its way: the store, its arrival in memory, and loads that it answers. */
function recordEntry(machine: Machine, mode: number, context: number, number: number): void {
  machine.recordCell(SPACE.buffer, mode, entryCell(context, number));
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

/** Puts an entry's words at the end of a context's buffer. */
function issue(machine: Machine, context: number, words: readonly number[]): void {
  const number = machine.storesIssued(context);
  if (number - machine.storesDrained(context) === BUFFER_ENTRIES) {
    throw new Cut(`more than ${BUFFER_ENTRIES} stores of one CPU on their way to memory`);
  }
  recordEntry(machine, WRITE, context, number);
  machine.recordCell(SPACE.drained, CLOSE, context);
  const entry = machine.bufferEntry(context, number);
  words.forEach((word, i) => {
    machine.words.set(entry + i, word);
  });
  machine.setStoresIssued(context, number + 1);
}

export const tso: MemoryModel = {
  name: 'tso',

  load(machine, context, at, size, pointerShadow) {
    // A handler that is one step begins with an empty buffer and ends with one:
    // of what it stores, others notice one store at most, which may as well arrive at once.
    if (machine.noticed >= 0) return sc.load(machine, context, at, size, pointerShadow);
    for (
      let number = machine.storesIssued(context) - 1;
      number >= machine.storesDrained(context);
      number--
    ) {
      const entry = machine.bufferEntry(context, number);
      const covered = covers(machine, entry, at, size);
      if (covered === 'none') continue;
      machine.accessFrame(at, pointerShadow);
      recordEntry(machine, READ, context, number);
      if (covered === 'all') {
        forward(machine, entry, at, size);
        return true;
      }
      machine.recordCell(SPACE.drained, PASS, context);
      return false;
    }
    machine.access(at, size, READ, pointerShadow);
    machine.peek(at, size);
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
    machine.recordCell(SPACE.drained, PASS, context);
    if (this.isPending(machine, context)) return false;
    machine.setFenced(context);
    return true;
  },

  passDrainedFrom(machine, context) {
    // Always logged, also before the first store: a store that comes earlier
    // forbids this, and what the context has waited for itself is its own
    // affair, which must not change what this touches.
    machine.recordCell(SPACE.drained, PASS, context);
    return !this.isPending(machine, context);
  },

  isUnfenced: (machine, context) => !machine.isFenced(context),

  isPending: (machine, context) => machine.storesIssued(context) !== machine.storesDrained(context),

  drain(machine, context) {
    const number = machine.storesDrained(context);
    const entry = machine.bufferEntry(context, number);
    const words = machine.words.at;
    recordEntry(machine, WRITE, context, number);
    machine.recordCell(SPACE.drained, OPEN, context);
    machine.setStoresDrained(context, number + 1);
    const at = words[entry + AT]!;
    if (words[entry + OPENS] === ANSWERS) return machine.acknowledge(at, context);
    const size = words[entry + SIZE]!;
    try {
      const mode = words[entry + OPENS] === RELEASE ? OPEN : WRITE;
      machine.access(at, size, mode, words[entry + POINTER]!);
    } catch (error) {
      if (!(error instanceof Violation) || words[entry + OPENS] !== OF_USER) throw error;
      const detail = `a store of user space, on its way since it was translated, arrives too late: ${error.detail}`;
      throw new Violation('stale-translation', detail);
    }
    machine.poke(at, size, words[entry + LOW]!, words[entry + HIGH]!, words[entry + SHADOW]!);
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
