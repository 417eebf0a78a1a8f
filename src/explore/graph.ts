/**
 * The full state graph, breadth first over exact state keys, with no
 * reduction: the oracle of every reduction, and the source of shortest
 * counterexamples.
 *
 * The frontier holds no states. A state is remembered as the step that
 * first led to it from its parent; the states of one level are visited in
 * the order in which they were found, which is the order of a walk through
 * the tree of first visits, so that moving to the next one takes back and
 * repeats only the steps below the nearest common ancestor.
 */

import { Edges } from './edges.ts';
import { KeyTable } from './key-table.ts';
import type {
  Schedule,
  ScheduleStep,
  SearchOptions,
  SearchProgress,
  SearchResult,
  StopReason,
} from './search.ts';
import { ExplorerError, Findings, finalText, KeyBuffer, Pacer } from './search.ts';
import type { ActorId, Footprint, Mark, Outcome, System } from './system.ts';
import { ENABLED, newFootprint } from './system.ts';

/** Explores every reachable state. Starts with `reset`. `asleep` is always 0, `executions` counts final states. */
export async function exploreGraph(
  system: System,
  options: SearchOptions = {},
): Promise<SearchResult> {
  return new GraphSearch(system, options).run();
}

/** How each state was first reached. Shape: by state number; state 0 is the initial one. */
class StateTree {
  parent: Int32Array = new Int32Array(1 << 12);
  actor: Uint32Array = new Uint32Array(1 << 12);
  choice: Uint32Array = new Uint32Array(1 << 12);
  depth: Int32Array = new Int32Array(1 << 12);
  /** 1 where an actor has been halted by a violation or a cut. */
  halted: Uint8Array = new Uint8Array(1 << 12);

  set(state: number, parent: number, actor: ActorId, choice: number, halted: boolean): void {
    if (state >= this.parent.length) this.#grow();
    this.parent[state] = parent;
    this.actor[state] = actor;
    this.choice[state] = choice;
    this.depth[state] = parent < 0 ? 0 : this.depth[parent] + 1;
    this.halted[state] = halted ? 1 : 0;
  }

  /** The steps that first led to the state, then `extra`. */
  schedule(state: number, extra: readonly ScheduleStep[]): Schedule {
    const steps: ScheduleStep[] = [];
    for (let s = state; s > 0; s = this.parent[s]) {
      steps.push({ actor: this.actor[s], choice: this.choice[s] });
    }
    return [...steps.reverse(), ...extra];
  }

  #grow(): void {
    const size = this.parent.length * 2;
    const grow = <T extends Int32Array | Uint32Array | Uint8Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.parent = grow(new Int32Array(size), this.parent);
    this.actor = grow(new Uint32Array(size), this.actor);
    this.choice = grow(new Uint32Array(size), this.choice);
    this.depth = grow(new Int32Array(size), this.depth);
    this.halted = grow(new Uint8Array(size), this.halted);
  }
}

class GraphSearch {
  readonly #system: System;
  readonly #options: SearchOptions;
  readonly #findings: Findings;
  readonly #pacer: Pacer;
  readonly #tree: StateTree = new StateTree();
  readonly #table: KeyTable = new KeyTable();
  /** One byte of ours before the key: whether an actor has been halted, on which a deadlock depends. */
  readonly #keys: KeyBuffer = new KeyBuffer(1);
  readonly #finals: Set<string> | null;
  readonly #footprint: Footprint = newFootprint();
  readonly #actorList: Uint32Array = new Uint32Array(4096);
  /** The walk's present place: states from the initial one down, and a mark at each. */
  readonly #trail: number[] = [];
  readonly #marks: Mark[] = [];
  readonly #maxStates: number;
  readonly #edges: Edges = new Edges();
  readonly #ends: number[] = [];
  #executions = 0;
  #transitions = 0;
  #maxDepth = 0;
  #stop: StopReason = null;
  #restart = false;

  constructor(system: System, options: SearchOptions) {
    this.#system = system;
    this.#options = options;
    this.#maxStates = options.maxStates ?? Number.POSITIVE_INFINITY;
    this.#findings = new Findings(options);
    this.#pacer = new Pacer(options);
    this.#finals = options.collectFinals ? new Set() : null;
  }

  async run(): Promise<SearchResult> {
    this.#system.reset();
    this.#trail.push(0);
    this.#marks.push(this.#system.mark());
    this.#meet(-1, 0, 0, false);
    if (this.#options.signal?.aborted) this.#stop = 'aborted';
    for (let state = 0; state < this.#table.count && !this.#finished(); state++) {
      this.#goTo(state);
      await this.#expand(state);
    }
    return this.#result();
  }

  #finished(): boolean {
    return this.#stop !== null || this.#restart;
  }

