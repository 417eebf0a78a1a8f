/** The table of a suite as Markdown, for mails' archives, wikis and commit messages of other projects. */

import type { CheckResult } from '../../trace/format.ts';
import {
  absentWords,
  cellOf,
  columnsOf,
  disagreement,
  disagrees,
  eraWords,
  type Matrix,
  resultsOf,
  roundsLong,
  rowsOf,
} from './matrix.ts';
import { familyTitle } from './table.ts';
import { commandOf } from './text.ts';

/** Text that means itself in a cell of a table. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, (mark) => `\\${mark}`);
}

function cell(result: CheckResult | undefined): string {
  if (result === undefined) return '–';
  const mark = disagrees(result) ? ' ❗' : '';
  const verdict =
    result.verdict === 'unsafe' ? `**unsafe** ${result.property ?? ''}` : result.verdict;
  const rounds = roundsLong(result.ipiRounds);
  return `${verdict}${mark}${rounds === '' ? '' : `<br>${rounds}`}`;
}

/** The whole page; ends with a newline. */
export function renderMarkdown(matrix: Matrix): string {
  const columns = columnsOf(matrix);
  const results = resultsOf(matrix);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    `## ${plain(matrix.name)}`,
    '',
    plain(matrix.question),
    '',
    row(['scenario', 'variant', ...columns.map(({ arch, platform }) => `${arch}<br>${platform}`)]),
    row([...Array(columns.length + 2)].map(() => '---')),
  ];
  for (const family of matrix.families) {
    rowsOf(family).forEach((variant, index) => {
      const title = index === 0 ? plain(familyTitle(family)) : '';
      const cells = columns.map((column) => cell(cellOf(family, variant, column)));
      lines.push(row([title, plain(variant), ...cells]));
    });
  }
  lines.push(
    '',
    `IPI rounds: the most that an execution begins; PTL: page-table lock. ${eraWords(results)}.`,
  );
  const absent = absentWords(matrix);
  if (absent !== '') lines.push('', `No such code in ${eraWords(results)}: ${plain(absent)}.`);
  const wrong = matrix.families.flatMap((family) =>
    family.results
      .filter(disagrees)
      .map(
        (result) => `- ${plain(disagreement(family, result))}: \`${commandOf(family, result)}\``,
      ),
  );
  if (wrong.length > 0) lines.push('', 'Not as expected:', '', ...wrong);
  return `${lines.join('\n')}\n`;
}
