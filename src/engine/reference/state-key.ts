import { BUFFER_ENTRIES, BUFFER_WORDS } from '../../machine/cells.ts';
import type { Machine } from '../../machine/machine.ts';
import { LANE } from '../../program/code.ts';
import { CONTEXT, FRAME, type Frames, INTRINSIC_FRAME, isInterrupt, RUNNING } from './frames.ts';
import type { Spins } from './spin.ts';

/**
 * The exact key of a state: the words of memory and cells that differ from
 * the initial state, and of each context the frames with the lanes that
 * somebody may still read. Two states with one key behave alike for ever.
 */
export class StateKey {
  readonly #machine: Machine;
  readonly #frames: Frames;
  #buffer: Uint32Array = new Uint32Array(1 << 12);
  #length = 0;

  /** Set once: it needs keys itself. */
  spins: Spins | null = null;

  constructor(machine: Machine, frames: Frames) {
    this.#machine = machine;
    this.#frames = frames;
  }

  #put(value: number): void {
    if (this.#length === this.#buffer.length) {
      const grown = new Uint32Array(this.#buffer.length * 2);
      grown.set(this.#buffer);
      this.#buffer = grown;
    }
    this.#buffer[this.#length++] = value;
  }

  /** The state without what spinning contexts wait for: whether an iteration led back is asked of this. */
  bare(): Uint8Array {
    this.#putState();
    return new Uint8Array(this.#buffer.slice(0, this.#length).buffer);
  }

  #putState(): void {
    this.#length = 0;
    for (let context = 0; context < this.#machine.boot; context++) this.#putContext(context);
    this.#putWords();
    this.#putBuffers();
  }

  /**
   * Per context with stores on their way: number + 1, count, the entries. How
   * many came before them is no part of the state; what is saved says that as
   * well, and has the entries since the context last waited for all.
   */
  #putBuffers(numbered = false): void {
    const machine = this.#machine;
    for (let context = 0; context < machine.boot; context++) {
      const first = machine.storesDrained(context);
      const last = machine.storesIssued(context);
      if (first === last && !(numbered && last > 0)) continue;
      this.#put(context + 1);
      if (numbered) {
        this.#put(first);
        this.#put(machine.storesFenced(context));
      }
      this.#put(last - first);
      const from = numbered ? oldestKept(machine.storesFenced(context), last) : first;
      for (let number = from; number < last; number++) {
        const entry = machine.bufferEntry(context, number);
        for (let word = 0; word < BUFFER_WORDS; word++) this.#put(machine.words.at[entry + word]!);
      }
    }
    this.#put(0);
  }

  /** Per waiting stream: number + 1 with its flag, the guard's length, the guard. A 0 ends the list. */
  #putSpins(): void {
    for (let stream = 0; stream < this.#machine.streamCount; stream++) {
      const found = this.spins?.guardOf(stream);
      if (!found) continue;
      this.#put(((stream + 1) << 1) | (found.woken ? 1 : 0));
      this.#put(found.guard.length);
      for (const word of found.guard) this.#put(word);
    }
    this.#put(0);
  }

  write(out: Uint8Array): number {
    this.#putState();
    this.#putSpins();
    const bytes = this.#length * 4;
    if (bytes > out.length) throw new RangeError(`a state key of ${bytes} bytes`);
    out.set(new Uint8Array(this.#buffer.buffer, 0, bytes));
    return bytes;
  }

  /**
   * Counts of what an execution did are saved, and are in no key. Of a store
   * that a grace period waits for, a key says how many are before it in the
   * buffer, nothing once it is in memory.
   */
  #putWords(whole = false): void {
    const { words, rounds } = this.#machine;
    for (const word of words.dirty()) {
      const value = words.at[word]!;
      if (value === words.initialOf(word) || this.#machine.isHiddenWord(word)) continue;
      const context = whole ? -1 : this.#machine.gracePeriods.awaitedBy(word);
      if (!whole && rounds.owns(word)) continue;
      const left = context < 0 ? value : value - this.#machine.storesDrained(context);
      if (context >= 0 && left <= 0) continue;
      this.#put(word);
      this.#put(left);
    }
  }

  /** Each context ends with a 0, which no frame's first word is: ids are stored plus one. */
  #putContext(context: number): void {
    const words = this.#machine.words.at;
    const header = (field: number): number => this.#frames.header(context, field);
    this.#put(
      header(CONTEXT.status) |
        (header(CONTEXT.handler) << 4) |
        (header(CONTEXT.resume) << 8) |
        (header(CONTEXT.halted) << 12) |
        (header(CONTEXT.nmi) << 20),
    );
    if (header(CONTEXT.status) !== RUNNING) return;
    let frame = header(CONTEXT.frame);
    let top = header(CONTEXT.top);
    let isTop = true;
    while (frame !== 0) {
      const id = words[frame + FRAME.id]!;
      this.#put(id + 1);
      this.#put(words[frame + FRAME.pc]!);
      if (id & INTRINSIC_FRAME) {
        for (let word = frame + FRAME.half; word < top; word++) this.#put(words[word]!);
      } else this.#putLanes(frame, id, isTop);
      // What an interrupt came upon has not run its instruction yet, unlike a caller.
      isTop = isInterrupt(id);
      top = frame;
      frame = words[frame + FRAME.previous]!;
    }
    this.#put(0);
  }

