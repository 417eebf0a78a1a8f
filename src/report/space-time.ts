/**
 * A counterexample as a space-time diagram in characters: time runs down,
 * one column per CPU, one numbered row per step. Beside each column two
 * bars show what the CPU's state was after the row: interrupts off, and a
 * lock held. On a wide page the source stands in a column of its own at the
 * right, on a narrower one below each event, and where the columns would be
 * too thin the steps become a list.
 */

import type { TraceStep } from '../trace/format.ts';
import { clip, clipStart, type Page, wrap } from './ink.ts';
import {
  type CpuState,
  FREE,
  fileLine,
  type Lane,
  lanesOf,
  place,
  type Row,
  rowsOf,
} from './lanes.ts';

const IRQS_OFF = '▌';
const LOCKED = '┃';
/** `irq bar, lock bar, space` before each column's text. */
const GUTTER = 3;
const GAP = 2;
/** With less text in a column it cannot be read, and the steps become a list. */
const MIN_TEXT = 19;
/** With this much text in each column, the source gets a column of its own. */
const ROOMY_COLUMN = 24;

function bars(state: CpuState, page: Page): string {
  const irq = state.irqsOff ? page.ink('yellow', IRQS_OFF) : ' ';
  return `${irq}${state.locks.length > 0 ? page.ink('cyan', LOCKED) : ' '} `;
}

/**
 * Where the source of a step stands: in a column of its own with the whole
 * path, with the file's name, or with the function's name below it; or
 * below the event in the CPU's column.
 */
type SourceStyle = 'whole' | 'base' | 'narrow' | 'below';

interface Layout {
  readonly number: number;
  /** Of the text of one CPU's column, gutter left out. */
  readonly text: number;
  readonly source: SourceStyle;
}

/** The lines of a source column. */
function sourceLines(row: Row, style: SourceStyle): string[] {
  if (style === 'below' || place(row.step, 'base') === '') return [];
  if (style !== 'narrow') return [place(row.step, style)];
  return row.sameFunction
    ? [fileLine(row.step, 'base')]
    : [fileLine(row.step, 'base'), row.step.function];
}

/** The source below an event: on one line if it fits, else the function's name, where it is news, above the line. */
function placeBelow(row: Row, width: number): string[] {
  const whole = place(row.step, 'base');
  if (whole === '') return [];
  if (whole.length <= width) return [whole];
  const line = clipStart(fileLine(row.step, 'base'), width);
  return row.sameFunction ? [line] : [clip(row.step.function, width), line];
}

/** A row's own cell: lines with their widths on the page. */
function cellLines(row: Row, layout: Layout, page: Page): [line: string, width: number][] {
  const event = wrap(row.event, layout.text).map((text): [string, number] => [text, text.length]);
  if (layout.source !== 'below') return event;
  const below = placeBelow(row, layout.text);
  return [...event, ...below.map((text): [string, number] => [page.ink('dim', text), text.length])];
}

/** A step of no CPU: across the columns, whose bars it interrupts. */
function acrossLines(row: Row, layout: Layout, page: Page): string[] {
  const indent = ' '.repeat(layout.number + GAP + GUTTER);
  const words = `~ ${row.event} (${place(row.step, 'base')})`;
  const lines = wrap(words, page.width - indent.length);
  const number = String(row.number).padStart(layout.number);
  return lines.map((line, i) => `${i === 0 ? number : ''}`.padEnd(indent.length) + line);
}

function columnLines(row: Row, layout: Layout, page: Page): string[] {
  if (row.lane < 0) return acrossLines(row, layout, page);
  const own = cellLines(row, layout, page);
  const source = sourceLines(row, layout.source);
  return Array.from({ length: Math.max(own.length, source.length) }, (_, i) => {
    const [line, width] = own[i] ?? ['', 0];
    const number = (i === 0 ? String(row.number) : '').padStart(layout.number);
    const cells = row.states.map((state, lane) => {
      const content = lane === row.lane ? line : '';
      const padding = ' '.repeat(layout.text - (lane === row.lane ? width : 0));
      return `${bars(state, page)}${content}${padding}`;
    });
    const tail = source[i] === undefined ? '' : ' '.repeat(GAP) + page.ink('dim', source[i]);
    return `${number}${' '.repeat(GAP)}${cells.join(' '.repeat(GAP))}${tail}`.trimEnd();
  });
}

