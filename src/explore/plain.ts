/**
 * The plain reduction: source sets as backtrack sets, sleep sets, no visited
 * set, no prefix taken twice. Visits every Mazurkiewicz trace that ends, each
 * once; what it gives up half-way because of sleep sets is counted apart.
 * Kept beside the optimal search (`optimal.ts`) because the two reach the
 * same by different arguments: docs/explore.md, sections 3 to 6.
 *
 * An execution ends where no `must` actor is enabled. Other actors that are
 * enabled there may still go on, which makes further executions.
 *
 * Source: Abdulla, Aronis, Jonsson, Sagonas, JACM 64(4), 2017, algorithm 1;
 * sleep sets: Godefroid, LNCS 1032, 1996, chapter 5.
 */

import { CompactFootprint } from './conflict.ts';
import type { PathNode } from './path.ts';
import { BACKTRACK, ENABLED, MUST, STARTED } from './path.ts';
import type { RaceMutation } from './races.ts';
import { RaceDetector } from './races.ts';
import type { SearchOptions } from './search.ts';
import { ExplorerError, keyText } from './search.ts';
import { StatelessSearch } from './stateless.ts';
import type { System } from './system.ts';
import { BLOCKED, emptyFootprint } from './system.ts';

/** Ways to make the search unsound on purpose, one at a time; for tests of the tests. */
export type PlainMutation =
  | Exclude<RaceMutation, null>
  | 'sleepers-not-woken'
  | 'no-races-at-end'
  | 'first-choice-only'
  | 'sleep-by-actor'
  | 'visited-set'
  | 'always-one-enough';

export class PlainSearch extends StatelessSearch {
  readonly #mutation: PlainMutation | null;
  readonly #races: RaceDetector;
  readonly #blocked: CompactFootprint = new CompactFootprint();
  readonly #visited: Set<string> = new Set();

  constructor(system: System, options: SearchOptions, mutation: PlainMutation | null) {
    super(system, options);
    this.#mutation = mutation;
    const raceMutation =
      mutation === 'last-dependent-only' ||
      mutation === 'no-look-past' ||
      mutation === 'last-close-only' ||
      mutation === 'sleep-trusted'
        ? mutation
        : null;
    this.#races = new RaceDetector(this.path, system.spaces, raceMutation);
  }

  /** Prepares `nodes[depth]` for exploration: its actors, its end if it is one, its first alternative. */
  protected override enter(): void {
    const node = this.path.nodes[this.path.depth];
    node.current = -1;
    const { mustEnabled, mustBlocked, anyBlocked } = this.list(node);
    if (!mustEnabled) this.endExecution(node, mustBlocked);
    const awake = !this.#isKnown() && this.#chooseFirst(node);
    if (mustEnabled && !awake) this.asleep++;
    if ((!mustEnabled || !awake) && anyBlocked) this.#examineBlocked(node);
  }

  /**
   * Marks the first alternative. One `must` actor is enough to start a
   * source set from: every execution that goes on from here has a step of
   * it or one that conflicts with it. Of another actor that is not true, so
   * where only such are awake all of them are tried. Returns false where
   * nothing is awake.
   */
  #chooseFirst(node: PathNode): boolean {
    const { path } = this;
    const recent = path.depth === 0 ? -1 : path.nodes[path.depth - 1].event().index;
    const oneIsEnough = this.#mutation === 'always-one-enough' ? ENABLED : ENABLED | MUST;
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
    emptyFootprint(this.footprint);
    const choices = this.system.next(this.path.actors.ids[index], this.footprint);
    return this.#mutation === 'first-choice-only' ? 1 : choices;
  }

  protected override advance(node: PathNode): boolean {
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
        // The race that an awake choice leads to may be one of its own actor,
        // and the choice asleep is covered as it was, elsewhere: try all.
        if (node.choiceCount > 1 && node.sleep.some((entry) => entry.index === index))
          for (const other of node.listed)
            if ((node.flag(other) & ENABLED) !== 0) node.setFlag(other, BACKTRACK);
        break;
      }
      if (node.current < 0) return false;
    }
  }

  #isAsleep(node: PathNode, index: number, choice: number): boolean {
    if (this.#mutation === 'sleep-by-actor') {
      return node.sleep.some((entry) => entry.index === index);
    }
    return node.isAsleep(index, choice);
  }

  protected override takeStep(node: PathNode): void {
    const { path } = this;
    const outcome = this.take(node.current, node.choice);
    path.push(path.newEvent(node, node.current, node.choice, this.footprint));
    const child = path.nodes[path.depth];
    if (!this.note(outcome, node, child)) return;
    this.#races.examineTaken();
    node.passSleepTo(child, this.#mutation === 'sleepers-not-woken');
    this.enter();
  }

  protected override back(): boolean {
    const { path } = this;
    if (path.depth === 0) return false;
    path.pop();
    this.system.rewind(path.nodes[path.depth].mark);
    return true;
  }

  /** At the end of an execution, whatever its end, blocked actors take part in race detection. */
  #examineBlocked(node: PathNode): void {
    if (this.#mutation === 'no-races-at-end') return;
    for (const index of node.listed) {
      if ((node.flag(index) & ENABLED) !== 0) continue;
      const actor = this.path.actors.ids[index];
      if (this.system.status(actor) !== BLOCKED) continue;
      emptyFootprint(this.footprint);
      this.system.next(actor, this.footprint);
      this.#blocked.copyFrom(this.footprint, this.system.spaces);
      if (!this.#blocked.guarded) throw passesNothing(actor, this.path.schedule());
      this.#races.examineBlocked(index, this.#blocked);
    }
  }

  /** The mutation `visited-set` only: what stateful searches may do and this one may not. */
  #isKnown(): boolean {
    if (this.#mutation !== 'visited-set') return false;
    const text = keyText(this.keys.bytes, this.keys.read(this.system));
    if (this.#visited.has(text)) return true;
    this.#visited.add(text);
    return false;
  }
}

/** A blocked step must say what it waits for, or nothing could ever be compared with it. */
export function passesNothing(actor: number, schedule: ExplorerError['schedule']): ExplorerError {
  return new ExplorerError(
    `actor ${actor} is blocked, and its next step passes nothing: its footprint leaves out what forbids it`,
    schedule,
  );
}
