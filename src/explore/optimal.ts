/**
 * The optimal search: depth first with undo, sleep sets and wakeup trees, no
 * visited set, no prefix taken twice but to look at what a sequence would do.
 * Visits every Mazurkiewicz trace that ends, each once, and begins nothing
 * that ends asleep. docs/explore.md, section 7, has the argument.
 *
 * An actor that need not go on has one choice more: to stay away for ever. So
 * an execution ends where nobody can take a step and nobody is undecided.
 *
 * Source: Abdulla, Aronis, Jonsson, Sagonas, JACM 64(4), 2017 (Optimal-DPOR).
 * Departs: steps may be forbidden by others, may touch other places after
 * other steps, may have choices and may stay away. What a reversed race
 * leads to is therefore taken, looked at and taken back before it is
 * inserted.
 */

import { CompactFootprint } from './conflict.ts';
import { LookAhead } from './look-ahead.ts';
import type { PathNode } from './path.ts';
import { ENABLED, MUST, STAY_AWAY } from './path.ts';
import { passesNothing } from './plain.ts';
import type { ReversalMutation } from './reversals.ts';
import { Reversals } from './reversals.ts';
import type { SearchOptions, SearchResult } from './search.ts';
import { ExplorerError, keyText } from './search.ts';
import { StatelessSearch } from './stateless.ts';
import type { System } from './system.ts';
import { BLOCKED, emptyFootprint, ENABLED as STATUS_ENABLED } from './system.ts';
import { WakeupTrees } from './wakeup.ts';

/** Ways to make the search unsound on purpose, one at a time; for tests of the tests. */
export type OptimalMutation =
  | Exclude<ReversalMutation, null>
  | 'sleepers-not-woken'
  | 'no-races-at-end'
  | 'visited-set'
  | 'ended-for-good'
  | 'tree-dropped-where-blocked';

export interface WakeupStatistics {
  /** Sequences that were inserted into trees. */
  readonly sequences: number;
  /** Most steps in all trees at one time. */
  readonly peakSteps: number;
  /** Bytes that this took, footprints included, roughly. */
  readonly bytes: number;
  /** Steps taken only to look at a sequence before inserting it, or to come back from there. */
  readonly looks: number;
  /** Sequences that were looked at and led nowhere new. */
  readonly vain: number;
}

export class OptimalSearch extends StatelessSearch {
  readonly #mutation: OptimalMutation | null;
  readonly #trees: WakeupTrees = new WakeupTrees();
  readonly #ahead: LookAhead;
  readonly #reversals: Reversals;
  readonly #visited: Set<string> = new Set();
  /** Overwritten by every step. */
  readonly #promise: CompactFootprint = new CompactFootprint();

  constructor(system: System, options: SearchOptions, mutation: OptimalMutation | null) {
    super(system, options);
    this.#mutation = mutation;
    const own: readonly (OptimalMutation | null)[] = [
      'sleepers-not-woken',
      'no-races-at-end',
      'visited-set',
      'ended-for-good',
      'tree-dropped-where-blocked',
    ];
    const passed = own.includes(mutation) ? null : (mutation as ReversalMutation);
    this.#ahead = new LookAhead(system, this.path, mutation === 'ended-for-good');
    const { path, doubts } = this;
    this.#reversals = new Reversals(system, path, this.#trees, this.#ahead, doubts, passed);
  }

