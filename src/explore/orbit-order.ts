/**
 * The order of things that are alike in the representative of an orbit: by
 * sorting what each of them has to itself, never by trying permutations.
 *
 * For systems that implement `orbitKey`. A thing's record may hold whatever
 * does not change when things are renamed along with everything that names
 * them: its own variables, whether its bit is set in a mask, its place in a
 * queue. Then the system writes its state with the records in the order found
 * here, and with every mask, owner and queue entry renamed by `place`. That is
 * a state of the same orbit whatever the order is; a record that leaves
 * something out only makes two keys of one orbit. What must not be left out
 * is the renaming.
 */

export class OrbitOrder {
  /** By place: the thing that comes there. */
  readonly order: Uint8Array;
  /** By thing: its place. */
  readonly place: Uint8Array;
  readonly #count: number;
  /** Shape: by thing, `parts` numbers that are compared one after the other, six bytes in each. */
  readonly #codes: Float64Array;
  readonly #parts: number;
  readonly #filled: Uint8Array;

  /** `width`: bytes of a record. */
  constructor(count: number, width: number) {
    this.#count = count;
    this.order = new Uint8Array(count);
    this.place = new Uint8Array(count);
    this.#parts = Math.max(1, Math.ceil(width / BYTES_PER_PART));
    this.#codes = new Float64Array(count * this.#parts);
    this.#filled = new Uint8Array(count);
  }

  /** Forgets all records. */
  clear(): void {
    this.#codes.fill(0);
    this.#filled.fill(0);
  }

  /** Appends to the thing's record; every record gets as many bytes. `byte`: 0 to 255. */
  append(thing: number, byte: number): void {
    const at = thing * this.#parts + Math.floor(this.#filled[thing]++ / BYTES_PER_PART);
    this.#codes[at] = this.#codes[at] * 256 + byte;
  }

  /** Sorts the records: `order` and `place` hold from now on. */
  sort(): void {
    const { order, place } = this;
    for (let i = 0; i < this.#count; i++) {
      let at = i;
      while (at > 0 && this.#isBefore(i, order[at - 1])) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = i;
    }
    for (let i = 0; i < this.#count; i++) place[order[i]] = i;
  }

  /** A mask with one bit a thing, the bits where the things are now. */
  permuteMask(mask: number): number {
    let permuted = 0;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      permuted |= 1 << this.place[31 - Math.clz32(rest & -rest)];
    }
    return permuted;
  }

  #isBefore(a: number, b: number): boolean {
    const parts = this.#parts;
    for (let i = 0; i < parts; i++) {
      const difference = this.#codes[a * parts + i] - this.#codes[b * parts + i];
      if (difference !== 0) return difference < 0;
    }
    return false;
  }
}

/** A double holds six bytes exactly. */
const BYTES_PER_PART = 6;
