/** Takes a schedule on a system, step by step, and says what came of it. */

import { CompactFootprint } from './conflict.ts';
import type { Schedule, ScheduleStep, ViolationSite } from './search.ts';
import type { Outcome, StepLabel, System } from './system.ts';
import { ENABLED, emptyFootprint, newFootprint } from './system.ts';

export interface ReplayedStep extends ScheduleStep {
  readonly label: StepLabel;
  readonly outcome: Outcome;
  readonly footprint: CompactFootprint;
}

export interface Replay {
  readonly steps: readonly ReplayedStep[];
  /** Why the schedule could not be taken to its end, with the 1-based number of the step; null where it could. */
  readonly failure: string | null;
  /** An actor was halted by a violation or a cut. */
  readonly halted: boolean;
  /** Whether nothing that must go on can go on after the last step, and whether something would have to. */
  readonly end: ExecutionEnd | null;
}

/**
 * Takes one whole execution from the initial state: always the first actor
 * that can go on, and its first choice. Leaves the system at its end.
 */
export function runOneByOne(system: System): void {
  const footprint = newFootprint();
  system.reset();
  for (;;) {
    const first = listActors(system).find(
      (actor) => system.must(actor) && system.status(actor) === ENABLED,
    );
    if (first === undefined) return;
    emptyFootprint(footprint);
    if (system.take(first, 0, footprint).kind === 'restart') system.reset();
  }
}

/** The end of an execution: nothing that must go on can. */
export interface ExecutionEnd {
  readonly deadlocked: boolean;
  readonly violations: readonly ViolationSite[];
}

/** Takes the schedule from the initial state. Leaves the system where it ended. */
export function replay(system: System, schedule: Schedule): Replay {
  const steps: ReplayedStep[] = [];
  const footprint = newFootprint();
  let halted = false;
  system.reset();
  for (const { actor, choice } of schedule) {
    const impossible = whyImpossible(system, actor, choice);
    if (impossible !== null) {
      const failure = `step ${steps.length + 1}: ${impossible}`;
      return { steps, failure, halted, end: null };
    }
    const label = system.label(actor, choice);
    emptyFootprint(footprint);
    const outcome = system.take(actor, choice, footprint);
    const kept = new CompactFootprint();
    kept.copyFrom(footprint, system.spaces);
    steps.push({ actor, choice, label, outcome, footprint: kept });
    if (outcome.kind !== 'ok') halted = true;
  }
  return { steps, failure: null, halted, end: executionEnd(system, halted) };
}

/** Why the actor cannot take the choice now; null where it can. */
export function whyImpossible(system: System, actor: number, choice: number): string | null {
  if (!listActors(system).includes(actor)) return `actor ${actor} has no further step`;
  if (system.status(actor) !== ENABLED) {
    return `actor ${actor} is blocked: ${system.describeBlocked(actor)}`;
  }
  const choices = system.next(actor, newFootprint());
  return choice < choices ? null : `actor ${actor} has ${choices} choices, not choice ${choice}`;
}

/** The end in which the system stands; null where something that must go on can. */
export function executionEnd(system: System, halted: boolean): ExecutionEnd | null {
  const must = listActors(system).filter((actor) => system.must(actor));
  if (must.some((actor) => system.status(actor) === ENABLED)) return null;
  const deadlocked = must.length > 0 && !halted;
  return { deadlocked, violations: system.atEnd(deadlocked) };
}

/** Unfinished actors, ascending. */
export function listActors(system: System): number[] {
  const count = system.actors(actorList);
  const list: number[] = [];
  for (let i = 0; i < count; i++) list.push(actorList[i]);
  return list;
}

/** Overwritten by every call. */
const actorList: Uint32Array = new Uint32Array(4096);
