/** The table of verdicts in a page; unsafe cells lead to their counterexamples. */

import type { CheckResult } from '../../trace/format.ts';
import {
  cellOf,
  columnsOf,
  contradicts,
  type Matrix,
  roundsLong,
  rowsOf,
} from '../matrix/matrix.ts';
import { familyTitle } from '../matrix/table.ts';
import type { ScenarioReport } from '../text.ts';
import { element, escapeHtml } from './escape.ts';

/** Where a result's counterexample stands in the page; undefined where it has none. */
export type AnchorOf = (result: CheckResult) => string | undefined;

function cell(family: ScenarioReport, result: CheckResult | undefined, anchorOf: AnchorOf): string {
  if (result === undefined) {
    return '<td class="dim"><span aria-hidden="true">–</span><span class="seen">not asked</span></td>';
  }
  const { verdict, property, expected } = result;
  const anchor = anchorOf(result);
  const words = property === null ? verdict : `${verdict} ${property}`;
  const link =
    anchor === undefined ? escapeHtml(words) : `<a href="#${anchor}">${escapeHtml(words)}</a>`;
  const rounds = roundsLong(result.ipiRounds);
  const lines = [
    ...(rounds === '' ? [] : [rounds]),
    ...(contradicts(family, result) ? [`expected: ${expected ?? 'nothing'}`] : []),
    ...(verdict === 'inconclusive' ? [result.message] : []),
  ].map((line) => element('small', '', line));
  const classes = contradicts(family, result) ? `${verdict} differs` : verdict;
  return `<td class="${classes}">${link}${lines.join('')}</td>`;
}

/** The table. */
export function renderVerdicts(matrix: Matrix, anchorOf: AnchorOf): string {
  const columns = columnsOf(matrix);
  const arches = [...new Set(columns.map(({ arch }) => arch))];
  const archHeads = arches.map((arch) => {
    const span = columns.filter((column) => column.arch === arch).length;
    return `<th scope="colgroup" colspan="${span}">${escapeHtml(arch)}</th>`;
  });
  const heads = columns.map(({ platform }) => `<th scope="col">${escapeHtml(platform)}</th>`);
  const groups = matrix.families.map((family) => {
    const title = familyTitle(family);
    const rows = rowsOf(family).map((variant) => {
      const cells = columns.map((column) =>
        cell(family, cellOf(family, variant, column), anchorOf),
      );
      return `<tr><th scope="row" class="row">${escapeHtml(variant)}</th>${cells.join('')}</tr>`;
    });
    const question = element('span', 'dim', family.question);
    return `<tbody>
<tr><th scope="rowgroup" colspan="${columns.length + 1}" class="family">${escapeHtml(title)}${question}</th></tr>
${rows.join('\n')}
</tbody>`;
  });
  return `<section class="scroll" aria-label="verdicts" tabindex="0">
<table class="verdicts" id="verdicts">
<caption>Rows are variants of the code, columns are where it runs. An unsafe cell leads to the execution that shows it.
IPI rounds: the most that an execution begins; PTL: page-table lock.</caption>
<thead>
<tr><th scope="col" rowspan="2">variant</th>${archHeads.join('')}</tr>
<tr>${heads.join('')}</tr>
</thead>
${groups.join('\n')}
</table>
</section>
`;
}
