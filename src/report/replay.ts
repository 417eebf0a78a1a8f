/** One execution that was replayed: the diagram, and what it showed. */

import type { CheckResult } from '../trace/format.ts';
import { describeCell } from './counterexample.ts';
import { count, type Page, paragraph } from './ink.ts';
import { renderSpaceTime } from './space-time.ts';

/** The whole output; ends with a newline. Requires: a counterexample, which here may be any execution. */
export function renderReplay(result: CheckResult, cpuNames: readonly string[], page: Page): string {
  const { steps } = result.counterexample!;
  const name = `${result.scenario}: `;
  const what = `${describeCell(result)}, replayed, ${count(steps.length, 'step')}`;
  const unsafe = result.verdict === 'unsafe';
  const label = unsafe ? `${result.property}: ` : 'no violation: ';
  const painted = page.ink(unsafe ? ['bold', 'red'] : 'yellow', label);
  const blocks = [
    paragraph(name, what, page, { painted: page.ink('bold', name) }),
    renderSpaceTime(steps, cpuNames, page),
    paragraph(label, result.message, page, { painted }),
  ];
  return `${blocks.join('\n\n')}\n`;
}
