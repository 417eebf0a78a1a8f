/**
 * Shorter ways to a violation that is known. Never called shortest: that
 * takes a search that is complete (explorer rule 26).
 *
 * First the causal past of the violation, which is an execution of its own;
 * then delta debugging: leave out a stretch of the schedule, take what can
 * still be taken of the rest, and see whether the violation is still
 * reached; last, the same steps in an order with fewer changes of actor.
 *
 * Source: Zeller, Hildebrandt, "Simplifying and isolating failure-inducing
 * input", IEEE TSE 28(2), 2002. Departs: steps that are impossible without
 * the removed ones are skipped, not counted as a failed attempt.
 */

import { conflicts } from './conflict.ts';
import { executionEnd, listActors, replay, whyImpossible } from './replay.ts';
import type { FoundViolation, Schedule, ScheduleStep, ViolationSite } from './search.ts';
import type { System } from './system.ts';
import { ENABLED, newFootprint } from './system.ts';

/** Attempts after which the shortest so far is good enough. */
const MAX_ATTEMPTS = 4000;

/** Steps added to reach the end of an execution before an attempt is given up. */
const MAX_COMPLETION = 10_000;

/**
 * A schedule to the same (property, site), at most as long. `restart`: the
 * system asked to start over, so the schedule means something else now.
 * Requires: the schedule of `found` replays.
 */
export async function minimise(
  system: System,
  found: FoundViolation,
): Promise<Schedule | 'restart'> {
  const attempts = new Attempts(system, found);
  let best = attempts.run(found.schedule);
  if (attempts.restarted) return 'restart';
  if (best === null) throw new Error('the schedule does not reach its violation');
  best = attempts.shorter(best, causalPast(system, best));
  for (let before = Number.POSITIVE_INFINITY; best.length < before; ) {
    before = best.length;
    for (let size = best.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      best = await removeStretches(attempts, best, size);
    }
    if (attempts.left <= 0 || attempts.restarted) break;
  }
  best = attempts.shorter(best, fewerSwitches(system, best), true);
  return attempts.restarted ? 'restart' : best;
}

/**
 * The same steps, in an order with fewer changes of actor where that is an
 * order of the same execution. `restart`: as for `minimise`. Requires: the
 * schedule of `found` replays.
 */
export function inFewTurns(system: System, found: FoundViolation): Schedule | 'restart' {
  const attempts = new Attempts(system, found);
  const way = attempts.run(found.schedule);
  if (attempts.restarted) return 'restart';
  if (way === null) throw new Error('the schedule does not reach its violation');
  const ordered = attempts.shorter(way, fewerSwitches(system, way), true);
  return attempts.restarted ? 'restart' : ordered;
}

/**
 * One round over the schedule, from its end, leaving out `size` steps: in a
 * row, or that many of one actor. The latter takes back a whole round of an
 * actor's loop whatever the others did meanwhile.
 */
async function removeStretches(
  attempts: Attempts,
  schedule: Schedule,
  size: number,
): Promise<Schedule> {
  let best = schedule;
  for (let start = best.length - 1; start >= 0 && attempts.left > 0; start--) {
    if (start >= best.length) continue;
    if (attempts.left % 64 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const { actor } = best[start];
    let removed = 0;
    const ofActor = best.filter((s, i) => i < start || s.actor !== actor || removed++ >= size);
    best = attempts.shorter(best, ofActor);
    if (start % size !== 0) continue;
    best = attempts.shorter(best, [...best.slice(0, start), ...best.slice(start + size)]);
  }
  return best;
}

/** Lenient replays that look for one violation. */
class Attempts {
  left: number = MAX_ATTEMPTS;
  restarted = false;
  readonly #system: System;
  readonly #target: ViolationSite;

  constructor(system: System, target: ViolationSite) {
    this.#system = system;
    this.#target = target;
  }

  /** The candidate's own way to the violation if it is shorter (or, with `equal`, as long), else `best`. */
  shorter(best: Schedule, candidate: Schedule, equal = false): Schedule {
    const way = this.run(candidate);
    if (way === null) return best;
    return way.length < best.length || (equal && way.length === best.length) ? way : best;
  }

  /** The steps that could be taken, up to the violation; null where it is not reached. */
  run(candidate: Schedule): Schedule | null {
    this.left--;
    const system = this.#system;
    const taken: ScheduleStep[] = [];
    system.reset();
    let halted = false;
    const step = (actor: number, choice: number): boolean => {
      const outcome = system.take(actor, choice, newFootprint());
      taken.push({ actor, choice });
      if (outcome.kind === 'restart') this.restarted = true;
      if (outcome.kind !== 'ok') halted = true;
      return outcome.kind === 'violation' && this.#isTarget(outcome);
    };
    for (const { actor, choice } of candidate) {
      if (this.restarted) return null;
      if (whyImpossible(system, actor, choice) !== null) continue;
      if (step(actor, choice)) return taken;
    }
    // The violation may be one of a whole execution: run on to its end.
    for (let i = 0; i < MAX_COMPLETION && !this.restarted; i++) {
      const end = executionEnd(system, halted);
      if (end !== null) return end.violations.some((v) => this.#isTarget(v)) ? taken : null;
      const actor = listActors(system).find((a) => system.must(a) && system.status(a) === ENABLED);
      if (actor === undefined) return null;
      if (step(actor, 0)) return taken;
    }
    return null;
  }

  #isTarget({ property, site }: ViolationSite): boolean {
    return property === this.#target.property && site === this.#target.site;
  }
}

/** For each step, the earlier ones that must come before it: its actor's last, and those that conflict. */
function predecessors(system: System, schedule: Schedule): readonly (readonly number[])[] {
  const { steps } = replay(system, schedule);
  return steps.map((step, j) => {
    const before: number[] = [];
    for (let i = 0; i < j; i++) {
      if (steps[i].actor === step.actor || conflicts(steps[i].footprint, step.footprint)) {
        before.push(i);
      }
    }
    return before;
  });
}

/** The last step and everything that happens before it. */
function causalPast(system: System, schedule: Schedule): Schedule {
  const before = predecessors(system, schedule);
  const needed = new Set<number>();
  const stack = [before.length - 1];
  while (stack.length > 0) {
    const step = stack.pop() as number;
    if (step < 0 || needed.has(step)) continue;
    needed.add(step);
    stack.push(...before[step]);
  }
  return schedule.filter((_, i) => needed.has(i));
}

/** The same steps, each actor going on as long as nothing of another is needed first. */
function fewerSwitches(system: System, schedule: Schedule): Schedule {
  const before = predecessors(system, schedule);
  const done = new Set<number>();
  const order: ScheduleStep[] = [];
  let current = -1;
  while (order.length < before.length) {
    const ready = before.flatMap((needs, i) =>
      !done.has(i) && needs.every((n) => done.has(n)) ? [i] : [],
    );
    const next = ready.find((i) => schedule[i].actor === current) ?? ready[0];
    done.add(next);
    order.push(schedule[next]);
    current = schedule[next].actor;
  }
  return order;
}
