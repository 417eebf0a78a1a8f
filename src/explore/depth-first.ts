/**
 * The state graph, depth first: of a state nothing is kept but its key and a
 * byte. Ways to violations are the ways that the search went, not shortest.
 *
 * States from which no execution ends are found on the way back, one strongly
 * connected component at a time. Source: Tarjan, SIAM J. Comput. 1(2), 1972;
 * states are numbered in the order of discovery as his are, so that `low` is
 * only kept for states on the path.
 */

import { ByteColumn } from './columns.ts';
import { GraphSearch, STOPPED } from './graph-search.ts';
import type { GraphStatistics, Schedule } from './search.ts';
import type { Mark } from './system.ts';

/** Flags of a state: its component is not complete yet; an end can be reached from it. */
const OPEN = 1;
const ENDS = 2;

/** One state of the path, and what has been tried there. A pool: frames are used again. */
class Frame {
  state = 0;
  low = 0;
  mark: Mark = 0;
  halted = false;
  ends = false;
  /** Actors enabled here: a stretch of one array for all frames. */
  first = 0;
  last = 0;
  /** The step under way: an index into that array, and the choice. */
  current = -1;
  choice = 0;
  choices = 0;
}

export class DepthFirst extends GraphSearch {
  readonly #frames: Frame[] = [];
  /** Frames in use. */
  #count = 0;
  #enabled: Uint32Array = new Uint32Array(1 << 13);
  readonly #flags: ByteColumn = new ByteColumn();
  /** States whose components are not complete, in the order of discovery. */
  readonly #open: number[] = [];
  #endless: Schedule | null = null;
  #deepest = 0;
  #mostOpen = 0;

  protected override async explore(): Promise<void> {
    if (this.meet() === 0) this.#enter(0);
    while (this.#count > 0 && !this.finished) {
      if (this.due()) {
        await this.pause();
        if (this.finished) return;
      }
      const frame = this.#frames[this.#count - 1];
      if (this.#advance(frame)) this.#step(frame);
      else this.#leave(frame);
    }
  }

  /** Requires: the system stands in the state, which is new. */
  #enter(state: number): void {
    if (this.#count === this.#frames.length) this.#frames.push(new Frame());
    const first = this.#count === 0 ? 0 : this.#frames[this.#count - 1].last;
    if (first + ROOM > this.#enabled.length) this.#growEnabled();
    const frame = this.#frames[this.#count];
    frame.state = state;
    frame.low = state;
    frame.mark = this.system.mark();
    frame.halted = this.halted;
    frame.ends = false;
    frame.first = first;
    frame.last = this.listEnabled(this.#enabled, first);
    frame.current = first - 1;
    frame.choice = 0;
    frame.choices = 0;
    this.#flags.set(state, OPEN);
    if (this.#open.push(state) > this.#mostOpen) this.#mostOpen++;
    if (this.#count > this.maxDepth) this.maxDepth = this.#count;
    this.judge(state);
    this.#count++;
    if (this.#count > this.#deepest) this.#deepest = this.#count;
  }

  #growEnabled(): void {
    const grown = new Uint32Array(this.#enabled.length * 2);
    grown.set(this.#enabled);
    this.#enabled = grown;
  }

  /** Moves the frame on to its next step; false where there is none. */
  #advance(frame: Frame): boolean {
    frame.choice++;
    while (frame.choice >= frame.choices) {
      frame.current++;
      if (frame.current >= frame.last) return false;
      frame.choice = 0;
      frame.choices = this.choices(this.#enabled[frame.current]);
    }
    return true;
  }

  #step(frame: Frame): void {
    const met = this.take(this.#enabled[frame.current], frame.choice, frame.halted);
    if (met === STOPPED) return;
    if (met >= 0) {
      this.#enter(met);
      return;
    }
    const state = -1 - met;
    const flags = this.#flags.get(state);
    if ((flags & OPEN) !== 0) frame.low = Math.min(frame.low, state);
    else if ((flags & ENDS) !== 0) frame.ends = true;
    this.system.rewind(frame.mark);
  }

  /** Everything that can follow has been visited. */
  #leave(frame: Frame): void {
    if (frame.low === frame.state) {
      if (!frame.ends) this.#endless ??= this.#path(this.#count - 1);
      for (;;) {
        const state = this.#open.pop() as number;
        this.#flags.set(state, frame.ends ? ENDS : 0);
        if (state === frame.state) break;
      }
    }
    this.#count--;
    if (this.#count === 0) return;
    const below = this.#frames[this.#count - 1];
    below.low = Math.min(below.low, frame.low);
    below.ends ||= frame.ends;
    this.system.rewind(below.mark);
  }

  /** The steps under way in so many frames. */
  #path(count: number): Schedule {
    return this.#frames.slice(0, count).map(({ current, choice }) => ({
      actor: this.#enabled[current],
      choice,
    }));
  }

  protected override schedule(): Schedule {
    return this.#path(this.#count);
  }

  protected override noteEnd(): void {
    this.#frames[this.#count].ends = true;
  }

  protected override depth(): number {
    return this.#count;
  }

  protected override endless(): Promise<Schedule | null> {
    return Promise.resolve(this.#endless);
  }

  protected override statistics(): GraphStatistics {
    const lists = this.#mostOpen * ENTRY_BYTES + this.#enabled.byteLength;
    const path = this.#deepest * FRAME_BYTES + lists;
    return {
      order: 'depth',
      symmetric: this.visited.symmetric,
      memoryBytes: this.visited.bytes + this.#flags.bytes + path,
    };
  }
}

/** Actors that one state may have, as in every list of actors. */
const ROOM = 4096;

/** Units: bytes of an entry in a list of numbers. */
const ENTRY_BYTES = 8;

/** Units: bytes. Node keeps an object as a header of three words and a word a field; and its entry in the list. The undo history is the system's own. */
const FRAME_BYTES: number = (3 + 10) * 8 + ENTRY_BYTES;
