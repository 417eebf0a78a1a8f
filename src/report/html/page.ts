/**
 * One page for a table of verdicts and all counterexamples behind it: a
 * whole HTML document with no script and nothing to load. A pure function of
 * the results.
 */

import type { CheckResult } from '../../trace/format.ts';
import { describeCell, replayCommand, shareCounterexamples } from '../counterexample.ts';
import { count, listWords } from '../ink.ts';
import {
  absentWords,
  contradicts,
  disagreement,
  eraWords,
  type Matrix,
  resultsOf,
} from '../matrix/matrix.ts';
import { familyTitle } from '../matrix/table.ts';
import { memoryWords } from '../memory-words.ts';
import type { ScenarioReport } from '../text.ts';
import { DIAGRAM_LEGEND, renderDiagram } from './diagram.ts';
import { element, escapeHtml } from './escape.ts';
import { STYLE } from './style.ts';
import { renderVerdicts } from './verdicts.ts';

/** Anchors of counterexamples, by result. */
type Anchors = Map<CheckResult, string>;

function article(
  family: ScenarioReport,
  shown: CheckResult,
  alike: readonly CheckResult[],
  anchor: string,
): string {
  const counterexample = shown.counterexample!;
  const title = `${familyTitle(family)}: ${describeCell(shown)}`;
  const { steps, shortest } = counterexample;
  const kind = `${count(steps.length, 'step')}, ${shortest ? 'none is shorter' : 'minimised'}`;
  const same =
    alike.length === 0
      ? ''
      : element('p', 'dim', `The same, step for step, in ${listWords(alike.map(describeCell))}.`);
  const command = replayCommand(shown, family.target, family.without);
  return `<article id="${anchor}" aria-labelledby="${anchor}-title">
<h3 id="${anchor}-title">${escapeHtml(title)}</h3>
<p><strong>unsafe ${escapeHtml(shown.property ?? '')}</strong> <span class="dim">${escapeHtml(kind)}</span> <a href="#verdicts" aria-label="back to the table">↑ table</a></p>
${same}
${renderDiagram(steps, family.cpuNames, `execution of ${title}`)}${DIAGRAM_LEGEND}<p class="wrong">${escapeHtml(shown.message)}</p>
<p class="dim">Show this execution again:</p>
<code class="command">${escapeHtml(command)}</code>
</article>
`;
}

function counterexamples(matrix: Matrix, anchors: Anchors): string {
  const articles = matrix.families.flatMap((family) =>
    shareCounterexamples(family.results).map(({ shown, alike }) => {
      const anchor = `x${new Set(anchors.values()).size + 1}`;
      for (const result of [shown, ...alike]) anchors.set(result, anchor);
      return article(family, shown, alike, anchor);
    }),
  );
  if (articles.length === 0) return '';
  return `<section aria-labelledby="executions">
<h2 id="executions">Executions that go wrong</h2>
${articles.join('')}</section>
`;
}

function disagreements(matrix: Matrix): string {
  const items = matrix.families.flatMap((family) =>
    family.results
      .filter((result) => contradicts(family, result))
      .map((result) => {
        const command = replayCommand(result, family.target, family.without);
        const words = escapeHtml(disagreement(family, result));
        return `<li>${words}<code class="command">${escapeHtml(command)}</code></li>`;
      }),
  );
  if (items.length === 0) return '';
  return `<section aria-labelledby="disagreements">
<h2 id="disagreements">Not as expected</h2>
<ul>
${items.join('\n')}
</ul>
</section>
`;
}

function summary({ families }: Matrix): string {
  const results = families.flatMap((family) => family.results);
  const verdicts = (['safe', 'unsafe', 'inconclusive'] as const)
    .map((verdict) => [results.filter((one) => one.verdict === verdict).length, verdict] as const)
    .filter(([n]) => n > 0)
    .map(([n, verdict]) => `${n} ${verdict}`);
  const wrong = families.flatMap((family) =>
    family.results.filter((result) => contradicts(family, result)),
  ).length;
  const agreed = wrong === 0 ? 'none against its expectation' : `${wrong} not as expected`;
  return `${count(results.length, 'cell')}: ${verdicts.join(', ')}; ${agreed}.`;
}

function basis(results: readonly CheckResult[]): string {
  const kernels = [...new Set(results.map(({ kernel }) => kernel))];
  const names = kernels.map((name) => (name === 'builtin' ? 'the built-in kernel' : name));
  return `${listWords(names)}; ${eraWords(results)}; ${memoryWords(results)}. Each verdict holds within a scope: shootdown check prints it.`;
}

function absence(matrix: Matrix): string {
  const absent = absentWords(matrix);
  return absent === '' ? '' : ` No such code in ${eraWords(resultsOf(matrix))}: ${absent}.`;
}

/** The whole document; ends with a newline. */
export function renderMatrixPage(matrix: Matrix): string {
  const results = resultsOf(matrix);
  const anchors: Anchors = new Map();
  const executions = counterexamples(matrix, anchors);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(matrix.name)}: Shootdown</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(matrix.name)}</h1>
<p>${escapeHtml(matrix.question)}</p>
${matrix.source === '' ? '' : element('p', 'dim', matrix.source)}
</header>
<main>
<section aria-labelledby="table">
<h2 id="table">Verdicts</h2>
<p>${escapeHtml(summary(matrix))} <span class="dim">${escapeHtml(basis(results))}${escapeHtml(absence(matrix))}</span></p>
${renderVerdicts(matrix, (result) => anchors.get(result))}</section>
${disagreements(matrix)}${executions}</main>
</body>
</html>
`;
}
