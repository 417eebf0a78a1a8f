/**
 * Race detection: which actors must also be tried at which earlier nodes, so
 * that the alternatives at every node are a source set. The rules, their
 * proof and where they depart from the paper are in docs/explore.md,
 * section 3; the comments here only tie the code to it.
 *
 * Source: Abdulla, Aronis, Jonsson, Sagonas, "Source sets: a foundation for
 * optimal dynamic partial order reduction", JACM 64(4), 2017, section 5.
 * Departs: initials are taken from the causal past of the racing step only,
 * and steps that can be forbidden are compared with every change of what
 * they pass, not only with the last dependent step.
 */

import type { CompactFootprint } from './conflict.ts';
import { changesGuard, conflicts, opensStrictGate, sameFootprint } from './conflict.ts';
import type { Path, PathNode } from './path.ts';
import { BACKTRACK, ENABLED } from './path.ts';
import { ExplorerError } from './search.ts';
import type { Space } from './system.ts';

/** Ways to break race detection on purpose; for tests of the tests. */
export type RaceMutation =
  | 'last-dependent-only'
  | 'no-look-past'
  | 'last-close-only'
  | 'sleep-trusted'
  | null;

export class RaceDetector {
  readonly #path: Path;
  readonly #spaces: readonly Space[];
  readonly #mutation: RaceMutation;

  constructor(path: Path, spaces: readonly Space[], mutation: RaceMutation) {
    this.#path = path;
    this.#spaces = spaces;
    this.#mutation = mutation;
  }

