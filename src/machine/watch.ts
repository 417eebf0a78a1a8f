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
 *
 * A place can be visible on two levels. A CPU's code and the handlers that
 * interrupt it are different actors of one CPU: what only they touch is
 * visible, and an access of the code is a step, but no other CPU can tell.
 * What actors of several CPUs touch has crossed.
 *
 * A read by a handler for a call that is waited for may count as its
 * sender's, a loan: the sender's own code cannot write to the place between
 * its send and the end of its wait, or the guard notes it, so such a read
 * and the writes of that code are never unordered.
 */
export class Watch {
  /** Per place, 1 + the only one that did, `SEVERAL` for more, 0 for none. */
  readonly #writer: Uint8Array;
  readonly #writerGroup: Uint8Array;
  readonly #reader: Uint8Array;
  readonly #readerGroup: Uint8Array;
  /** Whose loan was read, and which handler read it. */
  readonly #lender: Uint8Array;
  readonly #borrower: Uint8Array;
  /** A sender wrote there while a call of its own was under way. */
  readonly #writtenOnLoan: Uint8Array;
  readonly #level: Uint8Array;
  /** A load was covered in part by a store of its own context that was on its way. */
  readonly #mixed: Uint8Array;
  /** CPUs, as groups of actors; a callback runs beside its CPU's code and is one of its own. */
  readonly #groupOf: Uint8Array = Uint8Array.from({ length: 256 }, (_, actor) => actor);
  #raised = 0;

  constructor(places: number) {
    this.#writer = new Uint8Array(places);
    this.#writerGroup = new Uint8Array(places);
    this.#reader = new Uint8Array(places);
    this.#readerGroup = new Uint8Array(places);
    this.#lender = new Uint8Array(places);
    this.#borrower = new Uint8Array(places);
    this.#writtenOnLoan = new Uint8Array(places);
    this.#level = new Uint8Array(places);
    this.#mixed = new Uint8Array(places);
  }

  /** Says that an actor's doings are those of a CPU, before anything is noted. */
  group(actor: number, group: number): void {
    this.#groupOf[actor] = group;
  }

  /** How often a place's level was raised: what the watch has learnt. */
  get visibleCount(): number {
    return this.#raised;
  }

  /** Places in all. */
  get count(): number {
    return this.#level.length;
  }

  /**
   * What must be told to `make` another machine alike: a place that has
   * crossed by its number, one that only actors of one CPU share by its
   * number + `count`, a mixed one by its number + 2 * `count`.
   */
  visible(): number[] {
    const found: number[] = [];
    const level = this.#level;
    for (let place = 0; place < level.length; place++)
      if (level[place] === CROSSED) found.push(place);
    for (let place = 0; place < level.length; place++)
      if (level[place] === VISIBLE) found.push(place + level.length);
    for (let place = 0; place < level.length; place++)
      if (this.#mixed[place] !== 0) found.push(place + 2 * level.length);
    return found;
  }

  /** Makes visible what `visible` of a machine made alike named. */
  make(number: number): void {
    if (number < this.count) this.reveal(number);
    else if (number < 2 * this.count) this.#raise(number - this.count, VISIBLE);
    else if (number < 3 * this.count) this.mix(number - 2 * this.count);
  }

  isMixed(place: number): boolean {
    return this.#mixed[place] !== 0;
  }

  /** Notes that accesses of different bytes there meet in a store buffer. Returns whether that is news. */
  mix(place: number): boolean {
    if (this.#mixed[place] !== 0) return false;
    this.#mixed[place] = 1;
    this.#raised++;
    return true;
  }

  isVisible(place: number): boolean {
    return this.#level[place] !== 0;
  }

  /** Whether actors of several CPUs share the place. */
  isCrossed(place: number): boolean {
    return this.#level[place] === CROSSED;
  }

  /** Makes a place visible to everybody at once. Returns whether that is news: the search must start again. */
  reveal(place: number): boolean {
    return this.#raise(place, CROSSED);
  }

  #raise(place: number, level: number): boolean {
    if (this.#level[place]! >= level) return false;
    this.#level[place] = level;
    this.#raised++;
    return true;
  }

  /**
   * Notes an access. `lender`: the sender of the waited call for which a
   * handler acts, -1 where there is none. `onLoan`: the actor has such a call
   * under way itself. Returns true where the place has just turned out to be
   * shared, or shared more widely.
   */
  touch(place: number, actor: number, write: boolean, lender: number, onLoan: boolean): boolean {
    if (this.#level[place] === CROSSED) return false;
    if (write) {
      if (this.#writer[place] === actor + 1 && !onLoan) return false;
      note(this.#writer, place, actor);
      note(this.#writerGroup, place, this.#groupOf[actor]!);
      if (onLoan) this.#writtenOnLoan[place] = 1;
    } else if (lender >= 0) {
      if (this.#lender[place] === lender + 1 && this.#borrower[place] === actor + 1) return false;
      note(this.#lender, place, lender);
      note(this.#borrower, place, actor);
    } else {
      if (this.#reader[place] === actor + 1) return false;
      note(this.#reader, place, actor);
      note(this.#readerGroup, place, this.#groupOf[actor]!);
    }
    const writer = this.#writer[place]!;
    if (writer === 0) return false;
    if (this.#isShared(place, writer, this.#writerGroup, this.#readerGroup, true))
      return this.#raise(place, CROSSED);
    if (this.#isShared(place, writer, this.#writer, this.#reader, false))
      return this.#raise(place, VISIBLE);
    return false;
  }

  #isShared(
    place: number,
    writer: number,
    writers: Uint8Array,
    readers: Uint8Array,
    byGroup: boolean,
  ): boolean {
    const writes = writers[place]!;
    if (writes === SEVERAL) return true;
    const reads = readers[place]!;
    if (reads !== 0 && reads !== writes) return true;
    const borrower = this.#borrower[place]!;
    if (borrower === 0) return false;
    // The lender's own code wrote, and never while it was waiting.
    if (writer !== SEVERAL && this.#lender[place] === writer && this.#writtenOnLoan[place] === 0)
      return false;
    if (borrower === SEVERAL) return true;
    return (byGroup ? this.#groupOf[borrower - 1]! + 1 : borrower) !== writes;
  }
}

const SEVERAL = 255;
const VISIBLE = 1;
const CROSSED = 2;

function note(who: Uint8Array, place: number, one: number): void {
  const known = who[place]!;
  who[place] = known === 0 || known === one + 1 ? one + 1 : SEVERAL;
}

/** The footprint of the step under way, filled by the accessors and by nobody else. */
export class FootprintLog {
  #out: Footprint = newFootprint();

  begin(out: Footprint): void {
    out.count = 0;
    out.fixed = false;
    this.#out = out;
  }

  /** Says that the operation under way would touch the same in every state. */
  fix(): void {
    this.#out.fixed = true;
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
