/**
 * The current execution of the stateless search: its nodes, the step taken
 * from each, and which of those steps happen before which. Everything lives
 * in pools that are reused as the search goes back and forth, because the
 * search visits millions of nodes.
 */

import { CompactFootprint, conflicts } from './conflict.ts';
import type { Schedule } from './search.ts';
import type { ActorId, Footprint, Mark, Space, System } from './system.ts';
import type { WakeupStep } from './wakeup.ts';

/** Flags of an actor at a node. */
export const LISTED = 1;
export const ENABLED = 2;
export const MUST = 4;
/** Chosen for exploration at this node. */
export const BACKTRACK = 8;
/** Exploration from this node has begun. */
export const STARTED = 16;

/** The choice of an actor that need not go on: to stay away for ever. No step of the system; touches nothing. */
export const STAY_AWAY = -1;

/** One step, taken now or before, at the node that owns it. */
export class PathEvent {
  actor: ActorId = 0;
  /** The actor's dense number; see `ActorTable`. */
  index = 0;
  choice = 0;
  readonly footprint: CompactFootprint = new CompactFootprint();
  /** Optimal search only: how many choices there were, without staying away. */
  choiceCount = 1;
  /** Optimal search only: what might have been touched; valid where the step had an alternative. */
  promise: CompactFootprint | null = null;
  /** Optimal search only: the earlier steps that this one may come before; see `Reversals`. */
  readonly reversible: number[] = [];

  get memoryBytes(): number {
    const promised = this.promise?.data.byteLength ?? 0;
    return (
      OBJECT_BYTES + this.footprint.data.byteLength + promised + SLOT_BYTES * this.reversible.length
    );
  }
}

/** Bytes of an object with a handful of fields, and of an element of an array, as Node has them; roughly. */
const OBJECT_BYTES = 96;
const SLOT_BYTES = 8;

/**
 * Optimal search only: what an actor's step would be after some other steps
 * from a node on, found by taking them and taking them back. Kept with the
 * node, because the executions below it ask the same again and again.
 */
export class Probe {
  index = 0;
  /** The choice asked for. */
  asked = 0;
  /** The steps before it, as `index, choice` pairs. From one state the same steps lead to the same. */
  readonly before: number[] = [];
  /** The choice taken: the one asked for, or 0 where there are not as many. */
  choice = 0;
  possible = false;
  /** The actor had no further step there: it may be brought back. */
  gone = false;
  readonly footprint: CompactFootprint = new CompactFootprint();
}

/** One state of the current execution and what has been explored from it. */
export class PathNode {
  mark: Mark = 0;
  /** Shape: by dense actor number, an OR of the flags above. */
  flags: Uint8Array = new Uint8Array(16);
  /** Actors at this node, ascending by id, as dense numbers. */
  listed: number[] = [];
  /** Steps whose traces are covered elsewhere; owned by nodes nearer to the root. */
  sleep: PathEvent[] = [];
  /** Steps explored from here, a pool: the first `doneCount` are valid, the last of them is the step of the current execution. */
  done: PathEvent[] = [];
  doneCount = 0;
  /** The actor whose choices are being explored, dense; -1 before the first. */
  current = -1;
  choice = 0;
  choiceCount = 0;
  /** A violation or a cut has halted an actor on the way here. */
  halted = false;
  /** Optimal search only: what is still to be explored from here, leftmost first; null where nothing is. */
  tree: WakeupStep | null = null;
  /** Optimal search only, a ring: as many as `probeCount` says are valid, the newest overwrite the oldest. */
  readonly probes: Probe[] = [];
  probeCount = 0;
  /** Shape: by dense actor number, of those listed: a footprint that has all that the parked step passes; null where it passes nothing. Nodes nearer to the root own some of them. */
  readonly guards: (CompactFootprint | null)[] = [];
  /** A pool: the node's own guards, the first `guardCount` of them valid. */
  readonly #guardPool: CompactFootprint[] = [];
  #guardCount = 0;

  /** Empties the node, to be listed anew. */
  clear(): void {
    this.flags.fill(0);
    this.listed.length = 0;
    this.doneCount = 0;
    this.probeCount = 0;
    this.#guardCount = 0;
  }