  /** Examines the newest step of the path, which has just been pushed. */
  examineTaken(): void {
    const path = this.#path;
    const position = path.depth - 1;
    const event = path.nodes[position].event();
    for (const race of path.races) {
      this.#reverse(race, position);
      if (this.#mutation === 'last-dependent-only') return;
    }
    if (event.footprint.guarded) {
      this.#lookPast(event.index, event.footprint, position, path.previousOf(position));
    }
  }

  /** Examines the next step of a blocked actor, at the end of an execution. */
  examineBlocked(index: number, footprint: CompactFootprint): void {
    if (this.#mutation === 'last-dependent-only') return;
    this.#lookPast(index, footprint, this.#path.depth, this.#path.lastOf(index));
  }

  /**
   * The step at `later` races with the step at `earlier`, nothing between
   * them: make sure that the node before `earlier` also tries an initial of
   * what `later` needs without `earlier`.
   */
  #reverse(earlier: number, later: number): void {
    const path = this.#path;
    const node = path.nodes[earlier];
    const first = node.event();
    const second = path.nodes[later].event();
    const guarded = second.footprint.guarded;
    if (guarded && opensStrictGate(first.footprint, second.footprint, this.#spaces)) return;
    const flags = node.flag(second.index);
    const enabled = (flags & ENABLED) !== 0;
    // An actor that is not listed there has yet to come into being, by a step of its past.
    const blocked = flags !== 0 && !enabled && path.previousOf(later) <= earlier;
    if (guarded && blocked && !this.#pastChangesGuard(earlier, later)) return;
    if (this.#tryInitial(earlier, later, false)) return;
    // Nothing but `earlier` comes before it. Where it cannot be taken at
    // that node, `earlier` is what allows it and the two cannot swap.
    if (!enabled) return;
    node.setFlag(second.index, BACKTRACK);
    this.#distrustSleep(node, second.index, second.choice, second.footprint);
  }

  /** Whether a step of `later`'s past that does not need `earlier` touches what `later` must pass. */
  #pastChangesGuard(earlier: number, later: number): boolean {
    const path = this.#path;
    const { footprint } = path.nodes[later].event();
    for (let k = earlier + 1; k < later; k++) {
      if (!path.happensBefore(k, later) || path.happensBefore(earlier, k)) continue;
      if (changesGuard(path.nodes[k].event().footprint, footprint, false)) return true;
    }
    return false;
  }

  /**
   * Compares a step that can be forbidden with every earlier step that may
   * have forbidden it. Between the two there may be others, an OPEN at
   * least, so they are no race of neighbours; but without the earlier one
   * this step may come first. `end`: position of the step, or the depth for
   * one not taken; `last`: 1 + position of its actor's step before, 0 for none.
   */
  #lookPast(index: number, footprint: CompactFootprint, end: number, last: number): void {
    if (this.#mutation === 'no-look-past') return;
    const path = this.#path;
    for (let i = end - 1; i >= 0; i--) {
      const event = path.nodes[i].event();
      if (event.index === index) continue;
      if (last !== 0 && path.happensBefore(i, last - 1)) continue;
      if (!changesGuard(event.footprint, footprint, true)) continue;
      if (last - 1 > i) this.#tryInitial(i, last - 1, true);
      else this.#tryBeforeClose(i, index, footprint, end);
      if (this.#mutation === 'last-close-only') return;
    }
  }

  /** `lookPast` for an actor that had been parked before the step at `earlier`. */
  #tryBeforeClose(earlier: number, index: number, footprint: CompactFootprint, end: number): void {
    const path = this.#path;
    const node = path.nodes[earlier];
    const enabled = (node.flag(index) & ENABLED) !== 0;
    if (enabled) node.setFlag(index, BACKTRACK);
    const asleep = enabled && node.sleep.some((entry) => entry.index === index);
    if (enabled && !asleep) return;
    // Blocked there too, or covered elsewhere only as it was there: then
    // what it needs first is a step that touches it and not `earlier`.
    for (let k = earlier + 1; k < end; k++) {
      if (path.happensBefore(earlier, k)) continue;
      const other = path.nodes[k].event();
      if (other.index === index) continue;
      if (conflicts(other.footprint, footprint) || this.#touchesSleeper(node, index, k)) {
        this.#tryInitial(earlier, k, true);
      }
    }
    if (!asleep || end === path.depth) return;
    this.#distrustSleep(node, index, path.nodes[end].event().choice, footprint);
  }

  #touchesSleeper(node: PathNode, index: number, position: number): boolean {
    const { footprint } = this.#path.nodes[position].event();
    return node.sleep.some((s) => s.index === index && conflicts(s.footprint, footprint));
  }

  /**
   * Takes the steps after `earlier` that happen before `later` and do not
   * need `earlier`; with `inclusive`, `later` itself too. Ensures that one of
   * their initials is tried or asleep at the node before `earlier`. Returns
   * false where there are no such steps.
   */
  #tryInitial(earlier: number, later: number, inclusive: boolean): boolean {
    const path = this.#path;
    const node = path.nodes[earlier];
    let found = -1;
    for (let k = earlier + 1; k < later + (inclusive ? 1 : 0); k++) {
      if (!path.happensBefore(k, later) || path.happensBefore(earlier, k)) continue;
      if (!path.isInitialAfter(earlier, k)) continue;
      const { index, choice } = path.nodes[k].event();
      if ((node.flag(index) & BACKTRACK) !== 0 || node.isAsleep(index, choice)) return true;
      if (found < 0) found = index;
    }
    if (found < 0) return false;
    if ((node.flag(found) & ENABLED) === 0) {
      throw new ExplorerError(
        `actor ${path.actors.ids[found]} took a step that nothing before it allowed: a footprint leaves out what allows it`,
        path.schedule(),
      );
    }
    node.setFlag(found, BACKTRACK);
    return true;
  }

  /**
   * A sleeping step stands for what it did when it was explored. Where it
   * has another footprint by now, what made it so has to be tried as well,
   * and nothing here says which step that is: try all.
   */
  #distrustSleep(node: PathNode, index: number, choice: number, footprint: CompactFootprint): void {
    if (this.#mutation === 'sleep-trusted') return;
    for (const entry of node.sleep) {
      if (entry.index !== index || entry.choice !== choice) continue;
      if (sameFootprint(entry.footprint, footprint)) continue;
      for (const other of node.listed) {
        if ((node.flag(other) & ENABLED) !== 0) node.setFlag(other, BACKTRACK);
      }
      return;
    }
  }
}
