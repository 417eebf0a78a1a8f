/**
 * Stateless search: depth first with undo, dynamic partial-order reduction
 * by source sets, sleep sets, no visited set, no prefix taken twice. Visits
 * every Mazurkiewicz trace that ends, each once; what it gives up half-way
 * because of sleep sets is counted apart. docs/explore.md has the argument.
 *
 * An execution ends where no `must` actor is enabled. Other actors that are
 * enabled there may still go on, which makes further executions.
 *
 * Source: Abdulla, Aronis, Jonsson, Sagonas, JACM 64(4), 2017, algorithm 1;
 * sleep sets: Godefroid, LNCS 1032, 1996, chapter 5.
 */

import { CompactFootprint, conflicts } from './conflict.ts';
import type { PathNode } from './path.ts';
import { BACKTRACK, ENABLED, LISTED, MUST, Path, STARTED } from './path.ts';
import type { RaceMutation } from './races.ts';
import { RaceDetector } from './races.ts';
import type { SearchOptions, SearchProgress, SearchResult, StopReason } from './search.ts';
import { ExplorerError, Findings, finalText, KeyBuffer, keyText, Pacer } from './search.ts';
import type { Footprint, System } from './system.ts';
import { BLOCKED, newFootprint, ENABLED as STATUS_ENABLED } from './system.ts';

/** Ways to make the search unsound on purpose, one at a time; for tests of the tests. */
export type DporMutation =
  | Exclude<RaceMutation, null>
  | 'sleepers-not-woken'
  | 'no-races-at-end'
  | 'first-choice-only'
  | 'sleep-by-actor'
  | 'visited-set'
  | 'always-one-enough';

/** Steps; a thousand times what the executions of a scenario have. */
const DEFAULT_MAX_DEPTH = 100_000;

export interface DporOptions extends SearchOptions {
  /** Test-only. */
  readonly mutation?: DporMutation;
}

/** Explores every execution of the system, up to equivalence. Starts with `reset`. */
export async function exploreStateless(
  system: System,
  options: DporOptions = {},
): Promise<SearchResult> {
  return new StatelessSearch(system, options).run();
}

class StatelessSearch {
  readonly #system: System;
  readonly #options: DporOptions;
  readonly #path: Path;
  readonly #races: RaceDetector;
  readonly #findings: Findings;
  readonly #pacer: Pacer;
  readonly #keys: KeyBuffer = new KeyBuffer();
  readonly #finals: Set<string> | null;
  readonly #footprint: Footprint = newFootprint();
  readonly #blocked: CompactFootprint = new CompactFootprint();
  readonly #actorList: Uint32Array = new Uint32Array(4096);
  readonly #visited: Set<string> = new Set();
  readonly #maxPathDepth: number;
  #executions = 0;
  #asleep = 0;
  #nodes = 0;
  #transitions = 0;
  #maxDepth = 0;
  #stop: StopReason = null;
  #restart = false;

  constructor(system: System, options: DporOptions) {
    this.#system = system;
    this.#options = options;
    this.#path = new Path(system);
    const { mutation } = options;
    const raceMutation =
      mutation === 'last-dependent-only' ||
      mutation === 'no-look-past' ||
      mutation === 'last-close-only' ||
      mutation === 'sleep-trusted'
        ? mutation
        : null;
    this.#races = new RaceDetector(this.#path, system.spaces, raceMutation);
    this.#maxPathDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.#findings = new Findings(options);
    this.#pacer = new Pacer(options);
    this.#finals = options.collectFinals ? new Set() : null;
  }

