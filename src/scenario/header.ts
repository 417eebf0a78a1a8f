/**
 * Reads the header of a scenario: a block comment, the first thing in the
 * file after the SPDX line, of `@key value` lines. A value continues on
 * indented lines. The header carries the question, where it comes from, who
 * runs on each CPU, the variants, the configurations, and the verdict that
 * its author expects of each. Parsing is pure and reports everything that
 * is wrong at once.
 */

import { type Expectation, parseExpectation } from './expectation.ts';
import type { Problem } from './input-error.ts';
import { suggestion } from './suggest.ts';
import {
  ARCHES,
  type Arch,
  CONFIG_SYMBOLS,
  type ConfigSymbol,
  ERAS,
  type Era,
  PLATFORMS,
  type Platform,
} from './targets.ts';
import { cName, MAX_VARIANTS, meansVariant, VARIANT_NAME } from './variant-name.ts';

/** Who runs on a CPU. The CPU's number is its place in the list. */
export interface CpuRole {
  readonly name: string;
  readonly description: string;
}

/** One of the codes that the question compares. Its number is its place in the list. */
export interface Variant {
  readonly name: string;
  readonly description: string;
}

export interface ScenarioHeader {
  readonly question: string;
  readonly source: string;
  readonly cpus: readonly CpuRole[];
  readonly variants: readonly Variant[];
  readonly arches: readonly Arch[];
  readonly platforms: readonly Platform[];
  /** How often a vCPU may be preempted, by platform; a platform that is absent allows none. */
  readonly preemptions: Readonly<Partial<Record<Platform, number>>>;
  /** How many CPUs, from 0 on, a variant runs; a variant that is absent runs them all. */
  readonly online: Readonly<Record<string, number>>;
  /** How many NMIs may strike each CPU for which the scenario defines a handler. */
  readonly nmis: number;
  /** Symbols that can change a verdict; all are `y` unless asked otherwise. */
  readonly config: readonly ConfigSymbol[];
  /** Variants whose code only the built-in kernel has: with a build folder they do not exist. */
  readonly builtin: readonly string[];
  /** The eras of the built-in kernel that have a variant's code, oldest first; a variant that is absent is in all. */
  readonly eras: Readonly<Record<string, readonly Era[]>>;
  /** The first that matches a configuration counts. */
  readonly expectations: readonly Expectation[];
}

/** The header, or null with the reasons. Ensures: `header === null` exactly when there are problems. */
export interface HeaderParse {
  readonly header: ScenarioHeader | null;
  readonly problems: readonly Problem[];
}

/** The keys, with the form of each as shown in messages. */
const FORMS = {
  question: '@question what is asked, in words',
  source: '@source where the question comes from',
  cpu: '@cpu 0 name: what it does',
  variant: '@variant name: what it is',
  arch: `@arch ${ARCHES.join(' ')}`,
  platform: `@platform ${PLATFORMS.join(' ')}`,
  preemptions: '@preemptions kvm 1',
  online: '@online variant 3',
  nmis: '@nmis 1',
  config: `@config ${CONFIG_SYMBOLS.join(' ')}`,
  builtin: '@builtin variant|* ...',
  era: `@era variant|* ... ${ERAS.join(' ')}`,
  expect: '@expect variant|* arch|* platform|* [NAME=y|n ...] [MEMORY=sc|tso] safe|unsafe PROPERTY',
} as const;
type Key = keyof typeof FORMS;

/** Keys that may stand once only. */
const SINGLE: readonly Key[] = ['question', 'source', 'arch', 'platform', 'config', 'nmis'];
const REQUIRED: readonly Key[] = ['question', 'source', 'cpu', 'variant', 'arch', 'platform'];

/** `@key value` as written, its continuation lines joined by single spaces. */
interface Entry {
  readonly key: Key;
  value: string;
  readonly line: number;
}

/** The text of each line of the header comment with its line number, comment marks removed. */
function commentLines(text: string): { readonly line: number; readonly text: string }[] | null {
  const start = /^(?:\uFEFF)?(?:\s|\/\/[^\n]*\n|\/\*\s*SPDX-[^\n]*?\*\/)*\/\*/.exec(text);
  if (start === null) return null;
  const end = text.indexOf('*/', start[0].length);
  if (end < 0) return null;
  const first = start[0].split('\n').length;
  const body = text.slice(start[0].length, end).split(/\r?\n/);
  return body.map((line, i) => ({
    line: first + i,
    text: i === 0 ? line.replace(/^\*? ?/, '') : line.replace(/^\s*\* ?/, ''),
  }));
}

