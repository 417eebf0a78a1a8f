/** The table of a suite as text and Markdown, from hand-made results. */

import { describe, expect, test } from 'vitest';
import { matrixExitCode } from '../../src/cli/exit-codes.ts';
import { colourInk, plainInk } from '../../src/report/ink.ts';
import { codeOf } from '../../src/report/matrix/codes.ts';
import { renderMarkdown } from '../../src/report/matrix/markdown.ts';
import { roundsLong, roundsShort } from '../../src/report/matrix/matrix.ts';
import { renderMatrix } from '../../src/report/matrix/text.ts';
import { PROPERTIES } from '../../src/trace/format.ts';
import { safe, unsafe } from '../cli/sample-results.ts';
import { MATRIX } from './sample-matrix.ts';

describe('text', () => {
  test.each([60, 80, 100, 120, 160])('at %i columns', async (width) => {
    const text = renderMatrix(MATRIX, { width, ink: plainInk });
    const wide = text
      .split('\n')
      .filter((line) => line.length > width && !line.startsWith('  shootdown '));
    expect(wide).toEqual([]);
    expect(text).not.toMatch(/ $/m);
    await expect(text).toMatchFileSnapshot(`goldens/matrix-${width}.txt`);
  });

  test('colours change nothing but the colours', () => {
    const painted = renderMatrix(MATRIX, { width: 100, ink: colourInk });
    expect(painted).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
    const unpainted = painted.replace(/\u001b\[\d+m/g, '');
    expect(unpainted).toBe(renderMatrix(MATRIX, { width: 100, ink: plainInk }));
  });

  test('every cell is there, whatever the width', () => {
    const cells = (width: number): number => {
      const [, body] = renderMatrix(MATRIX, { width, ink: plainInk }).split('\n\n', 2);
      const tables = renderMatrix(MATRIX, { width, ink: plainInk });
      expect(body).not.toBe('');
      return tables.match(/(?:safe!?|UAF!|TORN|unsafe [a-z-]+!?|\?|inconclusive) \d/g)!.length;
    };
    const all = MATRIX.families.reduce((sum, { results }) => sum + results.length, 0);
    for (const width of [40, 60, 80, 100, 120, 160]) expect(cells(width)).toBe(all);
  });
});

test('Markdown', async () => {
  await expect(renderMarkdown(MATRIX)).toMatchFileSnapshot('goldens/matrix.md');
});

test('codes tell properties apart', () => {
  expect(new Set(PROPERTIES.map(codeOf)).size).toBe(PROPERTIES.length);
});

test.each([
  [2, 1, '2(1)', '2 IPI rounds, 1 under PTL'],
  [1, 1, '1(1)', '1 IPI round, 1 under PTL'],
  [1, 0, '1', '1 IPI round'],
  [0, 0, '0', 'no IPIs'],
])('%i rounds, %i under PTL: %s', (total, underPtl, short, long) => {
  expect(roundsShort({ total, underPtl, executions: 'all' })).toBe(short);
  expect(roundsLong({ total, underPtl, executions: 'all' })).toBe(long);
});

const open = safe({ verdict: 'inconclusive', message: 'why' });

test.each([
  ['all as expected, unsafe among them', [safe(), unsafe()], 0],
  ['safe where nothing is expected', [safe({ expected: null })], 0],
  ['a contradiction', [safe({ expected: 'unsafe torn-entry' }), safe()], 1],
  ['another property', [unsafe({ expected: 'unsafe deadlock' })], 1],
  ['unsafe where nothing is expected', [unsafe({ expected: null })], 1],
  ['inconclusive', [safe(), open], 3],
  ['a contradiction wins', [open, unsafe({ expected: 'safe' })], 1],
] as const)('exit code of %s: %#', (_, results, code) => {
  expect(matrixExitCode(results)).toBe(code);
});
