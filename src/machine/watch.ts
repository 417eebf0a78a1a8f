import { addToFootprint, type Footprint, newFootprint } from '../explore/system.ts';

/**
 * What is private, and who says so. Nothing is declared private: every place
 * starts out private, every access outside setup is noted, and the first
 * access by a second actor, one of the two a write, makes the place visible
 * and restarts the search (explorer rule 16). Notes survive undoing and
 * restarts, so they only ever make more visible, and a place is only merged
 * into neighbouring steps when no execution explored disagrees.
 *
 * Why that is sound: take the shortest execution of the unmerged system in
 * which two actors touch a private place, one of them writing. Before it no
 * private place was shared, so each private access moves freely next to the
 * visible step before it in its actor: the merged system has an execution
 * with the same accesses, and there the watch sees them.
 */
export class Watch {
  /** Per place: 1 + the only actor that touched it, 255 for several, 0 for none; and whether one wrote. */
  readonly #toucher: Uint8Array;
  readonly #written: Uint8Array;
  readonly #visible: Uint8Array;
  #visibleCount = 0;

  constructor(places: number) {
    this.#toucher = new Uint8Array(places);
    this.#written = new Uint8Array(places);
    this.#visible = new Uint8Array(places);
  }

  get visibleCount(): number {
    return this.#visibleCount;
  }

  /** Places in all. */
  get count(): number {
    return this.#visible.length;
  }

  /** The visible places, ascending: with these revealed, another machine made alike has the same steps. */
  visible(): number[] {
    const found: number[] = [];
    for (
      let place = this.#visible.indexOf(1);
      place >= 0;
      place = this.#visible.indexOf(1, place + 1)
    ) {
      found.push(place);
    }
    return found;
  }

  isVisible(place: number): boolean {
    return this.#visible[place] === 1;
  }

  /** Makes a place visible at once. Returns whether that is news: the search must start again. */
  reveal(place: number): boolean {
    if (this.#visible[place]) return false;
    this.#visible[place] = 1;
    this.#visibleCount++;
    return true;
  }

  /** Notes an access. Returns true where the place has just turned out to be shared. */
  touch(place: number, actor: number, write: boolean): boolean {
    if (this.#visible[place]) return false;
    const known = this.#toucher[place]!;
    if (known === actor + 1 && (!write || this.#written[place])) return false;
    this.#toucher[place] = known === 0 || known === actor + 1 ? actor + 1 : SEVERAL;
    if (write) this.#written[place] = 1;
    if (this.#toucher[place] !== SEVERAL || !this.#written[place]) return false;
    return this.reveal(place);
  }
}

const SEVERAL = 255;

/** The footprint of the step under way, filled by the accessors and by nobody else. */
export class FootprintLog {
  #out: Footprint = newFootprint();

  begin(out: Footprint): void {
    out.count = 0;
    this.#out = out;
  }

  get count(): number {
    return this.#out.count;
  }

  truncate(count: number): void {
    this.#out.count = count;
  }

  add(space: number, mode: number, low: number, high: number): void {
    addToFootprint(this.#out, space, mode, low, high);
  }
}
