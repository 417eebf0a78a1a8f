/**
 * A counterexample as a table: time runs down, one column per CPU, the
 * source at the right. Three bars beside each column show interrupts off,
 * a lock held, and an interrupt that is pending; a line runs from who sends
 * an interrupt to who gets it. Bars are for the eye: the same is said in
 * words that only screen readers meet.
 */

import type { TraceStep } from '../../trace/format.ts';
import { fileLine, type Lane, lanesOf, type Row, rowsOf } from '../lanes.ts';
import { element, escapeHtml } from './escape.ts';

/** What is drawn in one CPU's column of one row. */
interface Cell {
  readonly classes: readonly string[];
  /** HTML. */
  readonly content: string;
}

/** Per row and lane: whether an interrupt is on its way to that CPU after the row. */
function pendingAfter(rows: readonly Row[], lanes: readonly Lane[]): boolean[][] {
  let pending = lanes.map(() => false);
  return rows.map(({ step, lane }) => {
    pending = pending.map((was, at) => {
      if (step.sends?.includes(lanes[at].cpu)) return true;
      return was && !(at === lane && step.takes !== undefined);
    });
    return pending;
  });
}

/** For the ear: what the bars show after a step, where it changed. */
function stateWords(row: Row, before: Row | undefined): string {
  const now = row.states[row.lane];
  const then = before?.states[row.lane];
  const parts: string[] = [];
  if (now.irqsOff !== (then?.irqsOff ?? false)) {
    parts.push(now.irqsOff ? 'interrupts are off' : 'interrupts are on');
  }
  if (now.locks.join() !== (then?.locks.join() ?? '')) {
    parts.push(now.locks.length === 0 ? 'holds no lock' : `holds ${now.locks.join(', ')}`);
  }
  return parts.length === 0 ? '' : ` ${element('span', 'seen', `(${parts.join('; ')})`)}`;
}

/** The lanes that a step sends to, as indices. */
function targetsOf({ step }: Row, lanes: readonly Lane[]): number[] {
  return (step.sends ?? []).map((cpu) => lanes.findIndex((one) => one.cpu === cpu));
}

function cellOf(row: Row, at: number, before: Row | undefined, lanes: readonly Lane[]): Cell {
  const { lane, event } = row;
  const targets = targetsOf(row, lanes);
  if (at === lane) {
    const right = targets.some((target) => target > at) ? ['sends-right'] : [];
    const left = targets.some((target) => target < at) ? ['sends-left'] : [];
    return {
      classes: ['step', ...right, ...left],
      content: escapeHtml(event) + stateWords(row, before),
    };
  }
  if (targets.includes(at)) {
    const arrow = lane < at ? '▶' : '◀';
    return { classes: [], content: element('span', 'wire', `${arrow} IPI pending`) };
  }
  const crossed = targets.some(
    (target) => (at > lane && at < target) || (at < lane && at > target),
  );
  return { classes: crossed ? ['passes'] : [], content: '' };
}

function source({ step, sameFunction }: Row): string {
  const line = fileLine(step, 'whole');
  if (line === '') return '';
  const name = sameFunction || step.function === '' ? '' : ` ${escapeHtml(step.function)}`;
  return `<code>${escapeHtml(line)}</code>${name}`;
}

function rowHtml(
  row: Row,
  before: Row | undefined,
  pending: readonly boolean[],
  lanes: readonly Lane[],
  isLast: boolean,
): string {
  const head = `<th scope="row">${row.number}</th>`;
  const tail = `<td class="source">${source(row)}</td>`;
  if (row.lane < 0) {
    const text = escapeHtml(row.event);
    return `<tr>${head}<td class="across step" colspan="${lanes.length}">${text}</td>${tail}</tr>`;
  }
  const cells = lanes.map((_, at) => {
    const { classes, content } = cellOf(row, at, before, lanes);
    const { irqsOff, locks } = row.states[at];
    const bars = [
      'lane',
      ...(irqsOff ? ['irq'] : []),
      ...(locks.length > 0 ? ['lock'] : []),
      ...(pending[at] ? ['ipi'] : []),
      ...(isLast && at === row.lane ? ['last'] : []),
    ];
    return `<td class="${[...bars, ...classes].join(' ')}">${content}</td>`;
  });
  return `<tr>${head}${cells.join('')}${tail}</tr>`;
}

/** The diagram of an execution; `label` says of which. `cpuNames[c]` is what CPU c plays. */
export function renderDiagram(
  steps: readonly TraceStep[],
  cpuNames: readonly string[],
  label: string,
): string {
  const lanes = lanesOf(steps, cpuNames);
  const rows = rowsOf(steps, lanes);
  const pending = pendingAfter(rows, lanes);
  const heads = lanes.map(({ title }) => `<th scope="col">${escapeHtml(title)}</th>`);
  const body = rows.map((row, i) =>
    rowHtml(row, rows[i - 1], pending[i], lanes, i === rows.length - 1),
  );
  return `<section class="scroll" aria-label="${escapeHtml(label)}" tabindex="0">
<table class="diagram">
<thead><tr><th scope="col">step</th>${heads.join('')}<th scope="col">source</th></tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
</section>
`;
}

/** What the bars mean. */
export const DIAGRAM_LEGEND = `<ul class="legend">
<li><span class="lane irq"></span>interrupts off</li>
<li><span class="lane lock"></span>holds a lock</li>
<li><span class="lane ipi"></span>an IPI is pending</li>
<li>time runs down; a row is one step that other CPUs can see</li>
</ul>
`;
