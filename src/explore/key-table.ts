/**
 * An exact set of state keys that numbers them in order of insertion. Keys
 * are kept whole, so that a state is never taken for another; hashes only
 * find the place to look.
 *
 * The places are in segments that grow each by itself: a doubling moves one
 * part in 64 of all there is, so that no insertion takes long.
 */

/** Units: words of a page, as a power of two. A key longer than that has a page of its own. */
const PAGE_BITS = 18;
const PAGE_WORDS = 1 << PAGE_BITS;
const FIRST_PAGE_WORDS = 1 << 10;

const SEGMENT_BITS = 6;
const SEGMENTS = 1 << SEGMENT_BITS;
const FIRST_SLOTS = 16;

/** Behind the last byte of a key: without it `a` and `a 0` would be the same words. */
const END = 0x80;

/** A key about to be looked up: bytes to write to, and the same memory as words. */
export class KeyDraft {
  bytes: Uint8Array;
  words: Uint32Array;

  constructor(byteCount = 4096) {
    this.words = new Uint32Array(byteCount >> 2);
    this.bytes = new Uint8Array(this.words.buffer);
  }

  /** Makes room for twice as much; the contents are lost. */
  grow(): void {
    this.words = new Uint32Array(this.words.length * 2);
    this.bytes = new Uint8Array(this.words.buffer);
  }

  /** Ends a key of so many bytes; returns its words. Requires: room for four bytes more. */
  end(length: number): number {
    const { bytes } = this;
    bytes[length] = END;
    bytes[length + 1] = 0;
    bytes[length + 2] = 0;
    bytes[length + 3] = 0;
    return (length + 4) >>> 2;
  }
}

/** Keys of one length: a page holds no others, so that no key needs a length of its own. Shape: per key its number, then its words. */
interface Page {
  readonly words: Uint32Array;
  readonly keyWords: number;
  used: number;
}

export class KeyTable {
  #count = 0;
  readonly #pages: Page[] = [];
  /** By the words of a key: the page that takes the next such key. */
  readonly #openPages: number[] = [];
  /**
   * Shape: by segment, open addressing over a power of two of slots, two words
   * each: page << PAGE_BITS | place in the page, plus 1, or 0 where free; and
   * the hash of the key there.
   */
  readonly #slots: Uint32Array[] = Array.from({ length: SEGMENTS }, () => NO_SLOTS);
  readonly #used: Uint32Array = new Uint32Array(SEGMENTS);

  /** Number of distinct keys. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of memory behind all this. */
  get bytes(): number {
    let bytes = 0;
    for (const { words } of this.#pages) bytes += words.byteLength;
    for (const slots of this.#slots) bytes += slots.byteLength;
    return bytes;
  }

  /** The number of the key if it is new, otherwise -1 - its number. `wordCount` as `KeyDraft.end` gave it. */
  insert(words: Uint32Array, wordCount: number): number {
    const hash = hashWords(words, wordCount);
    const segment = hash & (SEGMENTS - 1);
    if (this.#used[segment] * 8 >= this.#slots[segment].length * 3) this.#grow(segment);
    const slots = this.#slots[segment];
    const mask = slots.length - 1;
    let slot = placeOf(hash, mask);
    for (; slots[slot] !== 0; slot = (slot + 2) & mask) {
      if (slots[slot + 1] !== hash) continue;
      const number = this.#numberAt(slots[slot] - 1, words, wordCount);
      if (number >= 0) return -1 - number;
    }
    slots[slot] = this.#store(words, wordCount) + 1;
    slots[slot + 1] = hash;
    this.#used[segment]++;
    return this.#count++;
  }

  /** The number of the key at a place; -1 where another key is there. */
  #numberAt(place: number, words: Uint32Array, wordCount: number): number {
    const page = this.#pages[place >>> PAGE_BITS];
    if (page.keyWords !== wordCount) return -1;
    const kept = page.words;
    const at = place & (PAGE_WORDS - 1);
    for (let i = 0; i < wordCount; i++) if (kept[at + 1 + i] !== words[i]) return -1;
    return kept[at];
  }

  /** Keeps the key; returns its place. */
  #store(words: Uint32Array, wordCount: number): number {
    let open = this.#openPages[wordCount] ?? -1;
    if (open < 0 || this.#pages[open].used + wordCount + 1 > this.#pages[open].words.length) {
      // Pages of one length double up to the full size: lengths that are rare cost little.
      const before = open < 0 ? FIRST_PAGE_WORDS / 2 : this.#pages[open].words.length;
      const size = Math.max(Math.min(before * 2, PAGE_WORDS), wordCount + 1);
      open = this.#pages.push({ words: new Uint32Array(size), keyWords: wordCount, used: 0 }) - 1;
      if (open >= 1 << (32 - PAGE_BITS)) throw new RangeError('more states than memory can hold');
      this.#openPages[wordCount] = open;
    }
    const page = this.#pages[open];
    const at = page.used;
    page.words[at] = this.#count;
    for (let i = 0; i < wordCount; i++) page.words[at + 1 + i] = words[i];
    page.used += wordCount + 1;
    return ((open << PAGE_BITS) | at) >>> 0;
  }

  #grow(segment: number): void {
    const old = this.#slots[segment];
    const slots = new Uint32Array(Math.max(FIRST_SLOTS * 2, old.length * 2));
    const mask = slots.length - 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      let slot = placeOf(old[i + 1], mask);
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[i];
      slots[slot + 1] = old[i + 1];
    }
    this.#slots[segment] = slots;
  }
}

const NO_SLOTS: Uint32Array = new Uint32Array(0);

/** Where the slot of a hash begins, `mask` being the words of all slots less one. */
function placeOf(hash: number, mask: number): number {
  return (hash >>> (SEGMENT_BITS - 1)) & mask & ~1;
}

/** 32 bits, unsigned. The rounds of MurmurHash3 (Appleby, public domain), its length left out: the end mark is in the words. */
function hashWords(words: Uint32Array, count: number): number {
  let hash = 0x9747b28c;
  for (let i = 0; i < count; i++) {
    const word = Math.imul(words[i], 0xcc9e2d51);
    hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