  protected override enter(): void {
    const { path } = this;
    const node = path.nodes[path.depth];
    const { mustBlocked, anyBlocked } = this.list(node);
    if (this.#mutation === 'tree-dropped-where-blocked' && anyBlocked) node.tree = null;
    if (node.tree !== null || (!this.#isKnown() && this.#chooseFirst(node))) return;
    if (this.#hasAlternative(node)) this.asleep++;
    else this.endExecution(node, mustBlocked);
    if (this.stop !== null || this.restart) return;
    const reversals = this.#reversals;
    reversals.begin();
    this.#ahead.begin();
    if (anyBlocked && this.#mutation !== 'no-races-at-end') this.#addBlocked(node);
    const ahead = this.#ahead;
    const { looks } = ahead;
    reversals.examine();
    if (ahead.restart) this.restart = true;
    this.work += path.depth + ahead.looks - looks;
  }

  /**
   * Where nothing is to be explored yet, any step will do to begin with, as
   * nobody sleeps. Returns false where there is none.
   */
  #chooseFirst(node: PathNode): boolean {
    const { path } = this;
    const recent = path.depth === 0 ? -1 : path.nodes[path.depth - 1].event().index;
    // Going on with the same actor makes executions that are easy to read.
    if (recent >= 0 && this.#begin(node, recent, ENABLED | MUST)) return true;
    for (const flags of [ENABLED | MUST, ENABLED]) {
      for (const index of node.listed) if (this.#begin(node, index, flags)) return true;
    }
    // Deciding to stay away comes last: then the race detector sees what the actor would do.
    for (const index of node.listed) {
      if ((node.flag(index) & MUST) !== 0 || node.isAsleep(index, STAY_AWAY)) continue;
      node.tree = this.#trees.add(index, STAY_AWAY);
      return true;
    }
    return false;
  }

  /** Begins with the first choice of the actor that is awake, if it has the flags and there is one. */
  #begin(node: PathNode, index: number, flags: number): boolean {
    if ((node.flag(index) & flags) !== flags) return false;
    let choice = 0;
    while (node.isAsleep(index, choice)) choice++;
    if (choice > 0 && choice >= this.#choices(index)) return false;
    node.tree = this.#trees.add(index, choice);
    return true;
  }

  #choices(index: number): number {
    emptyFootprint(this.footprint);
    return this.system.next(this.path.actors.ids[index], this.footprint);
  }

  /** Whether anything could be done here, asleep or not. */
  #hasAlternative(node: PathNode): boolean {
    return node.listed.some((index) => (node.flag(index) & (ENABLED | MUST)) !== MUST);
  }

  protected override advance(node: PathNode): boolean {
    return node.tree !== null;
  }

  protected override takeStep(node: PathNode): void {
    const { path, system } = this;
    const step = node.tree;
    if (step === null) return;
    const { index, choice } = step;
    const actor = path.actors.ids[index];
    const may = (node.flag(index) & MUST) === 0;
    if (choice !== STAY_AWAY && system.status(actor) !== STATUS_ENABLED) {
      throw new ExplorerError(
        `actor ${actor} cannot take a step that it could take after the same steps in another order: a footprint leaves something out`,
        path.schedule(),
      );
    }
    const choiceCount = this.#choices(index);
    const hasPromise = choiceCount > 1 || may;
    if (hasPromise) this.#promise.copyFrom(this.footprint, system.spaces);
    emptyFootprint(this.footprint);
    const outcome = choice === STAY_AWAY ? null : this.take(index, choice);
    const event = path.newEvent(node, index, choice, this.footprint);
    event.choiceCount = choiceCount;
    if (hasPromise) {
      event.promise ??= new CompactFootprint();
      event.promise.copy(this.#promise);
    }
    path.push(event);
    node.tree = step.next;
    const child = path.nodes[path.depth];
    child.tree = step.first;
    this.#trees.remove(step);
    child.halted = node.halted;
    if (outcome !== null && !this.note(outcome, node, child)) return;
    this.#reversals.collect();
    node.passSleepTo(child, this.#mutation === 'sleepers-not-woken');
    this.enter();
  }

  protected override back(): boolean {
    const { path } = this;
    let target = path.depth - 1;
    while (target >= 0 && path.nodes[target].tree === null) target--;
    if (target < 0) return false;
    this.#ahead.returnTo(target);
    if (this.#ahead.restart) this.restart = true;
    return true;
  }

  /** At the end of an execution, whatever its end, blocked actors take part in race detection. */
  #addBlocked(node: PathNode): void {
    for (const index of node.listed) {
      if ((node.flag(index) & ENABLED) !== 0) continue;
      const actor = this.path.actors.ids[index];
      if (this.system.status(actor) !== BLOCKED) continue;
      this.#choices(index);
      const promise = this.#reversals.addBlocked(index, this.footprint);
      if (!promise.guarded) throw passesNothing(actor, this.path.schedule());
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

  protected override result(): SearchResult & { readonly wakeup: WakeupStatistics } {
    const { inserted, peakSteps, bytes } = this.#trees;
    const { looks } = this.#ahead;
    const { vain } = this.#reversals;
    const wakeup = { sequences: inserted, peakSteps, bytes, looks, vain };
    const result = super.result();
    return { ...result, pathBytes: result.pathBytes! + bytes, wakeup };
  }
}
