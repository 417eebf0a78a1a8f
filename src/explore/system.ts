/**
 * The one interface between the explorer and whatever it explores. The
 * explorer knows actors, footprints, marks and state keys; it knows nothing
 * of CPUs, page tables or kernels. Toy systems, random programs and the
 * machine all implement it, and every search runs on all of them.
 *
 * A step is one visible operation followed by everything private up to just
 * before the next visible operation. An actor is therefore always parked at
 * a visible operation whose footprint can be asked for in advance.
 *
 * What the reductions rest on, and `test/explore/oracles.ts` checks on every
 * system whose graph is small:
 * - Steps of different actors that do not conflict commute: both orders are
 *   possible, they lead to the same state, and neither changes what the
 *   other does, touches or may choose.
 * - Whatever forbids a parked step is among its PASS records, `next` and
 *   `take` both report all of those, and they stay the same while the actor
 *   is parked. A step that can only wait (a load in a waiting loop) passes
 *   what it reads.
 * - Only its own step finishes an actor. Others may block it; they may also
 *   bring an actor into being, by a step that conflicts with whatever its
 *   first step touches whenever it is taken, and with more than what that
 *   passes.
 * - Every choice of a step touches the cells that its number of choices
 *   depends on.
 * - A step decides one thing after the other: whether it is allowed, how many
 *   choices it has, then access by access. Where an access goes depends on
 *   the actor's own past and on what the accesses before it found.
 */

/**
 * A source of steps: a CPU's instruction stream, the delivery of interrupts
 * to a CPU, a callback. Numbers are stable over the whole search: they never
 * depend on the interleaving (explorer rule 9).
 */
export type ActorId = number;

/** A point in the undo history. Marks nest: only the newest may be rewound to, or an older one. */
export type Mark = number;

/**
 * One address space of footprints. `bytes`: intervals of physical memory.
 * `cell`: abstract variables, one per `low`. `gate`: cells that can forbid
 * steps (interrupt mask, lock, missing acknowledgements). The kind is a
 * description for people; conflicts are decided by modes alone.
 */
export interface Space {
  readonly name: string;
  readonly kind: 'bytes' | 'cell' | 'gate';
  /**
   * True promises that every OPEN in this space ends a time in which each
   * step that PASSes the same place was forbidden, so the two can never
   * swap. True of mutual exclusion and of interrupt masks; not of a gate
   * that some who pass it do not have to wait at, such as the reader gate of
   * grace periods, which a later reader closes and opens for nobody. Only
   * saves work: a false promise loses executions.
   */
  readonly strict?: boolean;
}

/** Access modes, as stored in the low byte of a footprint record. */
export const READ = 0;
export const WRITE = 1;
/** A READ whose value decides whether the step is allowed: a CLOSE or any other change may forbid it. */
export const PASS = 2;
/** A WRITE that may forbid steps that PASS this gate. */
export const CLOSE = 3;
/** A WRITE that may allow steps that PASS this gate, and forbids none of them. */
export const OPEN = 4;
/** A READ that leaves something behind: who writes there later may do something else because of it. */
export const HOOK = 5;
/** `COMMUTE + n`: an update of class n whose old value nobody uses; two of one class and one interval commute. */
export const COMMUTE = 8;
/**
 * `LOAD + n` and `ARRIVE + n`, n below 64: a READ, and the WRITE of a store
 * that has been on its way. The two commute where n is the same: whose store
 * it is finds it before it arrives and after.
 */
export const LOAD = 64;
export const ARRIVE = 128;

/** Whether an access of this mode only looks. */
export function looks(mode: number): boolean {
  return mode === READ || mode === PASS || mode === HOOK || (mode & 0xc0) === LOAD;
}

/**
 * What a step touches. Shape: `count` records of 4 u32 in `data`:
 * `space << 8 | mode`, `low`, `high` (exclusive), 0. Reused by the caller,
 * never kept: copy what must survive.
 *
 * `fixed` is set by `take` where the actor, standing at this step, could
 * always take it, with as many choices, and would always touch exactly this in
 * the whole step, whatever the others do meanwhile. It counts for nothing where
 * something is passed. Only saves work: a false promise loses executions.
 */
export interface Footprint {
  data: Uint32Array;
  count: number;
  fixed: boolean;
}

/** Words per footprint record. */
export const FOOTPRINT_STRIDE = 4;

/** The actor has no further step. */
export const FINISHED = 0;
/** The actor's next step can be taken now. */
export const ENABLED = 1;
/** The actor has a next step; a gate or a value forbids it now. */
export const BLOCKED = 2;
export type Status = typeof FINISHED | typeof ENABLED | typeof BLOCKED;

