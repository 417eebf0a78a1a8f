/**
 * What both searches share: options, result, schedules, and the pacing that
 * lets timers, signals and progress lines run while a search is busy.
 */

import type { ActorId, System } from './system.ts';

/** One taken step, as far as replay needs it. */
export interface ScheduleStep {
  readonly actor: ActorId;
  readonly choice: number;
}

/** The steps of an execution from the initial state, in order. */
export type Schedule = readonly ScheduleStep[];

export interface ViolationSite {
  readonly property: number;
  readonly site: number;
}

/** A violation and one way to reach it. */
export interface FoundViolation extends ViolationSite {
  readonly schedule: Schedule;
}

/** A limit of the system that was hit, and one way to reach it. */
export interface FoundCut {
  readonly bound: number;
  readonly schedule: Schedule;
}

/** Numbers so far; every field only grows. */
export interface SearchProgress {
  readonly executions: number;
  readonly asleep: number;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly seconds: number;
}

export interface SearchOptions {
  readonly timeoutMs?: number;
  /** Complete executions after which a stateless search stops. */
  readonly maxExecutions?: number;
  /** States after which a search stops. */
  readonly maxStates?: number;
  /** Steps of one execution after which a stateless search stops; 100,000 where not given. A loop that nothing bounds gets there. */
  readonly maxDepth?: number;
  /** Stop at the first violation: any, or the first that the predicate accepts. */
  readonly stopAtFirst?: boolean | ((violation: ViolationSite) => boolean);
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Collect the keys of final states: needed by oracles only, and costly. */
  readonly collectFinals?: boolean;
  /**
   * Whatever the stateless search concludes from footprints without asking the
   * system, it asks as well. For oracles, and costly. Throws an `ExplorerError`
   * where the two differ.
   */
  readonly doubts?: boolean;
  /**
   * In which order the graph search visits states: `breadth` (where not given)
   * for shortest ways, `depth` for less memory.
   */
  readonly order?: 'breadth' | 'depth';
}

/** Why a search stopped before its end; null where it did not. */
export type StopReason =
  | 'timeout'
  | 'max-executions'
  | 'max-states'
  | 'max-depth'
  | 'first-violation'
  | 'aborted'
  | null;

/**
 * What a search found. `complete`: every execution was covered, up to the
 * cuts. `stopped`: some were not. `restart`: the system asked to start over
 * from `reset`, and nothing else here means anything.
 */
export interface SearchResult {
  readonly kind: 'complete' | 'stopped' | 'restart';
  readonly stopReason: StopReason;
  /** Complete executions: one per Mazurkiewicz trace in the stateless search, final states in the graph. */
  readonly executions: number;
  /** Executions given up because whatever was left had been explored before. */
  readonly asleep: number;
  /** Distinct states in the graph; nodes visited, the same state counted as often as it is met, in the stateless search. */
  readonly states: number;
  /** Steps taken for exploration; repeated steps that only restore a state are not counted. */
  readonly transitions: number;
  readonly seconds: number;
  readonly maxDepth: number;
  /** One per distinct (property, site), a shortest one if the search is complete; depth first in the graph, any. */
  readonly violations: readonly FoundViolation[];
  /** One per distinct bound. */
  readonly cuts: readonly FoundCut[];
  /**
   * From the complete state graph: a way to a state from which no execution
   * ends, because everything only goes round and round, a shortest one if it
   * was searched breadth first; null where there is none. Nothing that is
   * judged at an end has been judged there, so such a result is not safe. From
   * the stateless search always null: it would not have come to its end.
   */
  readonly endless: Schedule | null;
  /** Keys of final states (`keyText`) where `collectFinals` was set. Orbits, where states were told apart up to symmetry. */
  readonly finals: Set<string> | null;
  /** Bytes for what the stateless search kept of one execution, undo history included, most at one time and roughly; absent from the graph search. */
  readonly pathBytes?: number;
  /** What the graph search knew of its states, and what that took. Absent from the stateless search, which keeps none. */
  readonly graph?: GraphStatistics;
}

export interface GraphStatistics {
  readonly order: 'breadth' | 'depth';
  /** States are counted up to a permutation of actors that are alike. */
  readonly symmetric: boolean;
  /** Bytes of memory for all that is kept of states. */
  readonly memoryBytes: number;
}

/** Units: milliseconds of work between two returns to the event loop. */
const SLICE_MS = 50;

