/**
 * Reads a suite: scenarios to be shown in one table, a line each, in the
 * order of the table. A line names a scenario, then the variants that are
 * wanted (all where it names none; a word may be a pattern), then symbols of
 * the kernel's configuration. Parsing is pure and reports everything that is
 * wrong at once; whether a scenario has what is named is asked where
 * scenarios are known.
 */

import type { Problem } from './input-error.ts';
import { suggestion } from './suggest.ts';

/** One line: a scenario, and what of it. */
export interface SuiteLine {
  /** 1-based. */
  readonly line: number;
  /** A scenario's name, or the path of a .c file from the suite's folder. */
  readonly scenario: string;
  /** Names and patterns, in the order of the rows. Empty: every variant. */
  readonly variants: readonly string[];
  /** `NAME=y` or `NAME=n`. */
  readonly config: readonly string[];
}

export interface Suite {
  readonly question: string;
  readonly source: string;
  /** Not empty. */
  readonly lines: readonly SuiteLine[];
}

/** The suite, or null with the reasons. Ensures: `suite === null` exactly when there are problems. */
export interface SuiteParse {
  readonly suite: Suite | null;
  readonly problems: readonly Problem[];
}

const KEYS = ['question', 'source'] as const;
type Key = (typeof KEYS)[number];
const FORM = 'SCENARIO [VARIANT|PATTERN ...] [NAME=y|n ...]';
const SYMBOL = /^[A-Z0-9_]+=[yn]$/;

/** Parses `text`, which was read from `file`. `#` begins a comment. */
export function parseSuite(file: string, text: string): SuiteParse {
  const problems: Problem[] = [];
  const values: Partial<Record<Key, string>> = {};
  const lines: SuiteLine[] = [];
  const problem = (line: number, message: string, hint: string | null = null): void => {
    problems.push({ file, line, message, hint });
  };
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = index + 1;
    const content = raw.replace(/(?:^|\s)#.*$/, '').trim();
    if (content === '') return;
    const tag = /^@(\S*)\s*(.*)$/.exec(content);
    if (tag === null) {
      const parsed = parseLine(line, content);
      if (typeof parsed === 'string') problem(line, parsed, `expected '${FORM}'`);
      else lines.push(parsed);
      return;
    }
    const key = KEYS.find((name) => name === tag[1]);
    if (key === undefined) {
      problem(line, `unknown key '@${tag[1]}'`, suggestion(tag[1], KEYS, 'keys'));
    } else if (tag[2] === '') {
      problem(line, `@${key} has no value`);
    } else {
      // A second line of a key goes on where the first ended.
      values[key] = values[key] === undefined ? tag[2] : `${values[key]} ${tag[2]}`;
    }
  });
  if (values.question === undefined) {
    problem(1, 'the suite has no @question', "say what it asks: '@question in words'");
  }
  if (lines.length === 0 && problems.length === 0) {
    problem(1, 'the suite names no scenario', `expected '${FORM}', a line each`);
  }
  problems.sort((a, b) => a.line - b.line);
  const suite = { question: values.question ?? '', source: values.source ?? '', lines };
  return { suite: problems.length === 0 ? suite : null, problems };
}

function parseLine(line: number, content: string): SuiteLine | string {
  const [scenario, ...words] = content.split(/\s+/);
  const config = words.filter((word) => word.includes('='));
  const wrong = config.find((word) => !SYMBOL.test(word));
  if (wrong !== undefined) return `'${wrong}' is not NAME=y or NAME=n`;
  if (scenario.includes('=')) return `a line begins with a scenario, not with '${scenario}'`;
  const variants = words.filter((word) => !word.includes('='));
  return { line, scenario, variants, config };
}
