/**
 * The corpus of past bugs, `scenarios/bugs/`: `before` is unsafe by the
 * interleaving that the bug is known for, `fixed` is safe. The verdicts are
 * those of the headers; the interleavings are in `bug-steps.ts`.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT_ROOT } from '../../src/clang/translation-unit.ts';
import { listScenarios } from '../../src/cli/scenario-files.ts';
import { parseSuite } from '../../src/scenario/suite.ts';
import { MEMORY_MODELS } from '../../src/scenario/targets.ts';
import { shootdown } from '../cli/run-shootdown.ts';
import { codeWords, readDocument, rowsOf } from '../docs/tables.ts';
import { BUG_STEPS, missingStep } from './bug-steps.ts';
import { type Cell, Cells, isPastBug } from './cells.ts';
import { describeCells } from './table.ts';

const cells = new Cells();
const bugs = listScenarios().filter(isPastBug);

function tellsModelsApart({ header }: (typeof bugs)[number]): boolean {
  return header.expectations.some(({ memory }) => memory !== null);
}

/** All cells; under every memory model where the header tells them apart. */
function cellsOf(scenario: (typeof bugs)[number]): Cell[] {
  if (!tellsModelsApart(scenario)) return cells.of(scenario);
  return MEMORY_MODELS.flatMap((memory) => cells.of(scenario, { memory }));
}

/**
 * Those whose counterexample is looked at. A list of steps has the order in
 * which memory changes. Where store buffers are not the bug, they are left out,
 * so that a store is one step.
 */
function toldCells(scenario: (typeof bugs)[number]): Cell[] {
  return tellsModelsApart(scenario) ? cellsOf(scenario) : cells.of(scenario, { memory: 'sc' });
}

const expectsUnsafe = ({ configuration }: Cell): boolean =>
  configuration.expected?.startsWith('unsafe') ?? false;

/** `walk: read *pmd: 0 in cpu0`, a step to a line. */
async function storyOf(cell: Cell): Promise<{ story: string[]; message: string }> {
  const judged = await cells.judge(cell);
  if (judged.kind !== 'result') throw new Error(`${cell.name} was left out`);
  const { counterexample } = judged.result;
  if (counterexample === null) throw new Error(`${cell.name} has no counterexample`);
  const names = cell.scenario.header.cpus.map(({ name }) => name);
  const story = counterexample.steps.map(
    ({ cpu, event, function: where }) => `${names[cpu] ?? 'rcu'}: ${event} in ${where}`,
  );
  return { story, message: judged.result.message ?? '' };
}

test('each has its steps, and each list of steps its scenario', () => {
  expect(Object.keys(BUG_STEPS).sort()).toEqual(bugs.map(({ name }) => name).sort());
});

test('docs/bugs.md has a row for each, with its number and its property', () => {
  const rows = rowsOf(readDocument('docs/bugs.md'), 'Bug').map((row) =>
    [row[0], ...codeWords(row[2]!), ...codeWords(row[3]!)].join(' '),
  );
  const expected = bugs.map((bug) => {
    const unsafe = cellsOf(bug).find(expectsUnsafe);
    const property = unsafe?.configuration.expected?.replace('unsafe ', '');
    return `${BUG_STEPS[bug.name]?.source} ${bug.name} ${property}`;
  });
  expect(rows.sort()).toEqual(expected.sort());
});

test('the suite has a line for each, in the order of docs/bugs.md', () => {
  const path = join(PROJECT_ROOT, 'suites', 'bugs.txt');
  const { suite, problems } = parseSuite(path, readFileSync(path, 'utf8'));
  expect(problems).toEqual([]);
  const rows = rowsOf(readDocument('docs/bugs.md'), 'Bug').map((row) => codeWords(row[2]!)[0]);
  expect(suite!.lines.map(({ scenario }) => scenario)).toEqual(rows);
});

test('the command ends with 1 for code before a fix, and with 0 for the fix', async () => {
  const codeOf = async (...words: string[]): Promise<number | null> =>
    (await shootdown(['check', ...words, '--arch', 'x86_64', '--platform', 'native'])).code;
  expect(await codeOf('gup-fast-vs-fork', '--variant', 'before')).toBe(1);
  expect(await codeOf('gup-fast-vs-fork', '--variant', 'fixed')).toBe(0);
  expect(await codeOf('switch-mm-vs-flush', '--memory', 'sc')).toBe(0);
  expect(await codeOf('switch-mm-vs-flush', '--memory', 'tso')).toBe(1);
});

test('a missing step is told, and so is one in the wrong place', () => {
  const story = ['a: read x: 0 in f', 'b: write x = 1 in g', 'a: read x: 1 in f'];
  expect(missingStep(story, 'a read x ... in f\n b write x\n a read x: 1')).toBeNull();
  expect(missingStep(story, 'b write x\n a read x: 0')).toBe('a read x: 0');
  expect(missingStep(story, 'b read x')).toBe('b read x');
  expect(missingStep(story, 'b read x | write x')).toBeNull();
  expect(missingStep(story, 'a in f ... read x')).toBe('a in f ... read x');
});

describe.each(bugs)('$name', (bug) => {
  const every = cellsOf(bug);
  const { source, steps, says = '' } = BUG_STEPS[bug.name] ?? { source: '?', steps: '? ?' };

  test('the header: two variants, one unsafe somewhere and one nowhere', () => {
    expect(bug.header.variants.map(({ name }) => name)).toEqual(['before', 'fixed']);
    expect(bug.header.source).toMatch(new RegExp(`^${source} of docs/bugs\\.md[,:]`));
    const unsafe = every.filter(expectsUnsafe).map(({ configuration }) => configuration.variant);
    expect([...new Set(unsafe)]).toEqual(['before']);
  });

  describeCells(cells, every);

  describe('the counterexample is the interleaving of the list', () => {
    test.each(toldCells(bug).filter(expectsUnsafe))('$name', async (cell) => {
      const { story, message } = await storyOf(cell);
      expect(missingStep(story, steps), story.join('\n')).toBeNull();
      expect(message).toContain(says);
    });
  });
});
