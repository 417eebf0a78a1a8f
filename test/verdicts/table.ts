/**
 * Tables of verdicts, written by hand as in the question they answer, and
 * compared as a whole: a difference is shown where it stands.
 */

import { describe, expect, test } from 'vitest';
import type { Selection } from '../../src/scenario/configurations.ts';
import type { Cell, Cells } from './cells.ts';

/** Row: variant. Column: `arch platform`. */
export type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Reads `variant | cell | cell`, with the columns' names in the first line. Fails: an error for an uneven line. */
export function readTable(text: string): Table {
  const lines = text.trim().split('\n');
  const rows = lines.map((line) => line.split('|').map((word) => word.trim()));
  const [[, ...columns], ...body] = rows;
  for (const row of rows) {
    if (row.length !== columns.length + 1) throw new Error(`uneven table: ${row.join(' | ')}`);
  }
  return Object.fromEntries(
    body.map(([variant, ...words]) => [
      variant,
      Object.fromEntries(columns.map((column, at) => [column, words[at]])),
    ]),
  );
}

function columnOf({ configuration }: Cell): string {
  return `${configuration.arch} ${configuration.platform}`;
}

/** Expects that the cells of `selection` are those of the table, no more and no fewer, with its verdicts. */
export async function expectTable(
  cells: Cells,
  scenario: string,
  selection: Selection,
  text: string,
): Promise<void> {
  const found: Record<string, Record<string, string>> = {};
  for (const cell of cells.of(scenario, selection)) {
    const { variant } = cell.configuration;
    found[variant] ??= {};
    found[variant][columnOf(cell)] = await cells.verdict(cell);
  }
  expect(found).toEqual(readTable(text));
}

/** What an `@expect` line of the header says, and that it says something. */
export async function expectHeader(cells: Cells, cell: Cell): Promise<void> {
  const { expected } = cell.configuration;
  expect(expected, 'the header expects nothing of this cell').not.toBeNull();
  expect(await cells.verdict(cell)).toBe(expected);
}

/**
 * Optimal and plain reduction and the state graph come to the same violations
 * at the same places, by equally short ways, and to the same final states, the two reductions in
 * equally many executions, of which the optimal one begins none in vain.
 */
export async function expectAgreement(
  cells: Cells,
  cell: Cell,
  options: { readonly graph?: boolean } = {},
): Promise<void> {
  const { judged, optimal, plain, graph } = await cells.agreement(cell, options);
  expect(optimal.asleep).toBe(0);
  expect(plain.executions).toBe(optimal.executions);
  expect(judged).toEqual(optimal.findings);
  for (const other of graph === null ? [plain] : [plain, graph]) {
    expect(other.findings).toEqual(optimal.findings);
    expect(other.lengths).toEqual(optimal.lengths);
    expect(differences(other.finals, optimal.finals)).toEqual({ missing: 0, extra: 0 });
  }
}

/** The tests of cells: each has the verdict that its header expects, and every search comes to it; `graph` says where that one is small enough. */
export function describeCells(
  cells: Cells,
  every: readonly Cell[],
  graph: (cell: Cell) => boolean = () => true,
): void {
  describe("the header's expectation", () => {
    test.each(every)('$name', (cell) => expectHeader(cells, cell));
  });

  describe('every search finds the same', () => {
    test.each(every)('$name', (cell) => expectAgreement(cells, cell, { graph: graph(cell) }));
  });
}

/** Keys are thousands of bytes, so only how many differ is worth showing. */
function differences(
  expected: ReadonlySet<string>,
  found: ReadonlySet<string>,
): { missing: number; extra: number } {
  return {
    missing: [...expected].filter((key) => !found.has(key)).length,
    extra: [...found].filter((key) => !expected.has(key)).length,
  };
}
