/**
 * The table of verdicts: one row per variant, one column per platform, one
 * table per architecture and configuration. Cells hold verdict and
 * property side by side; where that is too wide the property goes below,
 * and where even that is too wide the columns go on in a further table.
 */

import { differsFromExpected } from '../scenario/expectation.ts';
import type { CheckResult } from '../trace/format.ts';
import type { Page, Style } from './ink.ts';

const INDENT = '  ';
const GAP = 2;

/** The results of one table: alike in everything but variant and platform. */
interface Group {
  readonly title: string;
  readonly era: string;
  readonly results: readonly CheckResult[];
}

interface Column {
  readonly title: string;
  /** One per row: verdict, and property or empty. */
  readonly cells: readonly (readonly [verdict: string, property: string])[];
}

/** `HIGHPTE=n PARAVIRT=y`. */
export function configWords(config: Readonly<Record<string, boolean>>): string {
  return Object.entries(config)
    .map(([name, value]) => `${name}=${value ? 'y' : 'n'}`)
    .join(' ');
}

function groups(results: readonly CheckResult[]): Group[] {
  const byTitle = new Map<string, CheckResult[]>();
  for (const result of results) {
    const title = [result.arch, configWords(result.config)]
      .filter((part) => part !== '')
      .join('  ');
    const group = byTitle.get(title);
    if (group === undefined) byTitle.set(title, [result]);
    else group.push(result);
  }
  return [...byTitle].map(([title, members]) => ({ title, era: members[0].era, results: members }));
}

/** True where the verdict contradicts the scenario's expectation. */
export function differs(result: CheckResult): boolean {
  return differsFromExpected(result.expected, result.verdict, result.property);
}

function cell(result: CheckResult | undefined): readonly [string, string] {
  if (result === undefined) return ['-', ''];
  const mark = differs(result) ? ' !' : '';
  return result.property === null
    ? [`${result.verdict}${mark}`, '']
    : [result.verdict, `${result.property}${mark}`];
}

function columnsOf(group: Group, variants: readonly string[]): Column[] {
  const platforms = [...new Set(group.results.map((result) => result.platform))];
  return platforms.map((platform) => {
    const results = group.results.filter((result) => result.platform === platform);
    const era = results[0].era;
    return {
      title: era === group.era ? platform : `${platform} (${era})`,
      cells: variants.map((variant) => cell(results.find((result) => result.variant === variant))),
    };
  });
}

function joined([verdict, property]: readonly [string, string]): string {
  return property === '' ? verdict : `${verdict} ${property}`;
}

function columnWidth(column: Column, stacked: boolean): number {
  const widths = column.cells.map((one) =>
    stacked ? Math.max(one[0].length, one[1].length) : joined(one).length,
  );
  return Math.max(column.title.length, ...widths);
}

/** Cuts the columns into runs that fit beside the row labels; at least one column a run. */
function runs(columns: readonly Column[], stacked: boolean, room: number): Column[][] {
  const cut: Column[][] = [];
  let used = 0;
  for (const column of columns) {
    const width = GAP + columnWidth(column, stacked);
    const run = cut.at(-1);
    if (run !== undefined && used + width <= room) {
      run.push(column);
      used += width;
    } else {
      cut.push([column]);
      used = width;
    }
  }
  return cut;
}

function paintOf(text: string): Style | readonly Style[] {
  if (text.startsWith('safe')) return 'green';
  if (text.startsWith('inconclusive')) return 'yellow';
  return text === '-' ? 'dim' : ['bold', 'red'];
}

/** One line of a table: `paint` is asked for each cell with its text. */
function line(
  label: string,
  labelWidth: number,
  cells: readonly string[],
  widths: readonly number[],
  paint: (text: string) => string,
): string {
  const parts = cells.map((text, i) => {
    const padding = ' '.repeat(i === cells.length - 1 ? 0 : widths[i] - text.length);
    return `${' '.repeat(GAP)}${text === '' ? '' : paint(text)}${padding}`;
  });
  return `${INDENT}${label.padEnd(labelWidth)}${parts.join('')}`.trimEnd();
}

function table(
  columns: readonly Column[],
  variants: readonly string[],
  stacked: boolean,
  labelWidth: number,
  page: Page,
): string[] {
  const widths = columns.map((column) => columnWidth(column, stacked));
  const titles = columns.map((column) => column.title);
  const lines = [line('', labelWidth, titles, widths, (text) => page.ink('bold', text))];
  variants.forEach((variant, row) => {
    const cells = columns.map((column) => column.cells[row]);
    const texts = cells.map((one) => (stacked ? one[0] : joined(one)));
    lines.push(line(variant, labelWidth, texts, widths, (text) => page.ink(paintOf(text), text)));
    if (stacked && cells.some((one) => one[1] !== '')) {
      const below = cells.map((one) => one[1]);
      lines.push(line('', labelWidth, below, widths, (text) => page.ink('red', text)));
    }
  });
  return lines;
}

/** The tables of a scenario's results, a blank line between two. */
export function renderVerdictTables(results: readonly CheckResult[], page: Page): string {
  const variants = [...new Set(results.map((result) => result.variant))];
  const labelWidth = Math.max(...variants.map((variant) => variant.length));
  const room = page.width - INDENT.length - labelWidth;
  const blocks = groups(results).map((group) => {
    const columns = columnsOf(group, variants);
    const stacked = runs(columns, false, room).length > 1;
    const tables = runs(columns, stacked, room).map((run) =>
      table(run, variants, stacked, labelWidth, page).join('\n'),
    );
    const [arch, ...rest] = group.title.split('  ');
    const tail = [...rest, group.era === '' ? '' : `Linux ${group.era}`]
      .filter((part) => part !== '')
      .join(', ');
    return `${page.ink('bold', arch)}${tail === '' ? '' : `  ${page.ink('dim', tail)}`}\n${tables.join('\n\n')}`;
  });
  return blocks.join('\n\n');
}
