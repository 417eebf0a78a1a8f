/** The two orders of the graph search against each other, and what each is for. */

import { describe, expect, it } from 'vitest';
import { exploreGraph } from '../../src/explore/graph.ts';
import { replay } from '../../src/explore/replay.ts';
import type { SearchResult } from '../../src/explore/search.ts';
import type { System } from '../../src/explore/system.ts';
import { Random, randomProgram, seedOfRun } from './random-program.ts';
import { PetersonToy, PhilosophersToy, TicketToy } from './toys/classics.ts';
import { GupToy, USE_AFTER_FREE } from './toys/gup.ts';
import { ProgramToy } from './toys/program.ts';

/** All that does not depend on the order. */
function facts({ kind, executions, states, transitions, violations, cuts, ...rest }: SearchResult) {
  return {
    kind,
    executions,
    states,
    transitions,
    violations: violations.map((one) => `${one.property}:${one.site}`).sort(),
    cuts: cuts.map(({ bound }) => bound).sort(),
    finals: [...(rest.finals ?? [])].sort(),
    ends: rest.endless === null,
  };
}

async function both(make: () => System): Promise<readonly [SearchResult, SearchResult]> {
  const options = { collectFinals: true };
  return [
    await exploreGraph(make(), options),
    await exploreGraph(make(), { ...options, order: 'depth' }),
  ];
}

const seed = seedOfRun();
const programs = Math.ceil(Number(process.env.PROGRAMS ?? 2000) / 5);

describe('depth first finds what breadth first finds', () => {
  const toys: readonly (readonly [string, () => System])[] = [
    ['walkers', () => new GupToy(3)],
    ['walkers without a sync', () => new GupToy(3, { sync: false })],
    ['philosophers', () => new PhilosophersToy(5)],
    ['greedy philosophers', () => new PhilosophersToy(4, { meals: 2, greedy: true })],
    ['peterson', () => new PetersonToy(3)],
    ['tickets', () => new TicketToy(3, 2)],
  ];
  it.each(toys)('%s', async (_name, make) => {
    const [breadth, depth] = await both(make);
    expect(facts(depth)).toEqual(facts(breadth));
    for (const { property, site, schedule } of depth.violations) {
      const again = replay(make(), schedule);
      const last = again.steps.at(-1)?.outcome;
      const seen = last?.kind === 'violation' ? [last] : (again.end?.violations ?? []);
      expect(seen).toContainEqual(expect.objectContaining({ property, site }));
    }
  });

  it(`random programs, SEED=${seed}`, async () => {
    const random = new Random(seed);
    for (let n = 0; n < programs; n++) {
      const program = randomProgram(random);
      const [breadth, depth] = await both(() => new ProgramToy(program));
      expect(facts(depth), `SEED=${seed}\n${JSON.stringify(program)}`).toEqual(facts(breadth));
    }
  });
});

it('states from which no execution ends are found in both orders', async () => {
  // Nothing of Peterson's ends; of the others everything does, or nothing.
  for (const order of ['breadth', 'depth'] as const) {
    expect((await exploreGraph(new PetersonToy(2), { order })).endless).not.toBeNull();
    expect((await exploreGraph(new PhilosophersToy(3), { order })).endless).not.toBeNull();
    expect((await exploreGraph(new GupToy(2), { order })).endless).toBeNull();
  }
});

it('the bug of the walkers without a sync is found within 1,000 states, by a shortest way', async () => {
  for (const alike of [false, true]) {
    const result = await exploreGraph(new GupToy(4, { sync: false, alike }), { stopAtFirst: true });
    expect(result.violations.map(({ property }) => property)).toEqual([USE_AFTER_FREE]);
    expect(result.violations[0].schedule.length).toBe(8);
    if (alike) expect(result.states).toBeLessThan(1000);
  }
});

it('a state of the walkers takes less than 100 bytes, depth first less than that', async () => {
  const [breadth, depth] = await both(() => new GupToy(4));
  const bytes = ({ graph, states }: SearchResult): number => (graph?.memoryBytes ?? 0) / states;
  expect(bytes(breadth)).toBeLessThan(100);
  expect(bytes(depth)).toBeLessThan(bytes(breadth));
});
