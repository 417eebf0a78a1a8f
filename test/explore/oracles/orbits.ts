/** Symmetry, by brute force: every state under every permutation. */

import { exploreGraph } from '../../../src/explore/graph.ts';
import type { ActorId, System } from '../../../src/explore/system.ts';
import { checkSchedules, compareSets, violationSet } from './searches.ts';
import { enabledSteps, forEachState, keyOf, take } from './view.ts';

/** A system whose CPUs can be renamed by hand. */
export interface Renamable extends System {
  orbitKey(out: Uint8Array): number;
  /** CPU c becomes `to[c]`; can be taken back by `rewind`. */
  renameCpus(to: readonly number[]): void;
}

/**
 * Renaming CPUs in a state changes nothing but names; states get one key only
 * where renaming leads from one to the other (and, with `exact`, always then);
 * the search over orbits finds what the search over states finds.
 */
export async function checkOrbits(
  make: () => Renamable,
  { limit = 2000, exact = true }: { limit?: number; exact?: boolean } = {},
): Promise<string[] | null> {
  const wrong: string[] = [];
  const system = make();
  const cpus = system.alike[0].length;
  const all = permutations(cpus);
  // Every permutation is made of these.
  const swaps = all
    .filter((to) => to.filter((place, cpu) => Math.abs(place - cpu) === 1).length === 2)
    .filter((to) => to.filter((place, cpu) => place !== cpu).length === 2);
  /** By the least key of an orbit: the keys that its states have been given. */
  const orbits = new Map<string, Set<string>>();
  const orbitOf = new Map<string, string>();
  const visit = (path: readonly string[]): void => {
    if (wrong.length > 5) return;
    const say = (what: string): void => {
      wrong.push(`after ${path.join(' ')}: ${what}`);
    };
    const least = leastKey(system, all);
    const key = orbitKeyOf(system);
    const known = orbitOf.get(key);
    if (known !== undefined && known !== least) say('two orbits have one key');
    orbitOf.set(key, least);
    const keys = orbits.get(least);
    if (keys === undefined) orbits.set(least, new Set([key]));
    else keys.add(key);
    for (const to of swaps) {
      const difference = compareRenamed(system, to);
      if (difference !== null) say(`${to.join()}: ${difference}`);
    }
  };
  if (!forEachState(system, visit, limit)) return null;
  if (exact && orbitOf.size !== orbits.size) wrong.push('an orbit has two keys');
  wrong.push(...(await compareSearches(make, orbits.size, orbitOf.size)));
  return wrong;
}

async function compareSearches(
  make: () => Renamable,
  orbits: number,
  keys: number,
): Promise<string[]> {
  const wrong: string[] = [];
  const plain = await exploreGraph(plainly(make()));
  for (const order of ['breadth', 'depth'] as const) {
    const reduced = await exploreGraph(make(), { order });
    if (reduced.graph?.symmetric !== true)
      wrong.push(`${order} first: no use was made of symmetry`);
    if (reduced.states < orbits || reduced.states > keys) {
      wrong.push(`${order} first: ${reduced.states} states for ${orbits} orbits`);
    }
    compareSets('violations', violationSet(plain), violationSet(reduced), wrong);
    wrong.push(...checkSchedules(make, reduced));
    if ((plain.endless === null) !== (reduced.endless === null)) {
      wrong.push(`${order} first: they differ in whether all executions end`);
    }
  }
  return wrong;
}

/** The same system, of which it is not said that anything in it is alike. */
export function plainly(system: System): System {
  return new Proxy(system, {
    get: (target, name) => {
      if (name === 'alike') return [];
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Compares the state with itself under other names: as many steps, the same outcomes, and states that are renamed alike. */
function compareRenamed(system: Renamable, to: readonly number[]): string | null {
  const actorUnder = (actor: ActorId): ActorId => {
    const group = system.alike.find((one) => one.includes(actor));
    return group === undefined ? actor : group[to[group.indexOf(actor)]];
  };
  const mark = system.mark();
  const steps = enabledSteps(system);
  const expected = steps.map(({ actor, choice }) => {
    const [outcome] = take(system, actor, choice);
    system.renameCpus(to);
    const text = `${actorUnder(actor)}:${choice} ${JSON.stringify(outcome)} ${keyOf(system)}`;
    system.rewind(mark);
    return text;
  });
  system.renameCpus(to);
  const inner = system.mark();
  const found = enabledSteps(system).map(({ actor, choice }) => {
    const [outcome] = take(system, actor, choice);
    const text = `${actor}:${choice} ${JSON.stringify(outcome)} ${keyOf(system)}`;
    system.rewind(inner);
    return text;
  });
  system.rewind(mark);
  const same = expected.sort().join('\n') === found.sort().join('\n');
  return same ? null : 'renamed, the state has other steps';
}

function leastKey(system: Renamable, all: readonly (readonly number[])[]): string {
  let least: string | null = null;
  const mark = system.mark();
  for (const to of all) {
    system.renameCpus(to);
    const key = keyOf(system);
    if (least === null || key < least) least = key;
    system.rewind(mark);
  }
  return least ?? '';
}

function orbitKeyOf(system: Renamable): string {
  const out = new Uint8Array(1 << 12);
  return Buffer.from(out.subarray(0, system.orbitKey(out))).toString('latin1');
}

function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => [...rest.slice(0, at), count - 1, ...rest.slice(at)]),
  );
}
