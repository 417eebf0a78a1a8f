/**
 * What the verdicts rest on, in a few lines: functions of the kernel that
 * ran, functions that the machine stands in for, stubs, and the scope
 * within which `safe` was proved. Where configurations differ, each value
 * names the configurations it holds for.
 */

import type { CheckResult } from '../trace/format.ts';
import { listWords, type Page, paragraph } from './ink.ts';
import { memoryWords } from './memory-words.ts';

const INDENT = 16;

function entry(label: string, text: string, page: Page): string {
  return paragraph(`  ${label}`.padEnd(INDENT), text, page, { indent: INDENT });
}

/** Lines that the functions that ran may take: there can be hundreds, and `--json` has them all. */
const MAX_CODE_LINES = 3;

/** As many of the names as fit, then how many there are besides. */
function someOf(names: readonly string[], page: Page): string {
  const room = (page.width - INDENT) * MAX_CODE_LINES;
  const tail = (left: number): string => `, and ${left} more (--json lists all)`;
  let text = names.join(', ');
  for (let shown = names.length; text.length > room && shown > 1; ) {
    shown--;
    text = names.slice(0, shown).join(', ') + tail(names.length - shown);
  }
  return text;
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}

function scopeWords(value: string | number | boolean | readonly string[]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** The fewest words that tell these results from the others: platforms, or architectures, or both. */
function among(members: readonly CheckResult[], all: readonly CheckResult[]): string {
  const names = (of: (result: CheckResult) => string): string | null => {
    const inside = new Set(members.map(of));
    return all.some((result) => inside.has(of(result)) && !members.includes(result))
      ? null
      : listWords([...inside]);
  };
  return (
    names((result) => result.platform) ??
    names((result) => result.arch) ??
    names((result) => `${result.arch} ${result.platform}`) ??
    names((result) => `${result.variant} ${result.arch} ${result.platform}`) ??
    listWords(members.map((result) => `${result.variant} ${result.arch} ${result.platform}`))
  );
}

/** One entry of the scope over all results: `preemptions: 1 (kvm) or 0 (native and hyperv)`. */
function scopeEntry(key: string, results: readonly CheckResult[]): string {
  const byValue = new Map<string, CheckResult[]>();
  for (const result of results) {
    const value = result.assumptions.bounds.scope[key];
    const words = value === undefined ? 'none' : scopeWords(value);
    const members = byValue.get(words);
    if (members === undefined) byValue.set(words, [result]);
    else members.push(result);
  }
  const parts = [...byValue].map(([words, members]) =>
    byValue.size === 1 ? words : `${words} (${among(members, results)})`,
  );
  return `${keyWords(key)}: ${parts.join(' or ')}`;
}

/** `preemptModel` is a key for programs; people read `preempt model`. */
function keyWords(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** The block about what the verdicts rest on. */
export function renderRestsOn(results: readonly CheckResult[], page: Page): string {
  const assumptions = results.map((result) => result.assumptions);
  const kernels = [...new Set(results.map((result) => result.kernel))];
  const from = kernels.map((name) => (name === 'builtin' ? 'the built-in kernel' : name));
  const lines = [page.ink('bold', `What these verdicts rest on (${listWords(from)})`)];
  const code = union(assumptions.map((one) => one.fromTree));
  const some = code.length === 0 ? 'none' : someOf(code, page);
  lines.push(entry('kernel code', some, page));
  const lists = [
    ['intrinsics', union(assumptions.map((one) => one.intrinsics))],
    ['stubs', union(assumptions.map((one) => one.stubs))],
  ] as const;
  for (const [name, words] of lists) {
    lines.push(entry(name, words.length === 0 ? 'none' : words.join(', '), page));
  }
  const keys = [...new Set(assumptions.flatMap((one) => Object.keys(one.bounds.scope)))];
  const scope = keys.map((key) => scopeEntry(key, results));
  lines.push(entry('scope', scope.join('; '), page));
  lines.push(entry('memory model', memoryWords(results), page));
  const cuts = union(assumptions.map((one) => one.bounds.cuts));
  if (cuts.length > 0) lines.push(entry('cut short', cuts.join('; '), page));
  return lines.join('\n');
}