/** The roomiest layout that the page allows; null where columns would be too thin. */
function chooseLayout(rows: readonly Row[], lanes: readonly Lane[], page: Page): Layout | null {
  const number = Math.max(2, String(rows.length).length);
  const inLanes = rows.filter((row) => row.lane >= 0);
  const widest = Math.max(
    ...inLanes.map((row) => row.event.length),
    ...lanes.map((lane) => lane.title.length),
  );
  const textIn = (room: number): number => Math.floor(room / lanes.length) - GAP - GUTTER;
  for (const source of ['whole', 'base', 'narrow'] as const) {
    const lines = inLanes.flatMap((row) => sourceLines(row, source));
    const text = textIn(page.width - number - GAP - Math.max(0, ...lines.map((l) => l.length)));
    if (text >= Math.min(widest, ROOMY_COLUMN)) {
      return { number, text: Math.min(text, widest), source };
    }
  }
  const below = Math.max(widest, ...inLanes.map((row) => place(row.step, 'base').length));
  const text = Math.min(textIn(page.width - number), below);
  return text < MIN_TEXT ? null : { number, text, source: 'below' };
}

function columnDiagram(
  rows: readonly Row[],
  lanes: readonly Lane[],
  layout: Layout,
  page: Page,
): string[] {
  const head = lanes.map((lane) => {
    const title = clip(lane.title, layout.text);
    const padding = ' '.repeat(layout.text - title.length);
    return `${' '.repeat(GUTTER)}${page.ink('bold', title)}${padding}`;
  });
  const source = layout.source === 'below' ? '' : ' '.repeat(GAP) + page.ink('bold', 'source');
  return [
    `${' '.repeat(layout.number + GAP)}${head.join(' '.repeat(GAP))}${source}`.trimEnd(),
    ...rows.flatMap((row) => columnLines(row, layout, page)),
  ];
}

function listDiagram(rows: readonly Row[], lanes: readonly Lane[], page: Page): string[] {
  const number = Math.max(2, String(rows.length).length);
  const width = Math.max(MIN_TEXT, page.width - number - GAP - GUTTER);
  return rows.flatMap((row) => {
    const who = lanes[row.lane]?.title ?? 'no CPU';
    const event = wrap(`${who}: ${row.event}`, width);
    const below = placeBelow({ ...row, sameFunction: false }, width);
    return [...event, ...below.map((text) => page.ink('dim', text))].map((line, i) => {
      const label = (i === 0 ? String(row.number) : '').padStart(number);
      return `${label}${' '.repeat(GAP)}${bars(row.states[row.lane] ?? FREE, page)}${line}`.trimEnd();
    });
  });
}

/** The diagram of an execution, with a legend for the bars that occur in it. `cpuNames[c]` is what CPU c plays. */
export function renderSpaceTime(
  steps: readonly TraceStep[],
  cpuNames: readonly string[],
  page: Page,
): string {
  if (steps.length === 0) return '  (no steps)';
  const lanes = lanesOf(steps, cpuNames);
  const rows = rowsOf(steps, lanes);
  const layout = chooseLayout(rows, lanes, page);
  const lines =
    layout === null ? listDiagram(rows, lanes, page) : columnDiagram(rows, lanes, layout, page);
  const states = rows.flatMap((row) => row.states);
  const legend: string[] = [];
  if (states.some((state) => state.irqsOff)) {
    legend.push(`${page.ink('yellow', IRQS_OFF)} interrupts off`);
  }
  if (states.some((state) => state.locks.length > 0)) {
    legend.push(`${page.ink('cyan', LOCKED)} holds a lock`);
  }
  return [...lines, ...(legend.length > 0 ? ['', `    ${legend.join('   ')}`] : [])].join('\n');
}
