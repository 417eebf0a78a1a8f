/**
 * All of the machine's state is one array of 32-bit words, so that undoing,
 * saving and comparing states are one mechanism each. Who writes a word
 * outside a saved block must log it here first.
 */
export class Words {
  readonly at: Uint32Array;
  #log: Uint32Array = new Uint32Array(1 << 16);
  #length = 0;
  #longest = 0;
  /** Words ever written with `set`, as a set that only grows, and in ascending order on demand. */
  readonly #dirtyBits: Uint8Array;
  #dirty: number[] = [];
  #dirtySorted = true;
  #initial: Uint32Array = new Uint32Array(0);

  constructor(count: number) {
    this.at = new Uint32Array(count);
    this.#dirtyBits = new Uint8Array(count);
  }

  /** Declares the present contents to be the initial state, and forgets the past. Words written so far stay in `dirty`: freeing a frame of setup's must find them. */
  freeze(): void {
    this.#initial = this.at.slice();
    this.#length = 0;
  }

  /** Back to the initial state. Cost: the words ever changed. */
  reset(): void {
    for (const word of this.#dirty) this.at[word] = this.#initial[word]!;
    this.#length = 0;
  }

  initialOf(word: number): number {
    return this.#initial[word]!;
  }

  set(word: number, value: number): void {
    if (this.at[word] === value >>> 0) return;
    this.#push(word, this.at[word]!);
    this.#note(word);
    this.at[word] = value;
  }

  #note(word: number): void {
    if (this.#dirtyBits[word]) return;
    this.#dirtyBits[word] = 1;
    if (this.#dirty.length > 0 && this.#dirty[this.#dirty.length - 1]! > word)
      this.#dirtySorted = false;
    this.#dirty.push(word);
  }

  #push(first: number, second: number): void {
    if (this.#length + 2 > this.#log.length) this.#grow(2);
    this.#log[this.#length++] = second;
    this.#log[this.#length++] = first;
  }

  #grow(more: number): void {
    const grown = new Uint32Array(Math.max(this.#log.length * 2, this.#length + more));
    grown.set(this.#log);
    this.#log = grown;
  }

  /** Saves `[from, to)` whole, after which those words may be written without `set`. */
  saveBlock(from: number, to: number): void {
    const count = to - from;
    if (this.#length + count + 2 > this.#log.length) this.#grow(count + 2);
    // A view of the words costs more than copying some of them.
    if (count > VIEW_FROM) this.#log.set(this.at.subarray(from, to), this.#length);
    else for (let i = 0; i < count; i++) this.#log[this.#length + i] = this.at[from + i]!;
    this.#length += count;
    this.#log[this.#length++] = from;
    // The top bit tells a block from a single word; no word has such a number.
    this.#log[this.#length++] = (BLOCK | count) >>> 0;
  }

  mark(): number {
    if (this.#length > this.#longest) this.#longest = this.#length;
    return this.#length;
  }

  /** Bytes of the longest log that anybody could rewind. */
  get longestBytes(): number {
    return this.#longest * 4;
  }

  rewind(mark: number): void {
    const log = this.#log;
    while (this.#length > mark) {
      const last = log[--this.#length]!;
      const value = log[--this.#length]!;
      if (last & BLOCK) {
        const count = last & ~BLOCK;
        this.#length -= count;
        if (count > VIEW_FROM) this.at.set(log.subarray(this.#length, this.#length + count), value);
        else for (let i = 0; i < count; i++) this.at[value + i] = log[this.#length + i]!;
      } else this.at[last] = value;
    }
  }

  /** Words of `[from, to)` that were ever written with `set`, ascending. Shape: shared, not to be kept. */
  dirty(): readonly number[] {
    if (!this.#dirtySorted) {
      this.#dirty.sort((a, b) => a - b);
      this.#dirtySorted = true;
    }
    return this.#dirty;
  }
}

const BLOCK = 0x80000000;
const VIEW_FROM = 64;
