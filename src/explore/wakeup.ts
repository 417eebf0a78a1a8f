/**
 * Wakeup trees: what is still to be explored from a node, as sequences of
 * steps that share their beginnings. A sequence leads out of the sleep set:
 * once it has been taken to its end nobody sleeps any more, so nothing that
 * begins with it can end asleep.
 *
 * Source: Abdulla, Aronis, Jonsson, Sagonas, "Source sets: a foundation for
 * optimal dynamic partial order reduction", JACM 64(4), 2017 (Optimal-DPOR).
 * Departs: see docs/explore.md, section 7.
 */

import { CompactFootprint, conflicts } from './conflict.ts';

/** A step as far as these comparisons need it. */
export interface SequenceStep {
  /** The actor's dense number. */
  readonly index: number;
  readonly choice: number;
  readonly footprint: CompactFootprint;
}

/** A step of a tree, with what comes after it. */
export class WakeupStep implements SequenceStep {
  index = 0;
  choice = 0;
  readonly footprint: CompactFootprint = new CompactFootprint();
  /** Its leftmost successor; null for the end of a sequence. */
  first: WakeupStep | null = null;
  /** Its sibling to the right, to be explored after everything below this one. */
  next: WakeupStep | null = null;
}

/** What `placeOf` says of a step that is no part of the sequence and independent of all of it. */
export const APART = -1;
/** What `placeOf` says of a step that the sequence does not allow to come first. */
export const NOT_FIRST = -2;

/**
 * Whether the step may come first in an execution that begins with the
 * sequence, up to equivalence (a weak initial): where it stands in the
 * sequence, `APART`, or `NOT_FIRST`. The step's own footprint decides, for
 * the sequence may hold the same step as something before it changed it.
 */
export function placeOf(step: SequenceStep, sequence: readonly SequenceStep[]): number {
  for (let k = 0; k < sequence.length; k++) {
    const other = sequence[k];
    if (other.index === step.index) return other.choice === step.choice ? k : NOT_FIRST;
    if (conflicts(step.footprint, other.footprint)) return NOT_FIRST;
  }
  return APART;
}

/** A step, its footprint's summary and the view of its records, as V8 lays them out, without the records. */
const STEP_BYTES = 260;

/** The trees of one search: steps in a pool, and an account of them. */
export class WakeupTrees {
  /** Steps in all trees now. */
  steps = 0;
  peakSteps = 0;
  /** Sequences inserted so far. */
  inserted = 0;
  /** Bytes of all steps that there ever were at one time: the pool keeps them. */
  bytes = 0;
  #pool: WakeupStep | null = null;
  readonly #rest: SequenceStep[] = [];

  /**
   * What must be added to the tree whose leftmost step is `tree`, so that it
   * has a sequence for every execution that begins with `sequence`; null
   * where it has one. Valid until the next call.
   */
  missing(tree: WakeupStep | null, sequence: readonly SequenceStep[]): Missing | null {
    const rest = this.#rest;
    rest.length = 0;
    for (const step of sequence) rest.push(step);
    let parent: WakeupStep | null = null;
    for (let step = tree; step !== null; ) {
      const place = placeOf(step, rest);
      if (place === NOT_FIRST) {
        step = step.next;
        continue;
      }
      // A leaf lets everything follow; and where nothing is left, whatever follows will do.
      if (step.first === null) return null;
      if (place >= 0) rest.splice(place, 1);
      if (rest.length === 0) return null;
      parent = step;
      step = step.first;
    }
    return { parent, rest };
  }

  /** Adds a sequence below `parent`, or beside `tree`, to the right of what is there; returns the leftmost step of the tree. */
  insert(tree: WakeupStep | null, { parent, rest }: Missing): WakeupStep {
    this.inserted++;
    let chain: WakeupStep | null = null;
    for (let k = rest.length - 1; k >= 0; k--) {
      const { index, choice, footprint } = rest[k];
      const step = this.add(index, choice);
      this.bytes -= step.footprint.data.byteLength;
      step.footprint.copy(footprint);
      this.bytes += step.footprint.data.byteLength;
      step.first = chain;
      chain = step;
    }
    const head = chain as WakeupStep;
    const first = parent === null ? tree : parent.first;
    if (first === null) {
      if (parent !== null) parent.first = head;
      return tree ?? head;
    }
    let last = first;
    while (last.next !== null) last = last.next;
    last.next = head;
    return tree as WakeupStep;
  }

  /** A step that belongs to no tree yet. Its footprint is whatever it was. */
  add(index: number, choice: number): WakeupStep {
    const step = this.#pool ?? this.#newStep();
    this.#pool = step.next;
    if (++this.steps > this.peakSteps) this.peakSteps = this.steps;
    step.index = index;
    step.choice = choice;
    step.first = null;
    step.next = null;
    return step;
  }

  #newStep(): WakeupStep {
    const step = new WakeupStep();
    this.bytes += STEP_BYTES + step.footprint.data.byteLength;
    return step;
  }

  /** Gives back a step that has been taken out of its tree. */
  remove(step: WakeupStep): void {
    this.steps--;
    step.first = null;
    step.next = this.#pool;
    this.#pool = step;
  }
}

/** A sequence to add, and the step after which it comes; null for the root. */
export interface Missing {
  readonly parent: WakeupStep | null;
  readonly rest: readonly SequenceStep[];
}
