/**
 * A few executions before the search. A system that merges what it takes for
 * private into neighbouring steps learns by running what is not, and a search
 * that meets such a place begins again. Most of them are met by almost any
 * execution, so it is cheaper to have met them before.
 *
 * Changes no result: these are executions of the system like those of the
 * search, which covers them all and would learn the same from them.
 */

import { listActors } from './replay.ts';
import type { System } from './system.ts';
import { ENABLED, emptyFootprint, newFootprint } from './system.ts';

/** Executions in a row that taught nothing new, after which the search may begin. */
const IN_VAIN = 12;

/** Steps of one execution, and of all together: no rehearsal may take as long as a search. */
const MAX_STEPS = 1000;
const MAX_STEPS_IN_ALL = 10_000;

/** Seeded numbers: the same rehearsals on every machine. Source: Numerical Recipes, second edition, chapter 7.1. */
function numbers(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x100000000) * below);
  };
}

/**
 * Leaves the system as `reset` does. Returns how often it learnt something.
 * Deterministic: what is learnt depends on the system alone.
 */
export function rehearse(system: System): number {
  const random = numbers();
  const footprint = newFootprint();
  let learnt = 0;
  let left = MAX_STEPS_IN_ALL;
  const isEnabled = (actor: number): boolean => system.status(actor) === ENABLED;
  /** Any of the actors that can go on; -1 where nobody can. */
  const draw = (actors: number[]): number => {
    for (let count = actors.length; count > 0; count--) {
      const at = random(count);
      if (isEnabled(actors[at])) return actors[at];
      actors[at] = actors[count - 1];
    }
    return -1;
  };
  /** One execution. False where the system learnt something: it has to begin again. */
  const execute = (stay: number): boolean => {
    let current = -1;
    system.reset();
    for (const last = Math.max(0, left - MAX_STEPS); left > last; left--) {
      const actors = listActors(system);
      const goesOn = random(100) < stay && actors.includes(current) && isEnabled(current);
      if (!goesOn) current = draw(actors);
      if (current < 0) return true;
      emptyFootprint(footprint);
      const choice = random(system.next(current, footprint));
      emptyFootprint(footprint);
      if (system.take(current, choice, footprint).kind === 'restart') return false;
    }
    return true;
  };
  for (let inVain = 0; inVain < IN_VAIN && left > 0; ) {
    // Percent. Actors that go on for long reach far; those that take turns meet.
    if (execute(inVain % 2 === 0 ? 90 : 40)) inVain++;
    else {
      inVain = 0;
      learnt++;
    }
  }
  system.reset();
  return learnt;
}
