/**
 * One counterexample for the terminal: which configurations it belongs to,
 * the space-time diagram, what went wrong in words, and the command that
 * replays it. Configurations whose counterexamples are alike step for step
 * share one.
 */

import { type Arch, defaultEra, memoryModelsOf } from '../scenario/targets.ts';
import type { CheckResult, TraceStep } from '../trace/format.ts';
import { count, listWords, type Page, paragraph } from './ink.ts';
import { renderSpaceTime } from './space-time.ts';
import { configWords } from './verdict-table.ts';

/** Results that show the same thing: the first is printed, the others are named. */
export interface SharedCounterexample {
  readonly shown: CheckResult;
  readonly alike: readonly CheckResult[];
}

function sameStory(result: CheckResult): string {
  const steps = result.counterexample?.steps ?? [];
  const story = steps.map((step: TraceStep) => [
    step.cpu,
    step.function,
    step.file,
    step.line,
    step.event,
  ]);
  return JSON.stringify([result.property, result.message, story]);
}

/** The unsafe results, those that tell the same story together, in the order of their first. */
export function shareCounterexamples(results: readonly CheckResult[]): SharedCounterexample[] {
  const byStory = new Map<string, CheckResult[]>();
  for (const result of results) {
    if (result.counterexample === null) continue;
    const story = sameStory(result);
    const known = byStory.get(story);
    if (known === undefined) byStory.set(story, [result]);
    else known.push(result);
  }
  return [...byStory.values()].map(([shown, ...alike]) => ({ shown, alike }));
}

/** `sync-after-unlock on i386-pae hyperv`. */
export function describeCell(result: CheckResult): string {
  const off = Object.fromEntries(Object.entries(result.config).filter(([, value]) => !value));
  const symbols = configWords(off);
  return `${result.variant} on ${result.arch} ${result.platform}${symbols === '' ? '' : ` ${symbols}`}`;
}

/** A word as a shell takes it. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_./=:,+@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command that checks this configuration again, and shows its execution where it has one. `target` is what `check` was given: a scenario or a file. */
export function replayCommand(result: CheckResult, target: string, without: string | null): string {
  const words = ['shootdown', 'check', target, '--variant', result.variant];
  if (result.kernel === 'builtin') {
    words.push('--arch', result.arch, '--platform', result.platform);
    for (const [name, value] of Object.entries(result.config)) {
      if (!value) words.push('--config', `${name}=n`);
    }
    if (result.era !== defaultEra(result.platform)) {
      words.push('--era', result.era);
    }
  } else {
    words.push('--kernel', result.kernel, '--platform', result.platform);
  }
  const [usual] = memoryModelsOf(result.arch as Arch);
  if (result.memory !== usual) words.push('--memory', result.memory);
  if (without !== null) words.push('--without', without);
  if (result.counterexample !== null) words.push('--replay', result.counterexample.schedule);
  return words.map(shellWord).join(' ');
}

/** What the report is about, beside the results. */
export interface CounterexampleContext {
  readonly target: string;
  readonly cpuNames: readonly string[];
  readonly without: string | null;
}

/** The whole block of one counterexample. */
export function renderCounterexample(
  shared: SharedCounterexample,
  context: CounterexampleContext,
  page: Page,
): string {
  const { shown, alike } = shared;
  const counterexample = shown.counterexample!;
  const title = `${describeCell(shown)}: ${shown.verdict}, ${shown.property ?? ''}`;
  const length = count(counterexample.steps.length, 'step');
  const kind = counterexample.shortest ? 'none is shorter' : 'minimised';
  const lines = [
    paragraph(`${title}  `, `${length}, ${kind}`, page, {
      painted: `${page.ink(['bold', 'red'], title)}  `,
    }),
  ];
  if (alike.length > 0) {
    lines.push(paragraph('the same, step for step, in ', listWords(alike.map(describeCell)), page));
  }
  lines.push('', renderSpaceTime(counterexample.steps, context.cpuNames, page), '');
  const label = 'What went wrong: ';
  lines.push(paragraph(label, shown.message, page, { painted: page.ink('bold', label) }));
  lines.push(`Replay: ${replayCommand(shown, context.target, context.without)}`);
  return lines.join('\n');
}
