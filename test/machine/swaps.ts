/**
 * What a search that reverses races needs beyond commutation: where what two
 * neighbouring steps of different actors touched, as they were taken, does
 * not conflict, they could have been taken the other way round, with the same
 * footprints and the same end. Commutation asks this of footprints in one
 * state only; a step that leaves out what it looked at once it has found
 * nothing there passes that and loses executions all the same.
 */

import type { System } from '../../src/explore/system.ts';
import { ENABLED } from '../../src/explore/system.ts';
import {
  type Access,
  dependent,
  enabledActors,
  type Factory,
  forEachState,
  keyOf,
  next,
  take,
  textOf,
} from '../explore/oracles/view.ts';

interface Step {
  readonly actor: number;
  readonly choice: number;
}

function enabledSteps(system: System): Step[] {
  return enabledActors(system).flatMap((actor) =>
    Array.from({ length: next(system, actor).choices }, (_, choice) => ({ actor, choice })),
  );
}

const isEnabled = (system: System, { actor, choice }: Step): boolean =>
  enabledActors(system).includes(actor) &&
  system.status(actor) === ENABLED &&
  choice < next(system, actor).choices;

/** Why `b` then `a` is not as good as `a` then `b`, where `b` touched `touched` and led to `key`. Null: it is. */
function whyNot(
  system: System,
  a: Step,
  b: Step,
  touched: readonly Access[],
  key: string,
): string | null {
  if (!isEnabled(system, b)) return 'the second needs the first, unseen';
  const [, before] = take(system, b.actor, b.choice);
  if (textOf(before) !== textOf(touched))
    return `the second touches ${textOf(before)} without the first, ${textOf(touched)} after it`;
  if (!isEnabled(system, a)) return 'the second forbids the first, unseen';
  take(system, a.actor, a.choice);
  return keyOf(system) === key ? null : 'the other order leads elsewhere';
}

/** Every pair of neighbouring steps from up to `limit` states. */
export function checkSwaps(make: Factory, limit: number): string[] {
  const wrong: string[] = [];
  const system = make();
  const visit = (path: readonly string[]): void => {
    if (wrong.length > 5) return;
    const start = system.mark();
    for (const a of enabledSteps(system)) {
      const [, first] = take(system, a.actor, a.choice);
      for (const b of enabledSteps(system)) {
        if (b.actor === a.actor) continue;
        const [, second] = take(system, b.actor, b.choice);
        const key = keyOf(system);
        system.rewind(start);
        if (!dependent(first, second)) {
          const reason = whyNot(system, a, b, second, key);
          const names = `${a.actor}:${a.choice} then ${b.actor}:${b.choice}`;
          if (reason !== null) wrong.push(`after ${path.join(' ')}: ${names}: ${reason}`);
          system.rewind(start);
        }
        take(system, a.actor, a.choice);
      }
      system.rewind(start);
    }
  };
  forEachState(system, visit, limit);
  return wrong;
}
