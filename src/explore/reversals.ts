/**
 * At the end of an execution: the races in it, what each leads to when it is
 * reversed, and whether that is to be explored. The rules and their proof
 * are in docs/explore.md, section 7; the comments here tie the code to it.
 */

import {
  CompactFootprint,
  changesGuard,
  mayBringAbout,
  mayInfluence,
  opensStrictGate,
  sameFootprint,
} from './conflict.ts';
import type { LateStep, LookAhead } from './look-ahead.ts';
import type { Path, PathEvent } from './path.ts';
import { ENABLED, LISTED, MUST, STAY_AWAY } from './path.ts';
import { ExplorerError } from './search.ts';
import type { Footprint, System } from './system.ts';
import type { Missing, SequenceStep, WakeupTrees } from './wakeup.ts';
import { NOT_FIRST, placeOf } from './wakeup.ts';

/** Ways to break this on purpose; for tests of the tests. */
export type ReversalMutation =
  | 'last-dependent-only'
  | 'no-look-past'
  | 'last-close-only'
  | 'first-choice-only'
  | 'always-one-enough'
  | 'no-initials-check'
  | 'no-variations'
  | 'not-looked-at'
  | 'sleep-trusted'
  | 'away-for-good'
  | 'fixed-from-nowhere'
  | null;

const NOTHING: CompactFootprint = new CompactFootprint();

/** What the step touched; of one who stayed away, what it would have touched. */
function wouldTouch({ choice, footprint, promise }: PathEvent): CompactFootprint {
  return choice === STAY_AWAY && promise !== null ? promise : footprint;
}

export class Reversals {
  /** Sequences that were looked at and led nowhere new. */
  vain = 0;
  readonly #system: System;
  readonly #path: Path;
  readonly #trees: WakeupTrees;
  readonly #ahead: LookAhead;
  readonly #doubts: boolean;
  readonly #mutation: ReversalMutation;
  /** By position: the late steps that may come before the step there, `number << 1 | forbidden`. */
  readonly #late: number[][] = [];
  /** Steps parked at the end; their numbers begin at the depth. */
  readonly #parked: { index: number; last: number; footprint: CompactFootprint }[] = [];
  #parkedCount = 0;
  /** Overwritten for each node. */
  readonly #without: number[] = [];
  readonly #sleepers: PathEvent[] = [];
  readonly #sequence: SequenceStep[] = [];

  constructor(
    system: System,
    path: Path,
    trees: WakeupTrees,
    ahead: LookAhead,
    doubts: boolean,
    mutation: ReversalMutation,
  ) {
    this.#system = system;
    this.#path = path;
    this.#trees = trees;
    this.#ahead = ahead;
    this.#doubts = doubts;
    this.#mutation = mutation;
  }

