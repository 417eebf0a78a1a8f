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
import { type Built, buildText, findings, type Search } from './build-system.ts';
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
async function learnBy(search: Search, { open }: Built): Promise<Learnt | null> {
  const system = open();
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
      const built = await buildText(text, { arch, model: 'tso', variants, variant });
      const learnt: (Learnt | null)[] = [];
      for (const search of SEARCHES) learnt.push(await learnBy(search, built));
      if (learnt.includes(null)) continue;
      compared++;
      for (const other of learnt.slice(1))
        expect(other, `program ${variant} of seed ${SEED}`).toEqual(learnt[0]);
    }
    expect(compared).toBeGreaterThan(COUNT / 2);
  },
  120_000 + 2000 * COUNT,
);

it('who doubts while the machine learns begins again, and no more than that', async () => {
  const built = await buildText(`static spinlock_t m, n; static int f __aligned(8);
    void cpu0(void) { shootdown_await(&f, 1); spin_lock(&n); }
    void cpu1(void) { spin_lock(&m); spin_lock(&n); WRITE_ONCE(f, 1); }
    void cpu2(void) { spin_lock(&m); }`);
  for (const reduction of ['optimal', 'plain'] as const) {
    const by = (doubts: boolean): Search => {
      return (system, options) => exploreStateless(system, { ...options, reduction, doubts });
    };
    expect(await learnBy(by(true), built)).toEqual(await learnBy(by(false), built));
  }
});
