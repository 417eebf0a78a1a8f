/**
 * The state graph, breadth first: the first way to each violation is a
 * shortest one.
 *
 * The frontier holds no states. A state is remembered as the step that
 * first led to it from its parent; the states of one level are visited in
 * the order in which they were found, which is the order of a walk through
 * the tree of first visits, so that moving to the next one takes back and
 * repeats only the steps below the nearest common ancestor.
 */

import { Column } from './columns.ts';
import { Edges } from './edges.ts';
import { GraphSearch, STOPPED } from './graph-search.ts';
import type { GraphStatistics, Schedule, ScheduleStep } from './search.ts';
import type { ActorId, Mark } from './system.ts';

/** Bits of a step: its actor, its choice, and whether an actor is halted after it. */
const ACTOR_BITS = 16;
const CHOICE_BITS = 15;
const HALTED = 0x8000_0000;

export class BreadthFirst extends GraphSearch {
  /** The tree of first visits, by state. */
  readonly #parents: Column = new Column();
  readonly #steps: Column = new Column();
  readonly #edges: Edges = new Edges();
  readonly #ends: number[] = [];
  /** The walk's present place: states from the initial one down, and a mark at each. */
  readonly #trail: number[] = [];
  readonly #marks: Mark[] = [];
  readonly #enabled: Uint32Array = new Uint32Array(4096);
  readonly #wayBack: number[] = [];
  /** The state that is being expanded, and the step last taken from it; -1 before the first. */
  #state = 0;
  #actor = -1;
  #choice = 0;

  protected override async explore(): Promise<void> {
    this.#trail.push(0);
    this.#marks.push(this.system.mark());
    if (this.meet() === 0) this.judge(0);
    let levelEnd = 1;
    let depth = 0;
    for (; this.#state < this.visited.count && !this.finished; this.#state++) {
      if (this.#state === levelEnd) {
        depth++;
        levelEnd = this.visited.count;
      }
      this.#actor = -1;
      this.#goTo(this.#state, depth);
      await this.#expand(depth);
    }
  }

  /** Takes every step that is possible. Requires: the system stands in `#state`. */
  async #expand(depth: number): Promise<void> {
    const { system } = this;
    const state = this.#state;
    const halted = state > 0 && (this.#steps.get(state) & HALTED) !== 0;
    const mark = this.#marks[depth];
    const count = this.listEnabled(this.#enabled, 0);
    for (let i = 0; i < count; i++) {
      const actor = this.#enabled[i];
      const choices = this.choices(actor);
      for (let choice = 0; choice < choices; choice++) {
        if (this.due()) await this.pause();
        if (this.finished) return;
        this.#actor = actor;
        this.#choice = choice;
        const met = this.take(actor, choice, halted);
        if (met === STOPPED) return;
        if (met < 0) this.#edges.add(state, -1 - met);
        else this.#add(met, depth + 1);
        system.rewind(mark);
        if (this.finished) return;
      }
    }
  }

  #add(state: number, depth: number): void {
    this.#parents.set(state, this.#state);
    this.#steps.set(state, packStep(this.#actor, this.#choice, this.halted));
    if (depth > this.maxDepth) this.maxDepth = depth;
    this.judge(state);
  }

  /** Moves the system to a state of the depth by way of the nearest common ancestor. */
  #goTo(state: number, depth: number): void {
    const { system } = this;
    const trail = this.#trail;
    let common = state;
    let at = depth;
    let steps = 0;
    while (trail[at] !== common) {
      this.#wayBack[steps++] = common;
      common = this.#parents.get(common);
      at--;
    }
    system.rewind(this.#marks[at]);
    while (steps > 0) {
      const next = this.#wayBack[--steps];
      const step = this.#steps.get(next);
      this.repeat(actorOf(step), choiceOf(step));
      trail[++at] = next;
      this.#marks[at] = system.mark();
    }
  }

  #scheduleTo(state: number): ScheduleStep[] {
    const steps: ScheduleStep[] = [];
    for (let s = state; s > 0; s = this.#parents.get(s)) {
      const step = this.#steps.get(s);
      steps.push({ actor: actorOf(step), choice: choiceOf(step) });
    }
    return steps.reverse();
  }

  protected override schedule(): Schedule {
    const steps = this.#scheduleTo(this.#state);
    if (this.#actor >= 0) steps.push({ actor: this.#actor, choice: this.#choice });
    return steps;
  }

  protected override noteEnd(state: number): void {
    this.#ends.push(state);
  }

  protected override depth(): number {
    return this.maxDepth;
  }

  /** States are numbered breadth first, so the lowest one is as near as any. */
  protected override async endless(): Promise<Schedule | null> {
    const parent = (state: number): number => this.#parents.get(state);
    const state = await this.#edges.firstWithoutEnd(this.visited.count, this.#ends, parent);
    return state < 0 ? null : this.#scheduleTo(state);
  }

  protected override statistics(): GraphStatistics {
    const tree = this.#parents.bytes + this.#steps.bytes + this.#ends.length * 8;
    return {
      order: 'breadth',
      symmetric: this.visited.symmetric,
      memoryBytes: this.visited.bytes + tree + this.#edges.bytes,
    };
  }
}

function packStep(actor: ActorId, choice: number, halted: boolean): number {
  if (actor >= 1 << ACTOR_BITS || choice >= 1 << CHOICE_BITS) {
    throw new RangeError(
      `actor ${actor}, choice ${choice}: too large a number for the graph search`,
    );
  }
  return (actor | (choice << ACTOR_BITS) | (halted ? HALTED : 0)) >>> 0;
}

function actorOf(step: number): ActorId {
  return step & ((1 << ACTOR_BITS) - 1);
}

function choiceOf(step: number): number {
  return (step >>> ACTOR_BITS) & ((1 << CHOICE_BITS) - 1);
}
