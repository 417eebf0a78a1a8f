/**
 * The table of a suite for the terminal: as much of it side by side as the
 * page has room for, with words where they fit and short codes where they do
 * not; then a legend, what disagrees with its expectation, and a summary.
 */

import type { CheckResult } from '../../trace/format.ts';
import { replayCommand } from '../counterexample.ts';
import { describeEffort } from '../effort.ts';
import { count, listWords, type Page, paragraph } from '../ink.ts';
import { memoryWords } from '../memory-words.ts';
import type { ScenarioReport } from '../text.ts';
import { codeOf } from './codes.ts';
import {
  absentWords,
  columnsOf,
  disagreement,
  disagrees,
  eraWords,
  type Matrix,
  resultsOf,
  roundsShort,
  symbolsOff,
} from './matrix.ts';
import { layOut, renderTables } from './table.ts';

const INDENT = 12;
/** As many cells that stay open for one reason are named; of more, the number. */
const NAMED_CELLS = 4;

function entry(label: string, text: string, page: Page): string {
  return paragraph(label.padEnd(INDENT), text, page, { indent: INDENT });
}

/** The cell that shows best what numbers mean. */
function example(results: readonly CheckResult[]): CheckResult | undefined {
  const counted = results.filter(({ ipiRounds }) => ipiRounds !== null);
  const some = counted.find(({ ipiRounds: n }) => n!.underPtl > 0 && n!.underPtl < n!.total);
  return some ?? counted.find(({ ipiRounds: n }) => n!.total > 0) ?? counted[0];
}

function roundsLegend(results: readonly CheckResult[], page: Page): string[] {
  const shown = example(results);
  if (shown === undefined) return [];
  const { total, underPtl } = shown.ipiRounds!;
  const one = results.some(({ ipiRounds }) => ipiRounds?.executions === 'one');
  const text =
    `at most ${count(total, 'IPI round')} in an execution, ${underPtl === 0 ? 'none' : `${underPtl} of them`} begun under a page-table lock (PTL)` +
    (one ? '; where the state graph was searched, of one execution' : '');
  return [entry(roundsShort(shown.ipiRounds), text, page)];
}

function legend(matrix: Matrix, coded: boolean, page: Page): string[] {
  const results = resultsOf(matrix);
  const lines = roundsLegend(results, page);
  const properties = [...new Set(results.flatMap(({ property }) => property ?? []))];
  if (coded && properties.length > 0) {
    const words = properties.map((property) => `${codeOf(property)} ${property}`);
    lines.push(entry('CAPITALS', `unsafe: ${words.join(', ')}`, page));
  }
  const undecided = results.filter(({ verdict }) => verdict === 'inconclusive');
  if (coded && undecided.length > 0) lines.push(entry('?', 'inconclusive', page));
  if (results.some(disagrees)) lines.push(entry('!', 'not as the scenario expects', page));
  const columns = columnsOf(matrix).length;
  const rows = matrix.families.flatMap(({ results: own }) => [
    ...new Set(own.map(({ variant }) => variant)),
  ]).length;
  const absent = absentWords(matrix);
  if (absent !== '') {
    const where = `no such code in ${eraWords(results)}: ${absent}`;
    lines.push(
      entry('-', rows * columns > results.length ? `not asked there, or ${where}` : where, page),
    );
  } else if (rows * columns > results.length) {
    lines.push(entry('-', 'not asked there', page));
  }
  if (properties.length > 0) {
    const how = 'an execution: shootdown check SCENARIO --variant V --arch A --platform P';
    lines.push(entry('to see', `${how}; all of them: --html FILE`, page));
  }
  return lines;
}

function restsOn(matrix: Matrix, page: Page): string {
  const results = resultsOf(matrix);
  const kernels = [...new Set(results.map(({ kernel }) => kernel))];
  const kernel = listWords(
    kernels.map((name) => (name === 'builtin' ? 'the built-in kernel' : name)),
  );
  const on = new Set(
    results.flatMap(({ config }) => Object.keys(config).filter((name) => config[name])),
  );
  const symbols = [...on].map((name) => `${name}=y`);
  const off = matrix.families.some((family) => symbolsOff(family).length > 0);
  const unless = off ? ' unless a row says otherwise' : '';
  const words = [
    kernel,
    eraWords(results),
    ...(symbols.length === 0 ? [] : [`${symbols.join(' ')}${unless}`]),
    memoryWords(results),
  ];
  return paragraph('', words.join('; '), page);
}

function disagreements(matrix: Matrix, page: Page): string[] {
  return matrix.families.flatMap((family) =>
    family.results.filter(disagrees).map((result) => {
      const painted = page.ink(['bold', 'red'], '! ');
      const words = paragraph('! ', disagreement(family, result), page, { painted });
      return `${words}\n  ${commandOf(family, result)}`;
    }),
  );
}

/** The command that shows a cell again: its one execution where it has one. */
export function commandOf(family: ScenarioReport, result: CheckResult): string {
  return replayCommand(result, family.target, family.without);
}

function undecided(matrix: Matrix, page: Page): string[] {
  return matrix.families.flatMap((family) => {
    const byReason = new Map<string, CheckResult[]>();
    for (const result of family.results) {
      if (result.verdict !== 'inconclusive') continue;
      byReason.set(result.message, [...(byReason.get(result.message) ?? []), result]);
    }
    return [...byReason].map(([reason, members]) => {
      const label = 'inconclusive: ';
      if (members.length > NAMED_CELLS) {
        const words = `${family.scenario}, ${count(members.length, 'cell')}: ${reason}`;
        return paragraph(label, words, page, { painted: page.ink('yellow', label) });
      }
      const cells = listWords(
        members.map(({ variant, arch, platform }) => `${variant} on ${arch} ${platform}`),
      );
      const painted = page.ink('yellow', label);
      return paragraph(label, `${family.scenario} ${cells}: ${reason}`, page, { painted });
    });
  });
}

/** `64 cells: 40 safe, 24 unsafe; all as expected (5,694 executions, 99,308 steps, 65.2 s)`. */
function summary(results: readonly CheckResult[]): string {
  const of = (verdict: string): number => results.filter((one) => one.verdict === verdict).length;
  const verdicts = (['safe', 'unsafe', 'inconclusive'] as const)
    .filter((verdict) => of(verdict) > 0)
    .map((verdict) => `${of(verdict)} ${verdict}`);
  const wrong = results.filter(disagrees).length;
  const agreed =
    wrong > 0
      ? `${wrong} not as expected`
      : of('inconclusive') > 0
        ? 'the decided as expected'
        : 'all as expected';
  return `${count(results.length, 'cell')}: ${verdicts.join(', ')}; ${agreed} (${describeEffort(results)})`;
}

/** The whole report of a suite; ends with a newline. */
export function renderMatrix(matrix: Matrix, page: Page): string {
  const layout = layOut(matrix, page.width);
  const name = `${matrix.name}: `;
  const blocks = [
    paragraph(name, matrix.question, page, { painted: page.ink('bold', name) }),
    renderTables(matrix, layout, page),
    [...legend(matrix, layout.coded, page), restsOn(matrix, page)].join('\n'),
  ];
  const notes = [...disagreements(matrix, page), ...undecided(matrix, page)];
  if (notes.length > 0) blocks.push(notes.join('\n'));
  blocks.push(paragraph('', summary(resultsOf(matrix)), page));
  return `${blocks.join('\n\n')}\n`;
}
