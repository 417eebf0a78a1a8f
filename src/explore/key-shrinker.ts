/**
 * Long keys made short, without loss: states that follow each other differ in
 * little, so a key is cut into chunks, each distinct chunk is kept once, and
 * the key becomes the list of their numbers; again and again, until it is
 * short. Source: the idea is Holzmann's ("State compression in Spin", SPIN
 * 1997) and LTSmin's (Blom et al., "Database-driven state compression", 2008),
 * who cut by process and by variable; nothing is known of our keys, so they
 * are cut by length.
 */

import { KeyTable } from './key-table.ts';

/** Units: words. Keys up to this length stay as they are: shorter ones would gain nothing. */
export const SHORT = 24;

/** Units: words of a chunk. Shorter ones are shared more often and cost more each. */
const CHUNK = 8;

export class KeyShrinker {
  /** The key that `shrink` made. */
  words: Uint32Array = new Uint32Array(64);
  readonly #chunks: KeyTable = new KeyTable();

  get bytes(): number {
    return this.#chunks.bytes;
  }

  /**
   * Puts into `words` what stands for the key, and returns its length. Two
   * keys get the same words only if they are the same: the length in front
   * and the chunks give the key back, and at the end stands how it was made,
   * where a key that was not cut has its end mark.
   */
  shrink(words: Uint32Array, count: number): number {
    if (this.words.length < count + 8) this.words = new Uint32Array(2 * count + 8);
    const own = this.words;
    for (let i = 0; i < count; i++) own[i] = words[i];
    let length = count;
    while (length > SHORT) length = this.#cut(length);
    return length;
  }

  /** One round, in place: what is written lies before what is still to be read. */
  #cut(length: number): number {
    const own = this.words;
    let to = 0;
    for (let from = 0; from < length; from += CHUNK) {
      const number = this.#chunks.insert(
        own.subarray(from, Math.min(from + CHUNK, length)),
        Math.min(CHUNK, length - from),
      );
      own[to++] = number < 0 ? -1 - number : number;
    }
    own[to++] = length;
    own[to++] = CUT;
    return to;
  }
}

/** No end mark of a key has a highest byte of 1, see `KeyDraft.end`. */
const CUT = 1;
