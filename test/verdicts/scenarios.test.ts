/**
 * Every other scenario, new ones without a line here: each cell's verdict is
 * the one its header expects, and every search comes to it.
 */

import { describe, expect, test } from 'vitest';
import type { Scenario } from '../../src/cli/scenario-files.ts';
import { type Cell, Cells, isPastBug, KHUGEPAGED_SCENARIOS, scenariosBut } from './cells.ts';
import { describeCells, expectHeader } from './table.ts';

const cells = new Cells();
// These have files of their own, and so do the past bugs.
const others = scenariosBut(
  'retract-vs-pte-map',
  'collapse-vs-gup-fast',
  ...KHUGEPAGED_SCENARIOS,
).filter((scenario) => !isPastBug(scenario));

/**
 * Scenario and variant of cells whose whole graph is out of reach of a test:
 * walkers that differ in nothing have up to millions of states, as long as
 * alike CPUs are not explored once. The two reductions cover them.
 */
const GRAPH_TOO_LARGE: readonly string[] = ['peer-gup n5', 'peer-gup-ipi n4', 'peer-gup-ipi n5'];

/** With store buffers five walkers of this one alone have a million executions, and the graphs of fewer are as large. */
const cellsOf = (scenario: Scenario): readonly Cell[] =>
  cells.of(scenario, scenario.name === 'peer-gup' ? { memory: 'sc' } : {});
const nameOf = ({ scenario, configuration }: Cell): string =>
  `${scenario.name} ${configuration.variant}`;

test('what is left to the two reductions exists', () => {
  const names = others.flatMap((scenario) => cellsOf(scenario).map(nameOf));
  expect(names).toEqual(expect.arrayContaining([...GRAPH_TOO_LARGE]));
});

describe.each(others)('$name', (scenario) => {
  describeCells(cells, cellsOf(scenario), (cell) => !GRAPH_TOO_LARGE.includes(nameOf(cell)));
});

describe('peer-gup, with store buffers', () => {
  const [scenario] = others.filter(({ name }) => name === 'peer-gup');
  const two = cells.of(scenario!, { memory: 'tso' }).filter((cell) => nameOf(cell).includes(' n2'));
  test.each(two)('$name', (cell) => expectHeader(cells, cell));
});