/**
 * What came of a step. After a `violation` the actor halts and the others go
 * on. After a `cut` the actor halts too, because a limit was hit: the verdict
 * can no longer be safe. After a `restart` the whole search is worthless and
 * starts again from `reset`: another actor touched what had been merged into
 * its neighbours as private (explorer rule 16), and the system now keeps
 * those accesses apart. The places to keep apart are finite, so this ends.
 */
export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'violation'; readonly property: number; readonly site: number }
  | { readonly kind: 'cut'; readonly bound: number };

/** What a step looked like, for people. Asked only on the trace path, for the step about to be taken. */
export interface StepLabel {
  /** The column the step belongs to: a CPU number, or -1 for none. */
  readonly cpu: number;
  readonly function: string;
  readonly file: string;
  /** 1-based; 0 where unknown. */
  readonly line: number;
  /** What happened, in the field's words. */
  readonly event: string;
}

/**
 * A system that can be explored. All methods are deterministic functions of
 * the state. `take`, `next` and `status` may be called for any actor that is
 * not finished; `take` only for an enabled one.
 */
export interface System {
  readonly spaces: readonly Space[];
  /**
   * Groups of actors that are interchangeable (explorer rule 20): member i of
   * every group belongs to the same thing, and permuting these things in a
   * state, along with everything that names one of them, gives a state with
   * the same future up to names. Empty where that is not so or not known.
   */
  readonly alike: readonly (readonly ActorId[])[];

  /** Back to the initial state; forgets all marks. */
  reset(): void;

  /** Unfinished actors, blocked ones too, ascending, into `out`; returns their count. */
  actors(out: Uint32Array): number;

  status(actor: ActorId): Status;

  /** False: the step may stay away for ever (a speculation, a preemption, an NMI). */
  must(actor: ActorId): boolean;

  /**
   * Footprint of the actor's next step, blocked or not, the cells of its
   * guard included, united over all choices. Returns the number of choices,
   * at least 1. The number of choices depends only on the actor's own past
   * and on cells in this footprint.
   */
  next(actor: ActorId, out: Footprint): number;

  /** Takes a step. `out` gets the footprint of what it did, inside what `next` promised. */
  take(actor: ActorId, choice: number, out: Footprint): Outcome;

  mark(): Mark;
  /** Restores the state at `to`, which stays valid; marks made after it do not. */
  rewind(to: Mark): void;

  /**
   * Exact, canonical bytes of the state, ghost state included, clocks and
   * counters not. Returns the byte count. Fails: RangeError where `out` is
   * too small; the caller grows it and asks again.
   */
  stateKey(out: Uint8Array): number;

  /**
   * As `stateKey`, of a representative of all states that differ only in the
   * names of things that are `alike`. Two states with one key must be such
   * states; that is all that soundness asks for. Where two such states have
   * different keys, both are explored.
   */
  orbitKey?(out: Uint8Array): number;

  /** Bytes of the longest history of undoing that there has been at one time; for reports. */
  undoBytes?(): number;

  /** What `next` returns, without a footprint; where missing, `next` is asked. */
  choiceCount?(actor: ActorId): number;

  /** Everything needed to continue in another worker or process: the same bytes everywhere. */
  save(): Uint8Array;
  load(bytes: Uint8Array): void;

  /** Describes the step `take(actor, choice)` would take now. Trace path only. */
  label(actor: ActorId, choice: number): StepLabel;

  /** Every actor that could not finish is stuck for a reason that people understand; for a deadlock's last line. */
  describeBlocked(actor: ActorId): string;

  /**
   * The violations that belong to a whole execution rather than to a step,
   * judged when no `must` actor is enabled any more: what the scenario
   * asserts at the end, a deadlock (see `deadlocked`). Empty where all is well.
   */
  atEnd(deadlocked: boolean): readonly { readonly property: number; readonly site: number }[];
}

/** An empty footprint with room for `records` records. It grows on demand in `addToFootprint`. */
export function newFootprint(records = 32): Footprint {
  return { data: new Uint32Array(records * FOOTPRINT_STRIDE), count: 0, fixed: false };
}

/** Before it is passed to `next` or `take`: they add to it. */
export function emptyFootprint(footprint: Footprint): void {
  footprint.count = 0;
  footprint.fixed = false;
}

/** Appends one record. `high` is exclusive; a cell c is the interval [c, c + 1). */
export function addToFootprint(
  footprint: Footprint,
  space: number,
  mode: number,
  low: number,
  high: number,
): void {
  const at = footprint.count * FOOTPRINT_STRIDE;
  if (at + FOOTPRINT_STRIDE > footprint.data.length) {
    const grown = new Uint32Array(footprint.data.length * 2);
    grown.set(footprint.data);
    footprint.data = grown;
  }
  footprint.data[at] = (space << 8) | mode;
  footprint.data[at + 1] = low;
  footprint.data[at + 2] = high;
  footprint.data[at + 3] = 0;
  footprint.count++;
}
