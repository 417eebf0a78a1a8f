import { Cut } from './violation.ts';
import type { Words } from './words.ts';

/**
 * Ghost state for torn entries: every present value that each eight-byte
 * entry of a frame has had. Only machines that read entries in halves keep
 * it. Unbounded in principle; the room is checked, never silently exceeded.
 */
export class EntryHistory {
  static readonly ENTRIES = 256;
  static readonly WORDS: number = 1 + EntryHistory.ENTRIES * 3;
  readonly #words: Words;
  readonly #at: number;

  constructor(words: Words, at: number) {
    this.#words = words;
    this.#at = at;
  }

  has(granule: number, low: number, high: number): boolean {
    const words = this.#words.at;
    const end = this.#at + 1 + words[this.#at]! * 3;
    for (let entry = this.#at + 1; entry < end; entry += 3) {
      if (words[entry] === granule && words[entry + 1] === low && words[entry + 2] === high)
        return true;
    }
    return false;
  }

  add(granule: number, low: number, high: number): void {
    if (this.has(granule, low, high)) return;
    const count = this.#words.at[this.#at]!;
    if (count === EntryHistory.ENTRIES)
      throw new Cut(
        `more than ${EntryHistory.ENTRIES} entry values, which the history has room for`,
      );
    // Kept in order, so that two ways to the same set are one state.
    let place = this.#at + 1 + count * 3;
    const first = this.#at + 1;
    const words = this.#words.at;
    while (place > first && isAfter(words, place - 3, granule, low, high)) {
      for (let k = 0; k < 3; k++) this.#words.set(place + k, words[place - 3 + k]!);
      place -= 3;
    }
    this.#words.set(place, granule);
    this.#words.set(place + 1, low);
    this.#words.set(place + 2, high);
    this.#words.set(this.#at, count + 1);
  }

  /** Forgets the values of `[from, to)`: the frame begins a new life. */
  forget(from: number, to: number): void {
    const words = this.#words.at;
    const count = words[this.#at]!;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const entry = this.#at + 1 + i * 3;
      const granule = words[entry]!;
      if (granule >= from && granule < to) continue;
      const place = this.#at + 1 + kept * 3;
      if (place !== entry)
        for (let k = 0; k < 3; k++) this.#words.set(place + k, words[entry + k]!);
      kept++;
    }
    if (kept === count) return;
    for (let word = this.#at + 1 + kept * 3; word < this.#at + 1 + count * 3; word++)
      this.#words.set(word, 0);
    this.#words.set(this.#at, kept);
  }
}

function isAfter(
  words: Uint32Array,
  entry: number,
  granule: number,
  low: number,
  high: number,
): boolean {
  if (words[entry] !== granule) return words[entry]! > granule;
  if (words[entry + 1] !== low) return words[entry + 1]! > low >>> 0;
  return words[entry + 2]! > high >>> 0;
}
