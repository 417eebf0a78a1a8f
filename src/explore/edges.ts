/**
 * The edges of a state graph, kept only to find states from which no end can
 * be reached. The edges that first led to each state are known from the tree
 * of first visits; of the others, a few bytes each are kept.
 */

/** Units: bytes of one page, as a power of two. */
const PAGE_BITS = 16;
const PAGE_MASK = (1 << PAGE_BITS) - 1;

/** Timers and signals get their turn after so many states, less 1. */
const REST_MASK = (1 << 18) - 1;

export class Edges {
  readonly #pages: Uint8Array[] = [];
  #length = 0;
  /** The state whose edges are being added. */
  #from = 0;
  /** Where the next edge to be read back ends. */
  #at = 0;

  /** Requires: `from` is never lower than before; states are fewer than 2^30. */
  add(from: number, to: number): void {
    for (; this.#from < from; this.#from++) this.#push(0);
    // Zigzag of the distance, and one more. Groups of seven bits, the highest
    // first and without the mark that more follow, because they are read from
    // the end. So no byte of an edge is 0: 0 is between two states.
    const distance = to - from;
    const value = (distance >= 0 ? distance * 2 : -distance * 2 - 1) + 1;
    let shift = value < 0x80 ? 0 : value < 0x4000 ? 7 : value < 0x20_0000 ? 14 : 21;
    while (value >>> shift >= 0x80) shift += 7;
    for (let more = 0; shift >= 0; shift -= 7, more = 0x80) {
      this.#push(((value >>> shift) & 0x7f) | more);
    }
  }

  get bytes(): number {
    return this.#pages.length << PAGE_BITS;
  }

  #push(byte: number): void {
    const page = this.#length >>> PAGE_BITS;
    if (page === this.#pages.length) this.#pages.push(new Uint8Array(1 << PAGE_BITS));
    this.#pages[page][this.#length++ & PAGE_MASK] = byte;
  }

  /**
   * The lowest state of `stateCount` from which none of `ends` can be
   * reached; -1 where there is none. `parent` gives the state from which each
   * was first reached, a lower one. Goes over all edges from the highest state
   * down until nothing changes: once where edges lead upwards only, and once
   * more for each edge that the best way to an end takes downwards.
   */
  async firstWithoutEnd(
    stateCount: number,
    ends: readonly number[],
    parent: (state: number) => number,
  ): Promise<number> {
    const reaches = new Uint8Array(stateCount);
    for (const end of ends) reaches[end] = 1;
    for (let changed = ends.length > 0; changed && reaches.includes(0); ) {
      changed = false;
      this.#at = this.#length - 1;
      for (let state = stateCount - 1; state >= 0; state--) {
        if ((state & REST_MASK) === 0) await new Promise<void>((resolve) => setImmediate(resolve));
        const before = reaches[state];
        if (state <= this.#from) this.#readBack(state, reaches);
        if (reaches[state] === 0) continue;
        if (before === 0) changed = true;
        if (state === 0 || reaches[parent(state)] === 1) continue;
        reaches[parent(state)] = 1;
        changed = true;
      }
    }
    return reaches.indexOf(0);
  }

  /** Marks the state if an edge of it leads to a marked one, and moves on to the state before. */
  #readBack(state: number, reaches: Uint8Array): void {
    let at = this.#at;
    while (at >= 0 && this.#byte(at) !== 0) {
      if (reaches[state] === 1) {
        at--;
        continue;
      }
      let value = 0;
      let byte = 0x80;
      for (let shift = 0; byte >= 0x80; shift += 7) {
        byte = this.#byte(at--);
        value |= (byte & 0x7f) << shift;
      }
      const distance = (value & 1) === 1 ? (value - 1) >> 1 : -(value >> 1);
      reaches[state] = reaches[state + distance];
    }
    this.#at = at - 1;
  }

  #byte(at: number): number {
    return this.#pages[at >>> PAGE_BITS][at & PAGE_MASK];
  }
}
