/**
 * An exact set of state keys that numbers them in order of insertion. Keys
 * are kept whole, one behind the other in large pages, so that a state is
 * never taken for another; the hash only finds the place to look.
 */

/** Units: bytes of one page. A key longer than a page gets a page of its own. */
const PAGE_BYTES = 1 << 22;

export class KeyTable {
  #count = 0;
  /** Shape: open addressing, power of two; key number + 1, 0 where free. */
  #slots: Int32Array = new Int32Array(1 << 12);
  #hashes: Int32Array = new Int32Array(1 << 11);
  #pageOf: Uint32Array = new Uint32Array(1 << 11);
  #startOf: Uint32Array = new Uint32Array(1 << 11);
  #lengthOf: Uint32Array = new Uint32Array(1 << 11);
  readonly #pages: Uint8Array[] = [];
  #pageUsed = 0;

  /** Number of distinct keys. */
  get count(): number {
    return this.#count;
  }

  /** The number of the key if it is new, otherwise -1 - its number. */
  insert(bytes: Uint8Array, length: number): number {
    const hash = hashBytes(bytes, length);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const number = this.#slots[slot] - 1;
      if (number < 0) break;
      if (this.#hashes[number] === hash && this.#holds(number, bytes, length)) return -1 - number;
      slot = (slot + 1) & mask;
    }
    const number = this.#count++;
    this.#slots[slot] = number + 1;
    if (number === this.#hashes.length) this.#growKeys();
    this.#hashes[number] = hash;
    this.#store(number, bytes, length);
    if (this.#count * 2 > this.#slots.length) this.#growSlots();
    return number;
  }

  #holds(number: number, bytes: Uint8Array, length: number): boolean {
    if (this.#lengthOf[number] !== length) return false;
    const page = this.#pages[this.#pageOf[number]];
    const start = this.#startOf[number];
    for (let i = 0; i < length; i++) if (page[start + i] !== bytes[i]) return false;
    return true;
  }

  #store(number: number, bytes: Uint8Array, length: number): void {
    const last = this.#pages[this.#pages.length - 1];
    if (last === undefined || this.#pageUsed + length > last.length) {
      this.#pages.push(new Uint8Array(Math.max(PAGE_BYTES, length)));
      this.#pageUsed = 0;
    }
    const page = this.#pages.length - 1;
    for (let i = 0, at = this.#pageUsed; i < length; i++) this.#pages[page][at + i] = bytes[i];
    this.#pageOf[number] = page;
    this.#startOf[number] = this.#pageUsed;
    this.#lengthOf[number] = length;
    this.#pageUsed += length;
  }

  #growKeys(): void {
    const size = this.#hashes.length * 2;
    const grow = <T extends Int32Array | Uint32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#hashes = grow(new Int32Array(size), this.#hashes);
    this.#pageOf = grow(new Uint32Array(size), this.#pageOf);
    this.#startOf = grow(new Uint32Array(size), this.#startOf);
    this.#lengthOf = grow(new Uint32Array(size), this.#lengthOf);
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      const hash = this.#hashes[number];
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a over bytes with a final mix; 32 bits, signed. */
function hashBytes(bytes: Uint8Array, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash | 0;
}
