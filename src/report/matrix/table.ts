/**
 * How a suite's table fits a page: in as few tables as can be had without
 * parting the columns of one architecture, and of those ways with words
 * rather than codes, and with long names of rows whole rather than broken at
 * their `+`. Where one architecture is too wide by itself, columns go on
 * below.
 */

import type { CheckResult } from '../../trace/format.ts';
import type { Page, Style } from '../ink.ts';
import type { ScenarioReport } from '../text.ts';
import { codeOf } from './codes.ts';
import {
  type Column,
  cellOf,
  columnsOf,
  disagrees,
  type Matrix,
  roundsShort,
  rowsOf,
  symbolsOff,
} from './matrix.ts';

const INDENT = 2;
const GAP = 2;
/** Before the first column of another architecture. */
const ARCH_GAP = 4;

export interface Layout {
  /** Properties are codes. */
  readonly coded: boolean;
  /** Names of rows are broken at `+`. */
  readonly broken: boolean;
  readonly labelWidth: number;
  /** Each a table. */
  readonly runs: readonly (readonly Column[])[];
}

interface Cell {
  readonly verdict: string;
  readonly rounds: string;
  readonly style: Style | readonly Style[];
}

const NO_CELL: Cell = { verdict: '-', rounds: '', style: 'dim' };

function cell(result: CheckResult | undefined, coded: boolean): Cell {
  if (result === undefined) return NO_CELL;
  const rounds = roundsShort(result.ipiRounds);
  const mark = disagrees(result) ? '!' : '';
  if (result.verdict === 'safe') return { verdict: `safe${mark}`, rounds, style: 'green' };
  if (result.verdict === 'inconclusive') {
    return { verdict: coded ? '?' : 'inconclusive', rounds, style: 'yellow' };
  }
  const property = result.property!;
  const words = coded ? codeOf(property) : `unsafe ${property}`;
  return { verdict: `${words}${mark}`, rounds, style: ['bold', 'red'] };
}

function width({ verdict, rounds }: Cell): number {
  return verdict.length + (rounds === '' ? 0 : 1 + rounds.length);
}

function columnWidth(matrix: Matrix, column: Column, coded: boolean): number {
  const cells = matrix.families.flatMap((family) =>
    rowsOf(family).map((variant) => width(cell(cellOf(family, variant, column), coded))),
  );
  return Math.max(column.platform.length, ...cells);
}

/** Lines of a row's name. */
function labelLines(variant: string, broken: boolean): string[] {
  if (!broken) return [variant];
  const [base, ...added] = variant.split('+');
  return [base, ...added.map((word) => `  +${word}`)];
}

function gapBefore(column: Column, before: Column | undefined): number {
  return before !== undefined && before.arch !== column.arch ? ARCH_GAP : GAP;
}

/** Widths of columns side by side, gaps included; the arch's name needs room as well. */
function runWidth(run: readonly Column[], widthOf: (column: Column) => number): number {
  return run.reduce((sum, column, i) => sum + gapBefore(column, run[i - 1]) + widthOf(column), 0);
}

/** Columns cut where the room ends, whole architectures together where that is possible. */
function cutRuns(
  columns: readonly Column[],
  room: number,
  widthOf: (column: Column) => number,
): Column[][] {
  const runs: Column[][] = [];
  const arches = [...new Set(columns.map(({ arch }) => arch))];
  for (const arch of arches) {
    const own = columns.filter((column) => column.arch === arch);
    const last = runs.at(-1);
    if (last !== undefined && runWidth([...last, ...own], widthOf) <= room) {
      last.push(...own);
      continue;
    }
    let run: Column[] = [];
    for (const column of own) {
      if (run.length > 0 && runWidth([...run, column], widthOf) > room) {
        runs.push(run);
        run = [];
      }
      run.push(column);
    }
    runs.push(run);
  }
  return runs;
}

