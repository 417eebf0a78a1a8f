/**
 * What is shared is learnt by running. Each search is a way of running, the
 * reduced ones visit one order of each trace, and all of them have to learn
 * the same: what only another order teaches would be taken for private, or
 * would be taken to commute.
 */

import { expect, it } from 'vitest';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import type { SearchOptions } from '../../src/explore/search.ts';
import { type BuildOptions, buildText, findings, type Search } from './build-system.ts';
import { randomHandlers } from './random-handlers.ts';
import { PARTS, randomStores } from './random-stores.ts';

const SEED = Number(process.env.SHOOTDOWN_SEED ?? 1);
const COUNT = Number(process.env.SHOOTDOWN_PROGRAMS ?? 40);

/** A program with more is passed over: the graph has no reduction. */
const LIMITS: SearchOptions = { collectFinals: true, maxExecutions: 4000, maxStates: 100_000 };

const SEARCHES: readonly Search[] = [
  exploreStateless,
  (system, options) => exploreStateless(system, { ...options, reduction: 'plain' }),
  exploreGraph,
];

interface Learnt {
  readonly visible: readonly number[];
  readonly found: readonly string[];
  readonly finals: readonly string[];
}

/** What a search finds on a machine of its own that knows nothing at first; null where it is too much. */
async function learnBy(
  search: Search,
  text: string,
  options: BuildOptions,
): Promise<Learnt | null> {
  const system = (await buildText(text, options)).open();
  let result = await search(system, LIMITS);
  while (result.kind === 'restart') result = await search(system, LIMITS);
  if (result.kind !== 'complete') return null;
  return {
    visible: system.machine.watch.visible(),
    found: findings(system, result),
    finals: [...(result.finals ?? [])].sort(),
  };
}

const PROGRAMS = [
  ['stores', 'x86_64', randomStores(SEED, COUNT, PARTS.x86_64)],
  ['stores', 'i386-pae', randomStores(SEED, COUNT, PARTS['i386-pae'])],
  ['handlers', 'x86_64', randomHandlers(SEED, COUNT)],
] as const;

it.each(PROGRAMS)(
  'random programs with %s on %s teach each search the same',
  async (_, arch, { text, variants }) => {
    let compared = 0;
    for (let variant = 0; variant < COUNT; variant++) {
      const options = { arch, model: 'tso', variants, variant } as const;
      const learnt = await Promise.all(SEARCHES.map((search) => learnBy(search, text, options)));
      if (learnt.includes(null)) continue;
      compared++;
      for (const other of learnt.slice(1))
        expect(other, `program ${variant} of seed ${SEED}`).toEqual(learnt[0]);
    }
    expect(compared).toBeGreaterThan(COUNT / 2);
  },
  120_000 + 2000 * COUNT,
);