  /** Keeps a guard of an actor's parked step. */
  setGuard(index: number, promise: Footprint, spaces: readonly Space[]): void {
    if (this.#guardCount === this.#guardPool.length) this.#guardPool.push(new CompactFootprint());
    const guard = this.#guardPool[this.#guardCount];
    guard.copyFrom(promise, spaces);
    this.guards[index] = guard.guarded ? guard : null;
    if (guard.guarded) this.#guardCount++;
  }

  flag(index: number): number {
    return index < this.flags.length ? this.flags[index] : 0;
  }

  setFlag(index: number, value: number): void {
    if (index >= this.flags.length) {
      const grown = new Uint8Array(Math.max(index + 1, this.flags.length * 2));
      grown.set(this.flags);
      this.flags = grown;
    }
    this.flags[index] |= value;
  }

  /** Of what the node's pools have come to hold. */
  get memoryBytes(): number {
    let bytes = OBJECT_BYTES + this.flags.byteLength;
    bytes += SLOT_BYTES * (this.listed.length + this.sleep.length + this.done.length);
    for (const event of this.done) bytes += event.memoryBytes;
    for (const { footprint, before } of this.probes)
      bytes += OBJECT_BYTES + footprint.data.byteLength + SLOT_BYTES * before.length;
    bytes += SLOT_BYTES * this.guards.length;
    for (const { data } of this.#guardPool) bytes += OBJECT_BYTES + data.byteLength;
    return bytes;
  }

  /** The step of the current execution. */
  event(): PathEvent {
    return this.done[this.doneCount - 1];
  }

  isAsleep(index: number, choice: number): boolean {
    for (const entry of this.sleep) {
      if (entry.index === index && entry.choice === choice) return true;
    }
    return false;
  }

  /**
   * Sets the sleep set of the node after the current step: what slept here or
   * has been explored from here, and does not conflict with the step. `deaf`
   * is a mutation: it wakes nobody.
   */
  passSleepTo(child: PathNode, deaf: boolean): void {
    const event = this.event();
    child.sleep.length = 0;
    for (const entry of this.sleep) {
      if (entry.index === event.index) continue;
      if (deaf || !conflicts(entry.footprint, event.footprint)) child.sleep.push(entry);
    }
    for (let i = 0; i < this.doneCount - 1; i++) {
      const entry = this.done[i];
      if (entry.index === event.index) continue;
      if (deaf || !conflicts(entry.footprint, event.footprint)) child.sleep.push(entry);
    }
  }
}

/** Actor ids, which may be sparse, as dense numbers in order of first appearance. */
export class ActorTable {
  readonly ids: ActorId[] = [];
  readonly #dense: Map<ActorId, number> = new Map();
  /** Small ids, which is nearly all of them, without hashing. Shape: dense number + 1; 0 where unknown. */
  readonly #small: Int32Array = new Int32Array(1024);

  indexOf(actor: ActorId): number {
    if (actor < 1024) {
      const known = this.#small[actor];
      if (known !== 0) return known - 1;
    } else {
      const known = this.#dense.get(actor);
      if (known !== undefined) return known;
    }
    const index = this.ids.length;
    this.ids.push(actor);
    if (actor < 1024) this.#small[actor] = index + 1;
    else this.#dense.set(actor, index);
    return index;
  }
}

/**
 * The current execution. Position `i` is the step taken from node `i`. The
 * clock of a step gives, per actor, 1 + the position of that actor's last
 * step that happens before it (itself included for its own actor), 0 for
 * none.
 */
export class Path {
  readonly actors: ActorTable = new ActorTable();
  readonly nodes: PathNode[] = [new PathNode()];
  /** Number of steps of the current execution; `nodes[depth]` is where it stands. */
  depth = 0;
  /** Positions of conflicting steps that are last in happens-before among those before the newest step, newest first. */
  readonly races: number[] = [];

  #width = 16;
  #capacity = 64;
  #clocks: Int32Array = new Int32Array(this.#capacity * this.#width);
  /** By dense actor: 1 + position of its last step; 0 for none. */
  #last: Int32Array = new Int32Array(this.#width);
  /** By position: what `#last` held for the actor before. */
  #previous: Int32Array = new Int32Array(this.#capacity);
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  /** 1 + position of the actor's last step; 0 for none. */
  lastOf(index: number): number {
    return index < this.#width ? this.#last[index] : 0;
  }

  /** 1 + position of the step before, by the actor of the step at `position`; 0 for none. */
  previousOf(position: number): number {
    return this.#previous[position];
  }

  /** Entry of the clock of the step at `position`. */
  clock(position: number, index: number): number {
    return index < this.#width ? this.#clocks[position * this.#width + index] : 0;
  }

  /** Whether the step at `earlier` happens before the step at `later`, or is it. */
  happensBefore(earlier: number, later: number): boolean {
    return this.clock(later, this.nodes[earlier].event().index) > earlier;
  }

  /** Whether no step after `node` other than its own happens before the step at `position`. */
  isInitialAfter(node: number, position: number): boolean {
    const base = position * this.#width;
    const own = this.nodes[position].event().index;
    if (this.#previous[position] > node + 1) return false;
    for (let a = 0; a < this.actors.ids.length && a < this.#width; a++) {
      if (a !== own && this.#clocks[base + a] > node + 1) return false;
    }
    return true;
  }

  /** A node's record for a step about to be explored from it; valid once `doneCount` has grown. */
  newEvent(node: PathNode, index: number, choice: number, footprint: Footprint): PathEvent {
    const at = node.doneCount++;
    if (at === node.done.length) node.done.push(new PathEvent());
    const event = node.done[at];
    event.index = index;
    event.actor = this.actors.ids[index];
    event.choice = choice;
    event.footprint.copyFrom(footprint, this.#system.spaces);
    return event;
  }

  /** Appends the newest step of `nodes[depth]`: computes its clock and `races`. */
  push(event: PathEvent): void {
    const position = this.depth;
    this.#reserve(position, event.index);
    const width = this.#width;
    const clocks = this.#clocks;
    const base = position * width;
    const last = this.#last[event.index];
    if (last === 0) clocks.fill(0, base, base + width);
    else clocks.copyWithin(base, (last - 1) * width, last * width);
    this.races.length = 0;
    // Newest first: a conflicting step that no later one has brought in is last in happens-before.
    for (let i = position - 1; i >= 0; i--) {
      const other = this.nodes[i].event();
      if (other.index === event.index || clocks[base + other.index] > i) continue;
      if (!conflicts(other.footprint, event.footprint)) continue;
      this.races.push(i);
      const row = i * width;
      for (let a = 0; a < width; a++) {
        if (clocks[row + a] > clocks[base + a]) clocks[base + a] = clocks[row + a];
      }
    }
    clocks[base + event.index] = position + 1;
    this.#previous[position] = last;
    this.#last[event.index] = position + 1;
    this.depth++;
    if (this.depth === this.nodes.length) this.nodes.push(new PathNode());
  }

  /** Takes the newest step back. */
  pop(): void {
    this.depth--;
    const event = this.nodes[this.depth].event();
    this.#last[event.index] = this.#previous[this.depth];
  }

  /** Of all that is kept of the deepest execution so far, roughly: pools only grow. */
  get memoryBytes(): number {
    const clocks = this.#clocks.byteLength + this.#previous.byteLength + this.#last.byteLength;
    return this.nodes.reduce((bytes, node) => bytes + node.memoryBytes, clocks);
  }

  /** The steps so far. */
  schedule(): Schedule {
    const steps: { actor: ActorId; choice: number }[] = [];
    for (let i = 0; i < this.depth; i++) {
      const { actor, choice } = this.nodes[i].event();
      if (choice !== STAY_AWAY) steps.push({ actor, choice });
    }
    return steps;
  }

  /** How many steps happen before the step at `position`, that one included. */
  pastLength(position: number): number {
    let steps = 0;
    for (let i = 0; i <= position; i++) if (this.#isInPast(i, position)) steps++;
    return steps;
  }

  /** These steps: an execution of its own that ends with the same step. */
  past(position: number): Schedule {
    const steps: { actor: ActorId; choice: number }[] = [];
    for (let i = 0; i <= position; i++) {
      const { actor, choice } = this.nodes[i].event();
      if (this.#isInPast(i, position)) steps.push({ actor, choice });
    }
    return steps;
  }

  #isInPast(earlier: number, later: number): boolean {
    const { choice } = this.nodes[earlier].event();
    return choice !== STAY_AWAY && this.happensBefore(earlier, later);
  }

  #reserve(position: number, index: number): void {
    if (index < this.#width && position < this.#capacity) return;
    const width = index < this.#width ? this.#width : Math.max(index + 1, this.#width * 2);
    const capacity = position < this.#capacity ? this.#capacity : this.#capacity * 2;
    const clocks = new Int32Array(capacity * width);
    for (let i = 0; i < position; i++) {
      const row = i * this.#width;
      clocks.set(this.#clocks.subarray(row, row + this.#width), i * width);
    }
    const last = new Int32Array(width);
    last.set(this.#last);
    const previous = new Int32Array(capacity);
    previous.set(this.#previous);
    this.#clocks = clocks;
    this.#last = last;
    this.#previous = previous;
    this.#width = width;
    this.#capacity = capacity;
  }
}