  async run(): Promise<SearchResult> {
    this.#system.reset();
    this.#path.nodes[0].halted = false;
    this.#path.nodes[0].sleep.length = 0;
    if (this.#options.signal?.aborted) this.#stop = 'aborted';
    else this.#enter();
    const path = this.#path;
    while (this.#stop === null && !this.#restart) {
      if (this.#pacer.due()) {
        this.#stop = await this.#pacer.pause(() => this.#progress());
        if (this.#stop !== null) break;
      }
      if (this.#advance(path.nodes[path.depth])) {
        if (this.#nodes === this.#options.maxStates) this.#stop = 'max-states';
        else if (path.depth >= this.#maxPathDepth) this.#stop = 'max-depth';
        else this.#takeStep();
      } else if (path.depth === 0) break;
      else {
        path.pop();
        this.#system.rewind(path.nodes[path.depth].mark);
      }
    }
    return this.#result();
  }

  /** Prepares `nodes[depth]` for exploration: its actors, its end if it is one, its first alternative. */
  #enter(): void {
    const system = this.#system;
    const path = this.#path;
    const node = path.nodes[path.depth];
    this.#nodes++;
    if (path.depth > this.#maxDepth) this.#maxDepth = path.depth;
    node.mark = system.mark();
    node.flags.fill(0);
    node.listed.length = 0;
    node.doneCount = 0;
    node.current = -1;
    const count = system.actors(this.#actorList);
    let mustEnabled = false;
    let mustBlocked = false;
    let anyBlocked = false;
    for (let i = 0; i < count; i++) {
      const actor = this.#actorList[i];
      const index = path.actors.indexOf(actor);
      const enabled = system.status(actor) === STATUS_ENABLED;
      const must = system.must(actor);
      node.listed.push(index);
      node.setFlag(index, LISTED | (enabled ? ENABLED : 0) | (must ? MUST : 0));
      if (!enabled) anyBlocked = true;
      if (must && enabled) mustEnabled = true;
      if (must && !enabled) mustBlocked = true;
    }
    if (!mustEnabled) this.#endExecution(node, mustBlocked && !node.halted);
    const awake = !this.#isKnown() && this.#chooseFirst(node);
    if (mustEnabled && !awake) this.#asleep++;
    if ((!mustEnabled || !awake) && anyBlocked) this.#examineBlocked(node);
  }

  /** A complete execution stands here. */
  #endExecution(node: PathNode, deadlocked: boolean): void {
    // One more than may be: only now is it known that there are more.
    if (this.#executions === this.#options.maxExecutions) {
      this.#stop = 'max-executions';
      return;
    }
    this.#executions++;
    const schedule = () => this.#path.schedule();
    for (const { property, site } of this.#system.atEnd(deadlocked)) {
      if (this.#findings.addViolation(property, site, schedule)) this.#stop = 'first-violation';
    }
    if (this.#finals !== null) {
      const count = this.#keys.read(this.#system);
      this.#finals.add(finalText(this.#keys.bytes, count, node.halted));
    }
  }

  /**
   * Marks the first alternative. One `must` actor is enough to start a
   * source set from: every execution that goes on from here has a step of
   * it or one that conflicts with it. Of another actor that is not true, so
   * where only such are awake all of them are tried. Returns false where
   * nothing is awake.
   */
  #chooseFirst(node: PathNode): boolean {
    const path = this.#path;
    const recent = path.depth === 0 ? -1 : path.nodes[path.depth - 1].event().index;
    const oneIsEnough = this.#options.mutation === 'always-one-enough' ? ENABLED : ENABLED | MUST;
    // Going on with the same actor makes executions that are easy to read.
    if (recent >= 0 && this.#mayStart(node, recent, oneIsEnough)) {
      node.setFlag(recent, BACKTRACK);
      return true;
    }
    for (const index of node.listed) {
      if (!this.#mayStart(node, index, oneIsEnough)) continue;
      node.setFlag(index, BACKTRACK);
      return true;
    }
    let awake = false;
    for (const index of node.listed) {
      if (!this.#mayStart(node, index, ENABLED)) continue;
      node.setFlag(index, BACKTRACK);
      awake = true;
    }
    return awake;
  }

  /** Whether the actor has the flags and some choice of it is awake. */
  #mayStart(node: PathNode, index: number, flags: number): boolean {
    if ((node.flag(index) & flags) !== flags) return false;
    let sleeping = 0;
    for (const entry of node.sleep) if (entry.index === index) sleeping++;
    if (sleeping === 0) return true;
    return sleeping < this.#choices(index);
  }

  #choices(index: number): number {
    this.#footprint.count = 0;
    const choices = this.#system.next(this.#path.actors.ids[index], this.#footprint);
    return this.#options.mutation === 'first-choice-only' ? 1 : choices;
  }

  /** Moves the node on to its next step to explore; false where there is none. */
  #advance(node: PathNode): boolean {
    for (;;) {
      if (node.current >= 0) {
        for (node.choice++; node.choice < node.choiceCount; node.choice++) {
          if (!this.#isAsleep(node, node.current, node.choice)) return true;
        }
      }
      node.current = -1;
      for (const index of node.listed) {
        if ((node.flag(index) & (BACKTRACK | STARTED)) !== BACKTRACK) continue;
        node.setFlag(index, STARTED);
        node.current = index;
        node.choice = -1;
        node.choiceCount = this.#choices(index);
        break;
      }
      if (node.current < 0) return false;
    }
  }

  #isAsleep(node: PathNode, index: number, choice: number): boolean {
    if (this.#options.mutation === 'sleep-by-actor') {
      return node.sleep.some((entry) => entry.index === index);
    }
    return node.isAsleep(index, choice);
  }

  /** Takes the step that `advance` chose and enters the node after it. */
  #takeStep(): void {
    const path = this.#path;
    const node = path.nodes[path.depth];
    const actor = path.actors.ids[node.current];
    const footprint = this.#footprint;
    footprint.count = 0;
    const outcome = this.#system.take(actor, node.choice, footprint);
    this.#transitions++;
    const event = path.newEvent(node, node.current, node.choice, footprint);
    path.push(event);
    const child = path.nodes[path.depth];
    child.halted = node.halted;
    if (outcome.kind !== 'ok') {
      if (outcome.kind === 'restart') {
        this.#restart = true;
        return;
      }
      child.halted = true;
      const schedule = () => path.schedule();
      if (outcome.kind === 'cut') this.#findings.addCut(outcome.bound, schedule);
      else if (this.#findings.addViolation(outcome.property, outcome.site, schedule)) {
        this.#stop = 'first-violation';
        return;
      }
    }
    this.#races.examineTaken();
    this.#inheritSleep(node, child);
    this.#enter();
  }

  /** The child's sleep set: what slept or was explored at the node, and does not conflict with the step taken. */
  #inheritSleep(node: PathNode, child: PathNode): void {
    const event = node.event();
    const deaf = this.#options.mutation === 'sleepers-not-woken';
    child.sleep.length = 0;
    for (const entry of node.sleep) {
      if (entry.index === event.index) continue;
      if (deaf || !conflicts(entry.footprint, event.footprint)) child.sleep.push(entry);
    }
    for (let i = 0; i < node.doneCount - 1; i++) {
      const entry = node.done[i];
      if (entry.index === event.index) continue;
      if (deaf || !conflicts(entry.footprint, event.footprint)) child.sleep.push(entry);
    }
  }

  /** At the end of an execution, whatever its end, blocked actors take part in race detection. */
  #examineBlocked(node: PathNode): void {
    if (this.#options.mutation === 'no-races-at-end') return;
    for (const index of node.listed) {
      if ((node.flag(index) & ENABLED) !== 0) continue;
      const actor = this.#path.actors.ids[index];
      if (this.#system.status(actor) !== BLOCKED) continue;
      this.#footprint.count = 0;
      this.#system.next(actor, this.#footprint);
      this.#blocked.copyFrom(this.#footprint, this.#system.spaces);
      if (!this.#blocked.guarded) {
        throw new ExplorerError(
          `actor ${actor} is blocked, and its next step passes nothing: its footprint leaves out what forbids it`,
          this.#path.schedule(),
        );
      }
      this.#races.examineBlocked(index, this.#blocked);
    }
  }

  /** The mutation `visited-set` only: what stateful searches may do and this one may not. */
  #isKnown(): boolean {
    if (this.#options.mutation !== 'visited-set') return false;
    const text = keyText(this.#keys.bytes, this.#keys.read(this.#system));
    if (this.#visited.has(text)) return true;
    this.#visited.add(text);
    return false;
  }

  #progress(): SearchProgress {
    return {
      executions: this.#executions,
      asleep: this.#asleep,
      states: this.#nodes,
      transitions: this.#transitions,
      depth: this.#path.depth,
      seconds: this.#pacer.seconds(),
    };
  }

  #result(): SearchResult {
    return {
      kind: this.#restart ? 'restart' : this.#stop === null ? 'complete' : 'stopped',
      stopReason: this.#stop,
      executions: this.#executions,
      asleep: this.#asleep,
      states: this.#nodes,
      transitions: this.#transitions,
      seconds: this.#pacer.seconds(),
      maxDepth: this.#maxDepth,
      violations: this.#findings.violations,
      cuts: this.#findings.cuts,
      endless: null,
      finals: this.#finals,
    };
  }
}
