/** What both orders of the graph search share: taking a step, judging it, and judging the state after it. */

import type {
  GraphStatistics,
  Schedule,
  SearchOptions,
  SearchProgress,
  SearchResult,
  StopReason,
  ViolationSite,
} from './search.ts';
import { Findings, Pacer } from './search.ts';
import type { ActorId, Footprint, System } from './system.ts';
import { ENABLED, emptyFootprint, newFootprint } from './system.ts';
import { Visited } from './visited.ts';

/** What `take` came to where the search has to end, rather than the number of a state. */
export const STOPPED: number = Number.MIN_SAFE_INTEGER;

export abstract class GraphSearch {
  protected readonly system: System;
  protected readonly visited: Visited;
  /** A step halts its actor: the state last come to has an actor that is halted. */
  protected halted = false;
  protected maxDepth = 0;
  readonly #options: SearchOptions;
  readonly #findings: Findings;
  readonly #pacer: Pacer;
  readonly #finals: Set<string> | null;
  readonly #footprint: Footprint = newFootprint();
  readonly #listed: Uint32Array = new Uint32Array(4096);
  readonly #maxStates: number;
  #executions = 0;
  #transitions = 0;
  #stop: StopReason = null;
  #restart = false;

  constructor(system: System, options: SearchOptions) {
    this.system = system;
    this.visited = new Visited(system);
    this.#options = options;
    this.#maxStates = options.maxStates ?? Number.POSITIVE_INFINITY;
    this.#findings = new Findings(options);
    this.#pacer = new Pacer(options);
    this.#finals = options.collectFinals ? new Set() : null;
  }

  /** Visits everything. Requires: the system has been reset; the initial state is to be met first. */
  protected abstract explore(): Promise<void>;
  /** The steps that led to the state in which the last step was taken, and that step where there was one. */
  protected abstract schedule(): Schedule;
  /** Called for each new state that ends an execution. */
  protected abstract noteEnd(state: number): void;
  /** The steps of the present place from the initial state. */
  protected abstract depth(): number;
  /** Asked when all has been visited: see `SearchResult.endless`. */
  protected abstract endless(): Promise<Schedule | null>;
  protected abstract statistics(): GraphStatistics;

  async run(): Promise<SearchResult> {
    this.system.reset();
    if (this.#options.signal?.aborted) this.#stop = 'aborted';
    await this.explore();
    return this.#result();
  }

  protected get finished(): boolean {
    return this.#stop !== null || this.#restart;
  }

  /** To be asked once a step; where it says so, `pause` is due. */
  protected due(): boolean {
    return this.#pacer.due();
  }

  protected async pause(): Promise<void> {
    const stop = await this.#pacer.pause(() => this.#progress());
    if (stop !== null) this.#stop = stop;
  }

  /** The actors that may step, into `out` from `at`; returns the place behind the last. */
  protected listEnabled(out: Uint32Array, at: number): number {
    const { system } = this;
    const count = system.actors(this.#listed);
    let end = at;
    for (let i = 0; i < count; i++) {
      const actor = this.#listed[i];
      if (system.status(actor) === ENABLED) out[end++] = actor;
    }
    return end;
  }

  protected choices(actor: ActorId): number {
    const { system } = this;
    if (system.choiceCount !== undefined) return system.choiceCount(actor);
    emptyFootprint(this.#footprint);
    return system.next(actor, this.#footprint);
  }

  /** Repeats a step that was taken before. */
  protected repeat(actor: ActorId, choice: number): void {
    emptyFootprint(this.#footprint);
    this.system.take(actor, choice, this.#footprint);
  }

  /**
   * Takes a step from a state, `halted` there or not. Returns what `meet`
   * does, or STOPPED.
   */
  protected take(actor: ActorId, choice: number, halted: boolean): number {
    emptyFootprint(this.#footprint);
    const outcome = this.system.take(actor, choice, this.#footprint);
    this.#transitions++;
    this.halted = halted;
    if (outcome.kind !== 'ok') {
      this.halted = true;
      const schedule = () => this.schedule();
      if (outcome.kind === 'restart') this.#restart = true;
      else if (outcome.kind === 'cut') this.#findings.addCut(outcome.bound, schedule);
      else if (this.#addViolation(outcome)) {
        this.#stop = 'first-violation';
      }
      if (this.finished) return STOPPED;
    }
    return this.meet();
  }

  /** The number of the state in which the system stands if it is new, else -1 - its number; or STOPPED. */
  protected meet(): number {
    const state = this.visited.meet(this.halted);
    if (state < 0) return state;
    // A search that needs exactly as many states as it may have is complete.
    if (this.visited.count > this.#maxStates) {
      this.#stop = 'max-states';
      return STOPPED;
    }
    return state;
  }

  /** Judges a new state, in which the system stands: whether it ends an execution, and how. */
  protected judge(state: number): void {
    const { system } = this;
    const count = system.actors(this.#listed);
    let mustBlocked = false;
    for (let i = 0; i < count; i++) {
      const actor = this.#listed[i];
      if (!system.must(actor)) continue;
      if (system.status(actor) === ENABLED) return;
      mustBlocked = true;
    }
    this.#executions++;
    this.noteEnd(state);
    this.#finals?.add(this.visited.finalText(this.halted));
    for (const violation of system.atEnd(mustBlocked && !this.halted)) {
      if (this.#addViolation(violation)) this.#stop = 'first-violation';
    }
  }

  /** The first of a kind is kept: breadth first it is a shortest one. */
  #addViolation({ property, site }: ViolationSite): boolean {
    const schedule = () => this.schedule();
    return this.#findings.addViolation(property, site, Number.POSITIVE_INFINITY, schedule);
  }

  #progress(): SearchProgress {
    return {
      executions: this.#executions,
      asleep: 0,
      states: this.visited.count,
      transitions: this.#transitions,
      depth: this.depth(),
      seconds: this.#pacer.seconds(),
    };
  }

  async #result(): Promise<SearchResult> {
    return {
      kind: this.#restart ? 'restart' : this.#stop === null ? 'complete' : 'stopped',
      stopReason: this.#stop,
      executions: this.#executions,
      asleep: 0,
      states: Math.min(this.visited.count, this.#maxStates),
      transitions: this.#transitions,
      seconds: this.#pacer.seconds(),
      maxDepth: this.maxDepth,
      violations: this.#findings.violations,
      cuts: this.#findings.cuts,
      endless: this.finished ? null : await this.endless(),
      finals: this.#finals,
      graph: this.statistics(),
    };
  }
}
