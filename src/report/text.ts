/**
 * The report of `check` for people: the question, the table of verdicts,
 * what differs from the expectation, each distinct counterexample, and what
 * the verdicts rest on. A pure function of results and page.
 */

import type { CheckResult } from '../trace/format.ts';
import {
  type CounterexampleContext,
  describeCell,
  renderCounterexample,
  shareCounterexamples,
} from './counterexample.ts';
import { describeEffort } from './effort.ts';
import { count, listWords, type Page, paragraph } from './ink.ts';
import { renderRestsOn } from './rests-on.ts';
import { renderSearch } from './search.ts';
import { differs, renderVerdictTables } from './verdict-table.ts';

/** All that is known of one scenario after a check. */
export interface ScenarioReport extends CounterexampleContext {
  readonly scenario: string;
  readonly question: string;
  /** Not empty; in the order of the configurations. */
  readonly results: readonly CheckResult[];
}

function differences(results: readonly CheckResult[], page: Page): string[] {
  return results.filter(differs).map((result) => {
    const found =
      result.property === null ? result.verdict : `${result.verdict} ${result.property}`;
    const words = `${describeCell(result)}: ${found}, but the scenario expects ${result.expected}`;
    return paragraph('! ', words, page, { painted: page.ink(['bold', 'red'], '! ') });
  });
}

function undecided(results: readonly CheckResult[], page: Page): string[] {
  const byReason = new Map<string, CheckResult[]>();
  for (const result of results) {
    if (result.verdict !== 'inconclusive') continue;
    const members = byReason.get(result.message);
    if (members === undefined) byReason.set(result.message, [result]);
    else members.push(result);
  }
  return [...byReason].map(([reason, members]) => {
    const words = `${listWords(members.map(describeCell))}: ${reason}`;
    return paragraph('inconclusive: ', words, page, {
      painted: page.ink('yellow', 'inconclusive: '),
    });
  });
}

function summary(results: readonly CheckResult[]): string {
  const verdicts = (['safe', 'unsafe', 'inconclusive'] as const)
    .map((verdict) => [results.filter((one) => one.verdict === verdict).length, verdict] as const)
    .filter(([n]) => n > 0)
    .map(([n, verdict]) => `${n} ${verdict}`);
  const judged = results.filter((one) => one.expected !== null && one.verdict !== 'inconclusive');
  const wrong = judged.filter(differs).length;
  const undecided = results.some((one) => one.verdict === 'inconclusive');
  const expected =
    judged.length === 0
      ? ''
      : wrong === 0
        ? `, ${undecided ? 'what was decided ' : ''}as expected`
        : `, ${count(wrong, 'verdict')} not as expected`;
  return `${count(results.length, 'configuration')}: ${verdicts.join(', ')}${expected} (${describeEffort(results)})`;
}

/** The whole report; ends with a newline. */
export function renderReport(report: ScenarioReport, page: Page): string {
  const { results } = report;
  const name = `${report.scenario}: `;
  const blocks = [
    paragraph(name, report.question, page, { painted: page.ink('bold', name) }),
    renderVerdictTables(results, page),
  ];
  const notes = [...differences(results, page), ...undecided(results, page)];
  if (notes.length > 0) blocks.push(notes.join('\n'));
  for (const shared of shareCounterexamples(results)) {
    blocks.push(renderCounterexample(shared, report, page));
  }
  const search = renderSearch(results, page);
  blocks.push(renderRestsOn(results, page), ...(search === null ? [] : [search]));
  blocks.push(paragraph('', summary(results), page));
  return `${blocks.join('\n\n')}\n`;
}
