/**
 * How the verdicts were come by: which search, what it visited and what it
 * was spared, and where the time went; over all configurations together.
 */

import type { CheckResult, SearchReport } from '../trace/format.ts';
import { count, listWords, type Page, paragraph } from './ink.ts';

const INDENT = 16;

function entry(label: string, text: string, page: Page): string {
  return paragraph(`  ${label}`.padEnd(INDENT), text, page, { indent: INDENT });
}

function sum(all: readonly SearchReport[], of: (one: SearchReport) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function kindWords({ kind, order, why }: SearchReport): string {
  return `${kind}${order === null ? '' : `, ${order} first`} (${why})`;
}

/** What was visited, by searches of one kind. */
function visited(all: readonly SearchReport[]): string {
  const deepest = Math.max(...all.map((one) => one.deepest));
  const steps = count(
    sum(all, (one) => one.transitions),
    'step',
  );
  const looks = sum(all, (one) => one.looks);
  const depth = `the deepest execution has ${count(deepest, 'step')}`;
  if (all[0].kind === 'graph') {
    const states = count(
      sum(all, (one) => one.states),
      'state',
    );
    const orbits = all[0].symmetric ? ' up to symmetry' : '';
    const bytes = Math.max(...all.map((one) => one.bytesPerState ?? 0));
    return `${states}${orbits}, of at most ${count(bytes, 'byte')} each, ${steps}; ${depth}`;
  }
  const executions = count(
    sum(all, (one) => one.executions),
    'execution',
  );
  const asleep = sum(all, (one) => one.asleep);
  const bytes = Math.max(...all.map((one) => one.bytesPerStep ?? 0));
  const kept = bytes === 0 ? '' : `, at most ${count(bytes, 'byte')} kept for each`;
  return `${executions}, one per trace, ${asleep === 0 ? 'none' : asleep} given up half-way, ${steps}${looks === 0 ? '' : ` and ${count(looks, 'look')} ahead`}; ${depth}${kept}`;
}

/** What the reductions saved. */
function spared(all: readonly SearchReport[]): string {
  const visible = sum(all, (one) => one.instructions.visible);
  const merged = sum(all, (one) => one.instructions.merged);
  const parts = [
    `${count(merged, 'private instruction')} merged into ${count(visible, 'visible one')}`,
  ];
  const restarts = sum(all, (one) => one.restarts);
  if (restarts > 0) {
    const places = count(
      sum(all, (one) => one.madeVisible),
      'place',
    );
    parts.push(`${places} found to be shared after all, ${count(restarts, 'new start')} for that`);
  }
  if (all.some((one) => !one.commutingAdds)) parts.push('atomic adds do not commute');
  return parts.join('; ');
}

function time(all: readonly SearchReport[]): string {
  return (['compiling', 'exploring', 'shortening'] as const)
    .map((what) => [what, sum(all, (one) => one.seconds[what])] as const)
    .filter(([what, seconds]) => what === 'exploring' || seconds >= 0.05)
    .map(([what, seconds]) => `${what} ${seconds.toFixed(1)} s`)
    .join(', ');
}

/** The block about the searches; null where nothing was searched. */
export function renderSearch(results: readonly CheckResult[], page: Page): string | null {
  const all = results.flatMap(({ search }) => (search === null ? [] : [search]));
  if (all.length === 0) return null;
  const byKind = new Map<string, SearchReport[]>();
  for (const one of all) {
    const name = kindWords(one);
    const members = byKind.get(name);
    if (members === undefined) byKind.set(name, [one]);
    else members.push(one);
  }
  const lines = [page.ink('bold', 'How they were come by')];
  lines.push(entry('search', listWords([...byKind.keys()]), page));
  for (const members of byKind.values()) lines.push(entry('visited', visited(members), page));
  lines.push(entry('spared', spared(all), page), entry('time', time(all), page));
  return lines.join('\n');
}