/** Steps between two looks at the clock: a look costs about as much as a toy's step. */
const STEPS_PER_LOOK = 256;

/**
 * Stops, progress and yielding, in one place. The search calls `due` once a
 * step, which is a decrement, and `pause` when it says so.
 */
export class Pacer {
  readonly #options: SearchOptions;
  readonly #startMs: number = performance.now();
  #sliceStartMs: number = this.#startMs;
  #left = STEPS_PER_LOOK;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  seconds(): number {
    return (performance.now() - this.#startMs) / 1000;
  }

  /** True when `pause` wants to be called. `work`: in steps, what was done since the last call. */
  due(work = 1): boolean {
    this.#left -= work;
    if (this.#left > 0) return false;
    this.#left = STEPS_PER_LOOK;
    const now = performance.now();
    if (now - this.#sliceStartMs >= SLICE_MS) return true;
    return this.#timedOut(now);
  }

  /** Lets the event loop run, reports progress, and returns the reason to stop, if any. */
  async pause(progress: () => SearchProgress): Promise<StopReason> {
    this.#options.onProgress?.(progress());
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#sliceStartMs = performance.now();
    if (this.#options.signal?.aborted) return 'aborted';
    return this.#timedOut(this.#sliceStartMs) ? 'timeout' : null;
  }

  #timedOut(now: number): boolean {
    const { timeoutMs } = this.#options;
    return timeoutMs !== undefined && now - this.#startMs >= timeoutMs;
  }
}

/** Violations and cuts, one per distinct kind, in the order in which they were first found. */
export class Findings {
  readonly violations: FoundViolation[] = [];
  readonly cuts: FoundCut[] = [];
  readonly #stopAtFirst: SearchOptions['stopAtFirst'];

  constructor(options: SearchOptions) {
    this.#stopAtFirst = options.stopAtFirst;
  }

  /**
   * Returns true where the search should stop here. The schedule, of so many
   * steps, is asked for only where the violation is new or was further away.
   */
  addViolation(property: number, site: number, steps: number, schedule: () => Schedule): boolean {
    const { violations } = this;
    const known = violations.findIndex((one) => one.property === property && one.site === site);
    if (known < 0) violations.push({ property, site, schedule: schedule() });
    else if (steps < violations[known].schedule.length) {
      violations[known] = { property, site, schedule: schedule() };
    }
    const stop = this.#stopAtFirst;
    return typeof stop === 'function' ? stop({ property, site }) : stop === true;
  }

  addCut(bound: number, schedule: () => Schedule): void {
    if (this.cuts.some((one) => one.bound === bound)) return;
    this.cuts.push({ bound, schedule: schedule() });
  }
}

/** The bytes of the current state, in a buffer that grows on demand. */
export class KeyBuffer {
  /** Shape: `offset` bytes that belong to the caller, then the key. */
  bytes: Uint8Array;
  readonly #offset: number;

  constructor(offset = 0) {
    this.#offset = offset;
    this.bytes = new Uint8Array(4096);
  }

  /** Writes the state key; returns the count of bytes, the caller's own included. */
  read(system: System): number {
    for (;;) {
      try {
        const body = this.#offset === 0 ? this.bytes : this.bytes.subarray(this.#offset);
        return this.#offset + system.stateKey(body);
      } catch (error) {
        if (!(error instanceof RangeError) || this.bytes.length > 1 << 28) throw error;
        const grown = new Uint8Array(this.bytes.length * 2);
        grown.set(this.bytes.subarray(0, this.#offset));
        this.bytes = grown;
      }
    }
  }
}

/** A state key as a string that is equal where the bytes are equal: one character per byte. */
export function keyText(bytes: Uint8Array, count: number): string {
  let text = '';
  for (let at = 0; at < count; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(count, at + 4096)));
  }
  return text;
}

/** A final state by name. Whether an actor was halted is part of it: both searches tell the two apart. */
export function finalText(bytes: Uint8Array, count: number, halted: boolean): string {
  return (halted ? '!' : '.') + keyText(bytes, count);
}

/** A broken promise of the system or of the explorer itself; never the user's fault. */
export class ExplorerError extends Error {
  override readonly name = 'ExplorerError';
  /** The way to the place, where there is one. */
  readonly schedule: Schedule;

  constructor(message: string, schedule: Schedule) {
    super(message);
    this.schedule = schedule;
  }
}
