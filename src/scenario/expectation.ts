/**
 * The verdicts that a scenario's author expects, written by hand in the
 * header, and the one that applies to a configuration. `check` compares;
 * it never lets an expectation influence a verdict.
 */

import { PROPERTIES, type Property, type Verdict } from '../trace/format.ts';
import { nearest } from './suggest.ts';
import { MEMORY_MODELS, type MemoryModel } from './targets.ts';
import { meansVariant } from './variant-name.ts';

/** One `@expect` line. `null` is `*`. */
export interface Expectation {
  /** `*` in it stands for any text: `*+foreign-mm`. */
  readonly variant: string | null;
  readonly arch: string | null;
  readonly platform: string | null;
  /** Symbols that must have that value; one that does not exist in a configuration counts as `n`. */
  readonly config: Readonly<Record<string, boolean>>;
  readonly memory: MemoryModel | null;
  readonly verdict: 'safe' | 'unsafe';
  readonly property: Property | null;
}

/** What the rest of the header allows an expectation to name. */
export interface ExpectationScope {
  readonly variants: readonly string[];
  readonly arches: readonly string[];
  readonly platforms: readonly string[];
  readonly config: readonly string[];
}

/** The part of a configuration that expectations look at. */
export interface ExpectationSubject {
  readonly variant: string;
  readonly arch: string;
  readonly platform: string;
  readonly config: Readonly<Record<string, boolean>>;
  readonly memory: MemoryModel;
}

function unknownWord(kind: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return `unknown ${kind} '${word}'${near === null ? `: the header has ${known.join(', ')}` : `: did you mean ${near}?`}`;
}

/** The conditions between platform and verdict, and where they end; or what is wrong with one. */
function parseConditions(
  words: readonly string[],
  scope: ExpectationScope,
): (Pick<Expectation, 'config' | 'memory'> & { readonly end: number }) | string {
  const config: Record<string, boolean> = {};
  let memory: MemoryModel | null = null;
  let at = 3;
  for (; at < words.length && words[at].includes('='); at++) {
    const [, name, value] = /^([A-Z0-9_]+)=(.*)$/.exec(words[at]) ?? [];
    if (name === 'MEMORY') {
      memory = MEMORY_MODELS.find((model) => model === value) ?? null;
      if (memory === null) return unknownWord('memory model', value, MEMORY_MODELS);
    } else if (name === undefined || (value !== 'y' && value !== 'n')) {
      return `'${words[at]}' is neither NAME=y or NAME=n nor MEMORY=${MEMORY_MODELS.join('|')}`;
    } else if (!scope.config.includes(name)) {
      return unknownWord('symbol', name, scope.config);
    } else {
      config[name] = value === 'y';
    }
  }
  return { config, memory, end: at };
}

/** The expectation that `text` states, or what is wrong with it. */
export function parseExpectation(text: string, scope: ExpectationScope): Expectation | string {
  const words = text.split(/\s+/);
  if (words.length < 4) return `the expectation '${text}' is too short`;
  const [variant, arch, platform] = words;
  const places = [
    ['variant', variant, scope.variants],
    ['arch', arch, scope.arches],
    ['platform', platform, scope.platforms],
  ] as const;
  for (const [kind, word, known] of places) {
    const found = kind === 'variant' && known.some((name) => meansVariant(word, name));
    if (word !== '*' && !found && !known.includes(word)) return unknownWord(kind, word, known);
  }
  const conditions = parseConditions(words, scope);
  if (typeof conditions === 'string') return conditions;
  const { config, memory, end: at } = conditions;
  const verdict = words[at];
  const rest = words.slice(at + 1);
  const where = {
    variant: variant === '*' ? null : variant,
    arch: arch === '*' ? null : arch,
    platform: platform === '*' ? null : platform,
    config,
    memory,
  };
  if (verdict === 'safe' && rest.length === 0) return { ...where, verdict, property: null };
  if (verdict === 'safe') return `'${rest.join(' ')}' after safe means nothing`;
  if (verdict !== 'unsafe') return `'${verdict ?? ''}' is neither safe nor unsafe`;
  if (rest.length !== 1) return 'unsafe needs the one property that is expected to be violated';
  const property = PROPERTIES.find((name) => name === rest[0]);
  if (property === undefined) return unknownWord('property', rest[0], PROPERTIES);
  return { ...where, verdict, property };
}

function matches(expectation: Expectation, subject: ExpectationSubject): boolean {
  return (
    (expectation.variant === null || meansVariant(expectation.variant, subject.variant)) &&
    (expectation.arch === null || expectation.arch === subject.arch) &&
    (expectation.platform === null || expectation.platform === subject.platform) &&
    (expectation.memory === null || expectation.memory === subject.memory) &&
    Object.entries(expectation.config).every(
      ([name, value]) => (subject.config[name] ?? false) === value,
    )
  );
}

/** What is expected of a configuration: `safe`, `unsafe torn-entry`, or null where the header says nothing. */
export function expectedVerdict(
  expectations: readonly Expectation[],
  subject: ExpectationSubject,
): string | null {
  const first = expectations.find((expectation) => matches(expectation, subject));
  if (first === undefined) return null;
  return first.property === null ? first.verdict : `${first.verdict} ${first.property}`;
}

/** The verdict in the words of an expectation. */
export function verdictWords(verdict: Verdict, property: Property | null): string {
  return property === null ? verdict : `${verdict} ${property}`;
}

/**
 * True where the verdict contradicts what was expected. An inconclusive
 * search contradicts nothing: it decided nothing.
 */
export function differsFromExpected(
  expected: string | null,
  verdict: Verdict,
  property: Property | null,
): boolean {
  if (expected === null || verdict === 'inconclusive') return false;
  return expected !== verdictWords(verdict, property);
}