  /**
   * Finds the steps that the newest step of the path might come before: those
   * it races with; and those that may have forbidden it, however far back,
   * for between the two there is an OPEN at least.
   */
  collect(): void {
    const path = this.#path;
    const position = path.depth - 1;
    const event = path.nodes[position].event();
    const { index, reversible } = event;
    // Who stays away may have done so because it was forbidden to come.
    const footprint = wouldTouch(event);
    reversible.length = 0;
    for (const race of path.races) {
      const earlier = path.nodes[race].event().footprint;
      // Until an OPEN of a strict gate the later step was forbidden, and nothing but that step touched the gate.
      if (footprint.guarded && opensStrictGate(earlier, footprint, this.#system.spaces)) continue;
      const forbids = footprint.guarded && changesGuard(earlier, footprint, false);
      reversible.push((race << 1) | (forbids ? 1 : 0));
      if (this.#mutation === 'last-dependent-only') return;
    }
    if (!footprint.guarded || this.#mutation === 'no-look-past') return;
    this.#forbidders(index, footprint, position, path.previousOf(position), (earlier) => {
      const code = (earlier << 1) | 1;
      if (!reversible.includes(code)) reversible.push(code);
    });
  }

  #forbidders(
    index: number,
    footprint: CompactFootprint,
    end: number,
    last: number,
    found: (position: number) => void,
  ): void {
    const path = this.#path;
    for (let i = end - 1; i >= 0; i--) {
      const event = path.nodes[i].event();
      if (event.index === index) continue;
      if (last !== 0 && path.happensBefore(i, last - 1)) continue;
      if (!changesGuard(event.footprint, footprint, true)) continue;
      found(i);
      if (this.#mutation === 'last-close-only') return;
    }
  }

  /** Begins with the execution that the path is. */
  begin(): void {
    const path = this.#path;
    this.#parkedCount = 0;
    while (this.#late.length < path.depth) this.#late.push([]);
    for (let i = 0; i < path.depth; i++) this.#late[i].length = 0;
    for (let j = 0; j < path.depth; j++) {
      for (const code of path.nodes[j].event().reversible) {
        this.#late[code >> 1].push((j << 1) | (code & 1));
      }
    }
  }

  /** An actor that is blocked at the end, and what its next step promises. */
  addBlocked(index: number, promise: Footprint): CompactFootprint {
    const path = this.#path;
    const number = this.#parkedCount++;
    if (number === this.#parked.length) {
      this.#parked.push({ index, last: 0, footprint: new CompactFootprint() });
    }
    const parked = this.#parked[number];
    parked.index = index;
    parked.last = path.lastOf(index);
    parked.footprint.copyFrom(promise, this.#system.spaces);
    const code = ((path.depth + number) << 1) | 1;
    if (this.#mutation !== 'last-dependent-only' && this.#mutation !== 'no-look-past') {
      this.#forbidders(index, parked.footprint, path.depth, parked.last, (earlier) => {
        this.#late[earlier].push(code);
      });
    }
    return parked.footprint;
  }

  /** Inserts what the execution shows to be missing. */
  examine(): void {
    for (let i = this.#path.depth - 1; i >= 0; i--) this.#examineNode(i);
  }

  #examineNode(i: number): void {
    const path = this.#path;
    const node = path.nodes[i];
    const event = node.event();
    const late = this.#late[i];
    const decides = event.choiceCount > 1 || (node.flag(event.index) & MUST) === 0;
    if (late.length === 0 && !decides) return;
    const without = this.#findWithout(i);
    const answered = this.#gatherSleepers(i, without);
    for (const code of late) {
      if (answered && (code & 1) === 0) continue;
      const number = code >> 1;
      const step = this.#lateStep(number);
      const stayed = number < path.depth && path.nodes[number].event().choice === STAY_AWAY;
      if (stayed) {
        // It comes now, so it does not stay away.
        const others = without.filter((k) => k !== number);
        this.#vary(i, others, step, 0, false);
      } else if ((code & 1) === 1) this.#vary(i, without, step, 0, answered);
      else if (!this.#staysAway(i, without, step)) {
        const known = this.#isFixed(i, step) || !mayInfluence(event.footprint, step.footprint);
        if (known && this.#doubts) this.#doubt(i, without, step, true);
        this.#consider(i, without, step, known);
      }
    }
    if (decides && this.#mutation !== 'first-choice-only')
      this.#decideOtherwise(i, without, answered);
  }

  /** The steps after the one at `i` that do not need it. */
  #findWithout(i: number): readonly number[] {
    const path = this.#path;
    const { index } = path.nodes[i].event();
    const list = this.#without;
    list.length = 0;
    for (let k = i + 1; k < path.depth; k++) if (path.clock(k, index) <= i) list.push(k);
    return list;
  }

  /**
   * Whether something that sleeps at the node, or has been explored from it,
   * comes first among the steps of `without`: whatever begins with those
   * steps has been explored then. Keeps the others that might.
   */
  #gatherSleepers(i: number, without: readonly number[]): boolean {
    const node = this.#path.nodes[i];
    const sequence = this.#fill(without, null);
    const sleepers = this.#sleepers;
    sleepers.length = 0;
    let answered = false;
    const look = (sleeper: PathEvent): void => {
      sleepers.push(sleeper);
      if (placeOf(sleeper, sequence) >= 0) answered = true;
    };
    if (this.#mutation === 'no-initials-check') return false;
    for (const sleeper of node.sleep) look(sleeper);
    for (let d = 0; d < node.doneCount - 1; d++) look(node.done[d]);
    return answered;
  }

  #lateStep(number: number): LateStep {
    const path = this.#path;
    if (number >= path.depth) {
      const { index, footprint, last } = this.#parked[number - path.depth];
      return { index, choice: 0, footprint, last, after: last - 1 };
    }
    const event = path.nodes[number].event();
    const { index } = event;
    const last = path.previousOf(number);
    const footprint = wouldTouch(event);
    if (event.choice === STAY_AWAY) return { index, choice: 0, footprint, last, after: last - 1 };
    return { index, choice: event.choice, footprint, last, after: number };
  }

  /** Another choice of the step at `i`, to stay away among them if it may. */
  #decideOtherwise(i: number, without: readonly number[], answered: boolean): void {
    const path = this.#path;
    const node = path.nodes[i];
    const { index, choice, choiceCount, promise } = node.event();
    const last = path.previousOf(i);
    for (let other = 0; other < choiceCount; other++) {
      if (other === choice || promise === null) continue;
      const step = { index, choice: other, footprint: promise, last, after: last - 1 };
      if (promise.guarded && choice === STAY_AWAY) this.#vary(i, without, step, 0, answered);
      else if (!answered) this.#consider(i, without, step, false);
    }
    const may = (node.flag(index) & MUST) === 0 && this.#mutation !== 'always-one-enough';
    if (!may || choice === STAY_AWAY || answered) return;
    const step = { index, choice: STAY_AWAY, footprint: NOTHING, last, after: last - 1 };
    this.#consider(i, without, step, true);
  }

  /**
   * A step that others can forbid: with all of `without` before it, and with
   * less and less of what touches the places it passes.
   */
  #vary(
    i: number,
    without: readonly number[],
    step: LateStep,
    from: number,
    answered: boolean,
  ): void {
    const path = this.#path;
    if (this.#staysAway(i, without, step)) return;
    if (!answered && !this.#staysBlocked(i, without, step)) this.#consider(i, without, step, false);
    if (this.#mutation === 'no-variations') return;
    for (let t = from; t < without.length; t++) {
      const k = without[t];
      if (step.last > i + 1 && path.happensBefore(k, step.last - 1)) continue;
      if (step.last === k + 1) continue;
      if (!changesGuard(path.nodes[k].event().footprint, step.footprint, false)) continue;
      const less = without.filter((other) => !path.happensBefore(k, other));
      this.#vary(i, less, step, t, false);
    }
  }

  /** Whether the step's actor is there at the node, or by one of its own steps after it. */
  #isThere(i: number, { index, last }: LateStep): boolean {
    return last > i || (this.#path.nodes[i].flag(index) & LISTED) !== 0;
  }

  /**
   * Whether the step's actor is not there at the node and none of `steps`
   * brings it into being. Many races are of this kind: a call and its delivery.
   */
  #staysAway(i: number, steps: readonly number[], step: LateStep): boolean {
    const path = this.#path;
    if (this.#isThere(i, step)) return false;
    if (this.#mutation === 'away-for-good') return true;
    if (steps.some((k) => mayBringAbout(path.nodes[k].event().footprint, step.footprint)))
      return false;
    if (this.#doubts) this.#doubt(i, steps, step, false);
    return true;
  }

  /** Whether the step is possible after any others and does the same. */
  #isFixed(i: number, step: LateStep): boolean {
    if (!step.footprint.fixed) return false;
    return this.#isThere(i, step) || this.#mutation === 'fixed-from-nowhere';
  }

  /** Looks at what is known already. */
  #doubt(i: number, positions: readonly number[], step: LateStep, possible: boolean): void {
    const probe = this.#ahead.probe(i, positions, step);
    if (this.#ahead.restart) return;
    const same = probe.choice === step.choice && sameFootprint(probe.footprint, step.footprint);
    if (probe.possible === possible && (same || !possible)) return;
    const actor = this.#path.actors.ids[step.index];
    const what = possible
      ? `actor ${actor} does something else without a step that changed nothing that it looks at`
      : `actor ${actor} is there without the step that brings it into being`;
    throw new ExplorerError(`${what}: a footprint leaves something out`, this.#path.schedule());
  }

  /** Whether the step was blocked at the node already and nothing of `steps` touches what it passes. */
  #staysBlocked(
    i: number,
    steps: readonly number[],
    { index, last, footprint }: LateStep,
  ): boolean {
    const path = this.#path;
    const flags = path.nodes[i].flag(index);
    if (last > i || (flags & (LISTED | ENABLED)) !== LISTED) return false;
    return !steps.some((k) => changesGuard(path.nodes[k].event().footprint, footprint, false));
  }

  /**
   * The steps at `positions`, then `step`, from node `i` on: inserted, unless
   * that is covered. `known`: the step is possible there and touches exactly
   * its footprint.
   */
  #consider(i: number, positions: readonly number[], step: LateStep, known: boolean): void {
    let missing = this.#missing(i, positions, step);
    if (missing === null) return;
    if (!known && this.#mutation !== 'not-looked-at') {
      const probe = this.#ahead.probe(i, positions, step);
      if (!probe.possible) {
        this.vain++;
        return;
      }
      const same = probe.choice === step.choice && sameFootprint(probe.footprint, step.footprint);
      if (!same) missing = this.#missing(i, positions, probe);
      if (missing === null) {
        this.vain++;
        return;
      }
    }
    const node = this.#path.nodes[i];
    node.tree = this.#trees.insert(node.tree, missing);
  }

  #missing(i: number, positions: readonly number[], step: SequenceStep): Missing | null {
    const sequence = this.#fill(positions, step);
    for (const sleeper of this.#sleepers) {
      const asked =
        this.#mutation === 'sleep-trusted' && sleeper.index === step.index ? step : sleeper;
      if (placeOf(asked, sequence) !== NOT_FIRST) return null;
    }
    return this.#trees.missing(this.#path.nodes[i].tree, sequence);
  }

  #fill(positions: readonly number[], step: SequenceStep | null): readonly SequenceStep[] {
    const sequence = this.#sequence;
    sequence.length = 0;
    for (const k of positions) sequence.push(this.#path.nodes[k].event());
    if (step !== null) sequence.push(step);
    return sequence;
  }
}
