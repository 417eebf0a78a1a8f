/** CPU symmetry: counts that rumur and TLC agree on, and orbits counted by brute force. */

import { describe, expect, it } from 'vitest';
import { exploreGraph } from '../../src/explore/graph.ts';
import { replay } from '../../src/explore/replay.ts';
import type { System } from '../../src/explore/system.ts';
import { checkOrbits, plainly } from './oracles.ts';
import { Random, seedOfRun } from './random-program.ts';
import type { AlikeProgram } from './toys/alike.ts';
import { AlikeToy, randomAlikeProgram } from './toys/alike.ts';
import { TicketToy } from './toys/classics.ts';
import { GupToy } from './toys/gup.ts';
import type { SymmetryMutation } from './toys/symmetry.ts';

const ORBITS: readonly (readonly [name: string, system: () => System, states: number])[] = [
  ['gup n=2', () => new GupToy(2, { alike: true }), 384],
  ['gup n=3', () => new GupToy(3, { alike: true }), 1_921],
  ['gup n=4', () => new GupToy(4, { alike: true }), 8_333],
  ['gup n=5', () => new GupToy(5, { alike: true }), 31_837],
  ['gup n=6', () => new GupToy(6, { alike: true }), 108_946],
  ['ticket n=5 k=2', () => new TicketToy(5, 2, { alike: true }), 813],
  ['ticket n=6 k=2', () => new TicketToy(6, 2, { alike: true }), 1_780],
];

describe.each(['breadth', 'depth'] as const)('orbits, %s first', (order) => {
  it.each(ORBITS)('%s: as many as rumur and TLC find', async (_name, system, states) => {
    const result = await exploreGraph(system(), { order });
    expect([result.kind, result.violations, result.endless]).toEqual(['complete', [], null]);
    expect(result.states).toBe(states);
    expect(result.graph).toMatchObject({ order, symmetric: true });
  });
});

it('the small ones by brute force', async () => {
  expect(await checkOrbits(() => new GupToy(2, { alike: true }))).toEqual([]);
  expect(await checkOrbits(() => new GupToy(2, { alike: true, sync: false }))).toEqual([]);
  expect(await checkOrbits(() => new TicketToy(3, 2, { alike: true }))).toEqual([]);
});

it('a violation has a schedule of the system itself, as short as without symmetry', async () => {
  const make = () => new GupToy(3, { alike: true, sync: false });
  const few = await exploreGraph(make());
  const all = await exploreGraph(plainly(make()));
  const kinds = (result: typeof all) =>
    result.violations.map((v) => `${v.property}:${v.site} in ${v.schedule.length}`).sort();
  expect(kinds(few)).toEqual(kinds(all));
  expect(few.states).toBeLessThan(all.states / 4);
  for (const { property, site, schedule } of few.violations) {
    const { steps, failure } = replay(new GupToy(3, { sync: false }), schedule);
    expect(failure).toBeNull();
    expect(steps.at(-1)?.outcome).toEqual({ kind: 'violation', property, site });
  }
});

const seed = seedOfRun();
const programs = Math.ceil(Number(process.env.PROGRAMS ?? 2000) / 20);

describe(`random programs that CPUs run alike, SEED=${seed}`, () => {
  const report = (program: AlikeProgram, wrong: readonly string[]): string =>
    `SEED=${seed}\n${JSON.stringify(program)}\n${wrong.join('\n')}`;
  it.each([
    ['one key for each orbit', true],
    ['names that CPUs remember: sound, with a few keys more', false],
  ])('%s', async (_name, exact) => {
    const random = new Random(seed);
    let checked = 0;
    while (checked < programs) {
      const program = randomAlikeProgram(random, exact);
      const wrong = await checkOrbits(() => new AlikeToy(program), { exact, limit: 400 });
      if (wrong === null) continue;
      checked++;
      expect(wrong, report(program, wrong)).toEqual([]);
    }
  });
});

describe('records sorted without what names a CPU are noticed', () => {
  const mutations: readonly SymmetryMutation[] = ['records-without-masks', 'records-without-names'];
  it.each(mutations)('%s', async (mutation) => {
    const random = new Random(20_261);
    let noticed = false;
    for (let n = 0; n < 1500 && !noticed; n++) {
      const program = randomAlikeProgram(random, true);
      const wrong = await checkOrbits(() => new AlikeToy(program, mutation), { limit: 400 });
      noticed = wrong?.some((what) => what.endsWith('two orbits have one key')) ?? false;
    }
    expect(noticed).toBe(true);
  });
});