  /** Takes every step that is possible in the state. Requires: the system stands there. */
  async #expand(state: number): Promise<void> {
    const system = this.#system;
    const mark = system.mark();
    const actors = this.#enabledActors();
    for (const actor of actors) {
      this.#footprint.count = 0;
      const choices = system.next(actor, this.#footprint);
      for (let choice = 0; choice < choices; choice++) {
        if (this.#pacer.due()) {
          this.#stop = await this.#pacer.pause(() => this.#progress(state));
        }
        if (this.#finished()) return;
        this.#takeStep(state, actor, choice);
        system.rewind(mark);
        if (this.#finished()) return;
      }
    }
  }

  #enabledActors(): ActorId[] {
    const count = this.#system.actors(this.#actorList);
    const enabled: ActorId[] = [];
    for (let i = 0; i < count; i++) {
      const actor = this.#actorList[i];
      if (this.#system.status(actor) === ENABLED) enabled.push(actor);
    }
    return enabled;
  }

  #takeStep(state: number, actor: ActorId, choice: number): void {
    this.#footprint.count = 0;
    const outcome = this.#system.take(actor, choice, this.#footprint);
    this.#transitions++;
    this.#note(outcome, state, actor, choice);
    if (this.#finished()) return;
    this.#meet(state, actor, choice, this.#tree.halted[state] === 1 || outcome.kind !== 'ok');
  }

  #note(outcome: Outcome, state: number, actor: ActorId, choice: number): void {
    if (outcome.kind === 'ok') return;
    const schedule = () => this.#tree.schedule(state, [{ actor, choice }]);
    if (outcome.kind === 'restart') this.#restart = true;
    else if (outcome.kind === 'cut') this.#findings.addCut(outcome.bound, schedule);
    else if (this.#findings.addViolation(outcome.property, outcome.site, schedule)) {
      this.#stop = 'first-violation';
    }
  }

  /** Numbers the state in which the system stands if it is new, and judges it if it is final. */
  #meet(parent: number, actor: ActorId, choice: number, halted: boolean): void {
    const length = this.#keys.read(this.#system);
    this.#keys.bytes[0] = halted ? 1 : 0;
    const state = this.#table.insert(this.#keys.bytes, length);
    if (parent >= 0) this.#edges.add(parent, state < 0 ? -1 - state : state);
    if (state < 0) return;
    // A search that needs exactly as many states as it may have is complete.
    if (this.#table.count > this.#maxStates) {
      this.#stop = 'max-states';
      return;
    }
    this.#tree.set(state, parent, actor, choice, halted);
    if (this.#tree.depth[state] > this.#maxDepth) this.#maxDepth = this.#tree.depth[state];
    this.#judgeEnd(state, halted, length);
  }

  #judgeEnd(state: number, halted: boolean, length: number): void {
    const system = this.#system;
    const count = system.actors(this.#actorList);
    let mustBlocked = false;
    for (let i = 0; i < count; i++) {
      const actor = this.#actorList[i];
      if (!system.must(actor)) continue;
      if (system.status(actor) === ENABLED) return;
      mustBlocked = true;
    }
    this.#executions++;
    this.#ends.push(state);
    this.#finals?.add(finalText(this.#keys.bytes.subarray(1), length - 1, halted));
    const schedule = () => this.#tree.schedule(state, []);
    for (const { property, site } of system.atEnd(mustBlocked && !halted)) {
      if (this.#findings.addViolation(property, site, schedule)) this.#stop = 'first-violation';
    }
  }

  /** Moves the system to a state by way of the nearest common ancestor. */
  #goTo(state: number): void {
    const tree = this.#tree;
    const steps: number[] = [];
    let common = state;
    while (this.#trail[tree.depth[common]] !== common) {
      steps.push(common);
      common = tree.parent[common];
    }
    const depth = tree.depth[common];
    this.#system.rewind(this.#marks[depth]);
    this.#trail.length = depth + 1;
    this.#marks.length = depth + 1;
    for (const next of steps.reverse()) {
      this.#footprint.count = 0;
      const outcome = this.#system.take(tree.actor[next], tree.choice[next], this.#footprint);
      if (outcome.kind === 'restart') {
        throw new ExplorerError('a repeated step came out differently', tree.schedule(next, []));
      }
      this.#trail.push(next);
      this.#marks.push(this.#system.mark());
    }
  }

  #progress(state: number): SearchProgress {
    return {
      executions: this.#executions,
      asleep: 0,
      states: this.#table.count,
      transitions: this.#transitions,
      depth: this.#tree.depth[state],
      seconds: this.#pacer.seconds(),
    };
  }

  /** States are numbered breadth first, so the lowest one is as near as any. */
  #endless(): Schedule | null {
    if (this.#finished()) return null;
    const state = this.#edges.firstWithoutEnd(this.#table.count, this.#ends);
    return state < 0 ? null : this.#tree.schedule(state, []);
  }

  #result(): SearchResult {
    return {
      kind: this.#restart ? 'restart' : this.#stop === null ? 'complete' : 'stopped',
      stopReason: this.#stop,
      executions: this.#executions,
      asleep: 0,
      states: Math.min(this.#table.count, this.#maxStates),
      transitions: this.#transitions,
      seconds: this.#pacer.seconds(),
      maxDepth: this.#maxDepth,
      violations: this.#findings.violations,
      cuts: this.#findings.cuts,
      endless: this.#endless(),
      finals: this.#finals,
    };
  }
}
