/**
 * Arrays with one number a state, in pages: they grow by one page at a time,
 * without a copy of what there is and without a pause.
 */

/** Units: entries of one page, as a power of two. */
const PAGE_BITS = 13;
const PAGE_MASK = (1 << PAGE_BITS) - 1;

/** Unsigned 32-bit numbers by state. */
export class Column {
  readonly #pages: Uint32Array[] = [];

  /** Requires: `index` is at most one page beyond every index set before. */
  set(index: number, value: number): void {
    const page = index >>> PAGE_BITS;
    if (page === this.#pages.length) this.#pages.push(new Uint32Array(1 << PAGE_BITS));
    this.#pages[page][index & PAGE_MASK] = value;
  }

  get(index: number): number {
    return this.#pages[index >>> PAGE_BITS][index & PAGE_MASK];
  }

  get bytes(): number {
    return this.#pages.length << (PAGE_BITS + 2);
  }
}

/** Unsigned bytes by state. */
export class ByteColumn {
  readonly #pages: Uint8Array[] = [];

  /** Requires: `index` is at most one page beyond every index set before. */
  set(index: number, value: number): void {
    const page = index >>> PAGE_BITS;
    if (page === this.#pages.length) this.#pages.push(new Uint8Array(1 << PAGE_BITS));
    this.#pages[page][index & PAGE_MASK] = value;
  }

  get(index: number): number {
    return this.#pages[index >>> PAGE_BITS][index & PAGE_MASK];
  }

  get bytes(): number {
    return this.#pages.length << PAGE_BITS;
  }
}