/** The layout for a page of that width. */
export function layOut(matrix: Matrix, pageWidth: number): Layout {
  const columns = columnsOf(matrix);
  const labels = matrix.families.flatMap(rowsOf);
  const attempt = (coded: boolean, broken: boolean): Layout => {
    const labelWidth = Math.max(
      ...labels.flatMap((label) => labelLines(label, broken)).map((line) => line.length),
    );
    const room = pageWidth - INDENT - labelWidth;
    const runs = cutRuns(columns, room, (column) => columnWidth(matrix, column, coded));
    return { coded, broken, labelWidth, runs };
  };
  const layouts = [attempt(false, false), attempt(true, false), attempt(true, true)];
  const unsplit = layouts.filter(({ runs }) => {
    const starts = runs.map(([first]) => first.arch);
    const ends = runs.map((run) => run.at(-1)!.arch);
    return starts.every((arch, i) => i === 0 || arch !== ends[i - 1]);
  });
  const fewest = Math.min(...unsplit.map(({ runs }) => runs.length));
  return unsplit.find(({ runs }) => runs.length === fewest) ?? layouts[2];
}

/** The name of the rows' family, with the symbols that are off. */
export function familyTitle(family: ScenarioReport): string {
  return [family.scenario, ...symbolsOff(family)].join(' ');
}

function renderRun(matrix: Matrix, run: readonly Column[], layout: Layout, page: Page): string {
  const { coded, broken, labelWidth } = layout;
  const widths = run.map((column) => columnWidth(matrix, column, coded));
  const line = (label: string, texts: readonly (readonly [string, string])[]): string => {
    const parts = texts.map(([text, painted], i) => {
      const gap = ' '.repeat(gapBefore(run[i], run[i - 1]));
      return `${gap}${painted}${' '.repeat(Math.max(0, widths[i] - text.length))}`;
    });
    return `${label.padEnd(INDENT + labelWidth)}${parts.join('')}`.trimEnd();
  };
  const bold = (text: string): [string, string] => [text, page.ink('bold', text)];
  const dim = (text: string): [string, string] => [text, page.ink('dim', text)];
  const lines = [
    archLine(run, widths, labelWidth, page),
    line(
      '',
      run.map(({ platform }) => bold(platform)),
    ),
  ];
  for (const family of matrix.families) {
    const rows = rowsOf(family).filter(
      (variant) =>
        family.absent?.includes(variant) ||
        run.some((column) => cellOf(family, variant, column) !== undefined),
    );
    // What runs on none of these is in another table.
    if (rows.length === 0) continue;
    lines.push(page.ink('bold', familyTitle(family)));
    for (const variant of rows) {
      const cells = run.map((column): [string, string] => {
        const { verdict, rounds, style } = cell(cellOf(family, variant, column), coded);
        const tail = rounds === '' ? '' : ` ${rounds}`;
        return [`${verdict}${tail}`, `${page.ink(style, verdict)}${dim(tail)[1]}`];
      });
      const labels = labelLines(variant, broken).map((label) => `${' '.repeat(INDENT)}${label}`);
      lines.push(...labels.slice(0, -1), line(labels.at(-1)!, cells));
    }
  }
  return lines.join('\n');
}

/** Each architecture's name above its first column. */
function archLine(
  run: readonly Column[],
  widths: readonly number[],
  labelWidth: number,
  page: Page,
): string {
  let text = ' '.repeat(INDENT + labelWidth);
  let painted = text;
  let at = text.length;
  run.forEach((column, i) => {
    at += gapBefore(column, run[i - 1]);
    if (column.arch !== run[i - 1]?.arch) {
      const padding = ' '.repeat(Math.max(i === 0 ? 0 : 1, at - text.length));
      text += padding + column.arch;
      painted += padding + page.ink('bold', column.arch);
    }
    at += widths[i];
  });
  return painted.trimEnd();
}

/** The tables, a blank line between two. */
export function renderTables(matrix: Matrix, layout: Layout, page: Page): string {
  return layout.runs.map((run) => renderRun(matrix, run, layout, page)).join('\n\n');
}
