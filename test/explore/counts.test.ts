/** Distinct states and executions against the numbers that other tools agree on (explorer rules, C1 and C2). */

import { describe, expect, it } from 'vitest';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import type { System } from '../../src/explore/system.ts';
import { PetersonToy, PhilosophersToy, TicketToy } from './toys/classics.ts';
import { GupPlainToy, GupToy } from './toys/gup.ts';

const STATES: readonly (readonly [name: string, system: () => System, states: number])[] = [
  ['gup n=2', () => new GupToy(2), 695],
  ['gup n=3', () => new GupToy(3), 9_024],
  ['gup n=4', () => new GupToy(4), 129_505],
  ['philosophers n=8', () => new PhilosophersToy(8), 9_403],
  ['peterson n=3', () => new PetersonToy(3), 843],
  ['peterson n=4', () => new PetersonToy(4), 16_404],
  ['ticket n=5 k=2', () => new TicketToy(5, 2), 67_803],
];

describe('state graph', () => {
  it.each(STATES)('%s: as many states as rumur and TLC find', async (_name, system, states) => {
    const result = await exploreGraph(system());
    expect(result.kind).toBe('complete');
    expect(result.violations).toEqual([]);
    expect(result.states).toBe(states);
  });
});

const EXECUTIONS: readonly (readonly [name: string, system: () => System, executions: number])[] = [
  ['gup n=2', () => new GupPlainToy(2), 57],
  ['gup n=3', () => new GupPlainToy(3), 1_014],
  ['gup n=4', () => new GupPlainToy(4), 31_825],
  ['gup n=2, adds commute', () => new GupPlainToy(2, { commute: true }), 36],
  ['gup n=3, adds commute', () => new GupPlainToy(3, { commute: true }), 216],
  ['gup n=4, adds commute', () => new GupPlainToy(4, { commute: true }), 1_296],
];

it('state graph, depth first: gup n=5', { timeout: 600_000 }, async () => {
  const result = await exploreGraph(new GupToy(5), { order: 'depth' });
  expect([result.kind, result.violations, result.states]).toEqual(['complete', [], 1_947_142]);
});

describe('stateless search', () => {
  it.each(EXECUTIONS)('%s: as many executions as GenMC and Nidhugg', async (_name, system, n) => {
    for (const reduction of ['optimal', 'plain'] as const) {
      const result = await exploreStateless(system(), { reduction });
      expect(result.kind).toBe('complete');
      expect(result.violations).toEqual([]);
      expect(result.executions).toBe(n);
      if (reduction === 'plain') continue;
      expect(result.asleep).toBe(0);
      // Each sequence that was inserted led to one more execution.
      expect(result.wakeup?.sequences).toBe(n - 1);
    }
  });
});