class HeaderReader {
  readonly problems: Problem[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  problem(line: number, message: string, hint: string | null = null): void {
    this.problems.push({ file: this.#file, line, message, hint });
  }

  /** Splits the comment into entries. Prose that belongs to no key is an error: a lost `@` must not go unseen. */
  entries(lines: readonly { readonly line: number; readonly text: string }[]): Entry[] {
    const entries: Entry[] = [];
    let open: Entry | null = null;
    for (const { line, text } of lines) {
      const content = text.trim();
      const tag = /^@(\S+)\s*(.*)$/.exec(content);
      if (tag !== null) {
        open = null;
        if (!(tag[1] in FORMS)) {
          const known = Object.keys(FORMS).map((key) => `@${key}`);
          this.problem(line, `unknown key '@${tag[1]}'`, suggestion(`@${tag[1]}`, known, 'keys'));
          // Its continuation lines belong to nothing; one complaint is enough.
          open = { key: 'question', value: '', line };
          continue;
        }
        open = { key: tag[1] as Key, value: tag[2], line };
        entries.push(open);
      } else if (content === '') {
        open = null;
      } else if (open !== null && /^\s/.test(text)) {
        open.value = open.value === '' ? content : `${open.value} ${content}`;
      } else {
        this.problem(
          line,
          `expected '@key value' or an indented continuation of one, found '${content}'`,
          'prose belongs in a comment of its own below the header',
        );
      }
    }
    for (const entry of entries) {
      if (entry.value === '') this.problem(entry.line, `expected '${FORMS[entry.key]}'`);
    }
    return entries.filter((entry) => entry.value !== '');
  }

  /** `name: description`; null after a problem. */
  named(entry: Entry, text: string): { name: string; description: string } | null {
    const match = /^(\S+?):\s*(.+)$/.exec(text);
    if (match === null) {
      this.problem(
        entry.line,
        `expected '${FORMS[entry.key]}', found '@${entry.key} ${entry.value}'`,
      );
      return null;
    }
    if (entry.key === 'variant' && !VARIANT_NAME.test(match[1])) {
      this.problem(
        entry.line,
        `'${match[1]}' is not a name: lower-case letters and digits, in words joined by '-', additions behind '+'`,
      );
      return null;
    }
    return { name: match[1], description: match[2] };
  }

  cpus(entries: readonly Entry[]): CpuRole[] {
    const roles: CpuRole[] = [];
    for (const entry of entries) {
      const match = /^(\d+)\s+(.*)$/.exec(entry.value);
      if (match === null) {
        this.problem(entry.line, `expected '${FORMS.cpu}', found '@cpu ${entry.value}'`);
        continue;
      }
      if (Number(match[1]) !== roles.length) {
        this.problem(entry.line, `expected CPU ${roles.length} here, found CPU ${match[1]}`);
      }
      roles.push(this.named(entry, match[2]) ?? { name: '', description: '' });
    }
    return roles;
  }

  variants(entries: readonly Entry[]): Variant[] {
    const variants: Variant[] = [];
    for (const entry of entries) {
      const variant = this.named(entry, entry.value);
      if (variant === null) continue;
      if (variants.some((other) => other.name === variant.name)) {
        this.problem(entry.line, `variant '${variant.name}' stands here twice`);
        continue;
      }
      const alike = variants.find((other) => cName(other.name) === cName(variant.name));
      if (alike !== undefined) {
        const both = `V_${cName(variant.name)}`;
        this.problem(entry.line, `'${variant.name}' and '${alike.name}' are both ${both} in C`);
        continue;
      }
      if (variants.length === MAX_VARIANTS) {
        this.problem(entry.line, `more than ${MAX_VARIANTS} variants`);
        break;
      }
      variants.push(variant);
    }
    return variants;
  }

  /** Words of a list, each one of `known`. */
  words<T extends string>(entry: Entry | undefined, known: readonly T[]): T[] {
    const words: T[] = [];
    for (const word of entry === undefined ? [] : entry.value.split(/[\s,]+/)) {
      const found = known.find((name) => name === word);
      if (found === undefined) {
        const hint = suggestion(word, known, `@${entry!.key} knows`);
        this.problem(entry!.line, `unknown ${entry!.key} '${word}'`, hint);
      } else if (!words.includes(found)) {
        words.push(found);
      }
    }
    return words;
  }

  /** The variants that the words mean; a word may be a pattern. */
  #meant(entry: Entry, words: readonly string[], variants: readonly string[]): string[] {
    return words.flatMap((word) => {
      const meant = variants.filter((variant) => meansVariant(word, variant));
      if (meant.length === 0) {
        const hint = suggestion(word, variants, 'its variants');
        this.problem(entry.line, `unknown variant '${word}'`, hint);
      }
      return meant;
    });
  }

  builtin(entries: readonly Entry[], variants: readonly string[]): string[] {
    const all = entries.flatMap((entry) => this.#meant(entry, entry.value.split(/\s+/), variants));
    return [...new Set(all)];
  }

  eras(entries: readonly Entry[], variants: readonly string[]): Record<string, readonly Era[]> {
    const found: Record<string, readonly Era[]> = {};
    for (const entry of entries) {
      const words = entry.value.split(/\s+/);
      const isEra = (word: string): boolean => /^\d+\.\d+$/.test(word);
      const eras = words.filter(isEra);
      const names = words.filter((word) => !isEra(word));
      if (eras.length === 0 || names.length === 0) {
        this.problem(entry.line, `expected '${FORMS.era}', found '@era ${entry.value}'`);
        continue;
      }
      for (const word of eras) {
        if (ERAS.some((era) => era === word)) continue;
        this.problem(entry.line, `unknown era '${word}'`, suggestion(word, ERAS, '@era knows'));
      }
      for (const variant of this.#meant(entry, names, variants)) {
        found[variant] = ERAS.filter((era) => eras.includes(era));
      }
    }
    return found;
  }

  preemptions(entries: readonly Entry[]): Partial<Record<Platform, number>> {
    const budgets: Partial<Record<Platform, number>> = {};
    for (const entry of entries) {
      const match = /^(\S+)\s+(\d+)$/.exec(entry.value);
      const platform = match === null ? undefined : PLATFORMS.find((name) => name === match[1]);
      if (match === null || platform === undefined) {
        const expected = `'${FORMS.preemptions}': a platform and how often a vCPU may be preempted`;
        this.problem(entry.line, `expected ${expected}, found '@preemptions ${entry.value}'`);
        continue;
      }
      budgets[platform] = Number(match[2]);
    }
    return budgets;
  }

  nmis(entry: Entry | undefined): number {
    if (entry === undefined) return 0;
    if (/^[1-9]$/.test(entry.value)) return Number(entry.value);
    const what = `'${FORMS.nmis}': how many NMIs may strike a CPU`;
    this.problem(entry.line, `expected ${what}, found '@nmis ${entry.value}'`);
    return 0;
  }

  online(
    entries: readonly Entry[],
    variants: readonly string[],
    cpuCount: number,
  ): Record<string, number> {
    const online: Record<string, number> = {};
    for (const entry of entries) {
      const [, variant, count] = /^(\S+)\s+(\d+)$/.exec(entry.value) ?? [];
      if (variant === undefined || !variants.includes(variant)) {
        const expected = `'${FORMS.online}': a variant and how many CPUs it runs`;
        this.problem(entry.line, `expected ${expected}, found '@online ${entry.value}'`);
      } else if (Number(count) < 1 || Number(count) > cpuCount) {
        this.problem(entry.line, `@online ${variant} ${count}: the header names ${cpuCount} CPUs`);
      } else {
        online[variant] = Number(count);
      }
    }
    return online;
  }
}

/** Parses the header of `text`, which was read from `file`. */
export function parseHeader(file: string, text: string): HeaderParse {
  const reader = new HeaderReader(file);
  const lines = commentLines(text);
  if (lines === null || !lines.some((line) => /^\s*@/.test(line.text))) {
    reader.problem(
      1,
      "expected the scenario's header: a block comment of '@key value' lines, first in the file",
      `it needs ${REQUIRED.map((key) => `@${key}`).join(', ')}; scenarios/ has examples`,
    );
    return { header: null, problems: reader.problems };
  }
  const entries = reader.entries(lines);
  const of = (key: Key): Entry[] => entries.filter((entry) => entry.key === key);
  for (const key of SINGLE) {
    for (const again of of(key).slice(1)) reader.problem(again.line, `@${key} stands here twice`);
  }
  for (const key of REQUIRED) {
    if (of(key).length > 0 || reader.problems.some((p) => p.message.includes(FORMS[key]))) continue;
    reader.problem(lines[0].line, `the header has no @${key}; expected '${FORMS[key]}'`);
  }
  const variants = reader.variants(of('variant'));
  const scope = {
    variants: variants.map((variant) => variant.name),
    arches: reader.words(of('arch')[0], ARCHES),
    platforms: reader.words(of('platform')[0], PLATFORMS),
    config: reader.words(of('config')[0], CONFIG_SYMBOLS),
  };
  const expectations: Expectation[] = [];
  for (const entry of of('expect')) {
    const parsed = parseExpectation(entry.value, scope);
    if (typeof parsed === 'string') {
      reader.problem(entry.line, parsed, `expected '${FORMS.expect}'`);
    } else {
      expectations.push(parsed);
    }
  }
  const cpus = reader.cpus(of('cpu'));
  const header: ScenarioHeader = {
    question: of('question')[0]?.value ?? '',
    source: of('source')[0]?.value ?? '',
    cpus,
    variants,
    arches: scope.arches,
    platforms: scope.platforms,
    preemptions: reader.preemptions(of('preemptions')),
    nmis: reader.nmis(of('nmis')[0]),
    online: reader.online(of('online'), scope.variants, cpus.length),
    config: scope.config,
    builtin: reader.builtin(of('builtin'), scope.variants),
    eras: reader.eras(of('era'), scope.variants),
    expectations,
  };
  const problems = reader.problems.sort((a, b) => a.line - b.line);
  return { header: problems.length === 0 ? header : null, problems };
}
