/** C2: executions against traces, by enumerating every interleaving. */

import type { DporMutation, Reduction } from '../../../src/explore/dpor.ts';
import { exploreStateless } from '../../../src/explore/dpor.ts';
import { executionEnd } from '../../../src/explore/replay.ts';
import type { ActorId, System } from '../../../src/explore/system.ts';
import { compareSets, violationSet } from './searches.ts';
import type { Access, Factory } from './view.ts';
import { choicesOf, dependent, enabledActors, keyOf, take, takeOnly, textOf } from './view.ts';

interface TakenStep {
  readonly actor: ActorId;
  readonly touched: readonly Access[];
  /** What it was and what it touched, as a number: one for each text. */
  readonly name: number;
  /** Number of its layer in the Foata normal form: one more than the last layer that has a step it depends on. */
  readonly layer: number;
}

function layerAfter(
  steps: readonly TakenStep[],
  actor: ActorId,
  touched: readonly Access[],
): number {
  let layer = 0;
  for (const other of steps) {
    if (other.layer < layer) continue;
    if (other.actor === actor || dependent(other.touched, touched)) layer = other.layer + 1;
  }
  return layer;
}

/**
 * The trace of an execution by its Foata normal form: the steps in layers,
 * each layer as early as dependence allows, sorted inside. Two executions
 * are equivalent exactly when these are equal.
 */
function foata(steps: readonly TakenStep[]): string {
  const layers: number[][] = [];
  for (const { layer, name } of steps) (layers[layer] ??= []).push(name);
  return layers.map((layer) => layer.sort((a, b) => a - b).join()).join('|');
}

export interface Interleavings {
  readonly traces: Set<string>;
  readonly interleavings: number;
  readonly finals: Set<string>;
  readonly violations: Set<string>;
}

/** Whether there are more interleavings than `limit`: counted, not looked at, for most random programs have more. */
function hasMore(system: System, limit: number): boolean {
  let left = limit;
  const visit = (halted: boolean): boolean => {
    if (executionEnd(system, halted) !== null && --left < 0) return true;
    for (const actor of enabledActors(system)) {
      const choices = choicesOf(system, actor);
      for (let choice = 0; choice < choices; choice++) {
        const mark = system.mark();
        const more = visit(takeOnly(system, actor, choice).kind !== 'ok' || halted);
        system.rewind(mark);
        if (more) return true;
      }
    }
    return false;
  };
  system.reset();
  return visit(false);
}

/** Every interleaving, one by one; null where there are more than `limit`. */
export function allInterleavings(system: System, limit: number): Interleavings | null {
  if (hasMore(system, limit)) return null;
  const traces = new Set<string>();
  const finals = new Set<string>();
  const violations = new Set<string>();
  const steps: TakenStep[] = [];
  const names = new Map<string, number>();
  const nameOf = (text: string): number => {
    const known = names.get(text);
    if (known !== undefined) return known;
    names.set(text, names.size);
    return names.size - 1;
  };
  let interleavings = 0;
  const visit = (halted: boolean): void => {
    const end = executionEnd(system, halted);
    if (end !== null) {
      interleavings++;
      traces.add(foata(steps));
      finals.add((halted ? '!' : '.') + keyOf(system));
      for (const v of end.violations) violations.add(`${v.property}:${v.site}`);
    }
    for (const actor of enabledActors(system)) {
      const choices = choicesOf(system, actor);
      for (let choice = 0; choice < choices; choice++) {
        const mark = system.mark();
        const [outcome, touched] = take(system, actor, choice);
        if (outcome.kind === 'violation') violations.add(`${outcome.property}:${outcome.site}`);
        const name = nameOf(`${actor}:${choice}[${textOf(touched)}]`);
        steps.push({ actor, touched, name, layer: layerAfter(steps, actor, touched) });
        visit(halted || outcome.kind !== 'ok');
        steps.pop();
        system.rewind(mark);
      }
    }
  };
  system.reset();
  visit(false);
  return { traces, interleavings, finals, violations };
}

/**
 * C2: as many complete executions as traces, and the same violations and
 * final states; from the optimal search nothing that ends asleep. Null: too
 * many interleavings.
 */
export async function checkTraces(
  make: Factory,
  {
    limit = 2000,
    reductions = ['optimal', 'plain'],
    mutation,
  }: { limit?: number; reductions?: readonly Reduction[]; mutation?: DporMutation } = {},
): Promise<string[] | null> {
  const all = allInterleavings(make(), limit);
  if (all === null) return null;
  const wrong: string[] = [];
  for (const reduction of reductions) {
    const say = (what: string): void => {
      wrong.push(`${reduction}: ${what}`);
    };
    // A search that is broken on purpose may go round for ever; no other needs as many states.
    const options = { collectFinals: true, maxStates: 40 * limit, reduction, mutation };
    const reduced = await exploreStateless(make(), options);
    if (reduced.kind !== 'complete') say(`the search ended as ${reduced.kind}`);
    if (reduced.executions !== all.traces.size) {
      say(`${reduced.executions} executions, ${all.traces.size} traces`);
    }
    if (reduction === 'optimal' && reduced.asleep > 0) say(`${reduced.asleep} ended asleep`);
    compareSets('violations', all.violations, violationSet(reduced), wrong);
    compareSets('final states', all.finals, reduced.finals as Set<string>, wrong);
  }
  return wrong;
}