  #putLanes(frame: number, id: number, isTop: boolean): void {
    const words = this.#machine.words.at;
    const code = this.#machine.program.functions[id]!.code();
    const pc = words[frame + FRAME.pc]!;
    const half = words[frame + FRAME.half]!;
    this.#put(half);
    const alive = isTop ? code.alive(pc) : code.aliveAfter(pc);
    for (const lane of alive)
      for (let word = 0; word < LANE; word++) this.#put(words[frame + lane + word]!);
    // Half of a wide load is in its lane already.
    const { dst } = code.insns[pc]!;
    if (half !== 0 && dst >= 0)
      for (let word = 0; word < LANE; word++) this.#put(words[frame + dst + word]!);
  }

  /** Shape: words. Count of differing words, those as pairs, then each context's block with its length before it. */
  save(): Uint8Array {
    this.#length = 0;
    this.#put(0);
    this.#putWords(true);
    this.#buffer[0] = (this.#length - 1) / 2;
    const words = this.#machine.words.at;
    for (let context = 0; context < this.#machine.boot; context++) {
      const at = this.#machine.contextAt(context);
      const top = words[at + CONTEXT.top]!;
      this.#put(top - at);
      for (let word = at; word < top; word++) this.#put(words[word]!);
    }
    this.#putBuffers(true);
    this.#putSpins();
    for (const word of this.spins?.saveChain() ?? []) this.#put(word);
    return new Uint8Array(this.#buffer.slice(0, this.#length).buffer);
  }

  load(bytes: Uint8Array): void {
    const saved = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const { words } = this.#machine;
    const count = saved[0]!;
    const end = 1 + count * 2;
    // Both lists ascend: words in neither go back to their initial value.
    let next = 1;
    for (const word of words.dirty().slice()) {
      while (next < end && saved[next]! < word) {
        words.set(saved[next]!, saved[next + 1]!);
        next += 2;
      }
      if (next < end && saved[next] === word) {
        words.set(word, saved[next + 1]!);
        next += 2;
      } else words.set(word, words.initialOf(word));
    }
    for (; next < end; next += 2) words.set(saved[next]!, saved[next + 1]!);
    let at = end;
    for (let context = 0; context < this.#machine.boot; context++) {
      const length = saved[at++]!;
      this.#frames.save(context);
      words.at.set(saved.subarray(at, at + length), this.#machine.contextAt(context));
      at += length;
    }
    at = this.#loadBuffers(saved, at);
    while (saved[at] !== 0) {
      const head = saved[at]!;
      const length = saved[at + 1]!;
      this.spins!.setGuard(
        (head >>> 1) - 1,
        saved.slice(at + 2, at + 2 + length),
        (head & 1) === 1,
      );
      at += 2 + length;
    }
    this.spins!.loadChain(saved, at + 1);
  }

  /** Returns where the list ends. */
  #loadBuffers(saved: Uint32Array, from: number): number {
    const machine = this.#machine;
    let at = from;
    while (saved[at] !== 0) {
      const context = saved[at++]! - 1;
      const first = saved[at++]!;
      const fenced = saved[at++]!;
      const last = first + saved[at++]!;
      machine.setStoresIssued(context, last);
      machine.setStoresDrained(context, first);
      machine.setStoresFenced(context, fenced);
      for (let number = oldestKept(fenced, last); number < last; number++) {
        const entry = machine.bufferEntry(context, number);
        for (let word = 0; word < BUFFER_WORDS; word++)
          machine.words.set(entry + word, saved[at++]!);
      }
    }
    return at + 1;
  }
}

/** The first store of which a context's buffer still has the entry, of those since number `fenced`. */
function oldestKept(fenced: number, issued: number): number {
  return Math.max(fenced, issued - BUFFER_ENTRIES, 0);
}
