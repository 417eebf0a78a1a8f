/**
 * From a suite to the cells of its table. What the suite itself asks for and
 * cannot have is refused, with its file and line. The command line narrows:
 * a family that has nothing of what was asked for is left out, and only
 * where nothing is left at all is that an error.
 */

import { join } from 'node:path';
import type { KernelDir } from '../../clang/kernel-dir.ts';
import { type Configuration, isInEra, type Selection } from '../../scenario/configurations.ts';
import { InputError, inputError, type Problem } from '../../scenario/input-error.ts';
import { suggestion } from '../../scenario/suggest.ts';
import type { SuiteLine } from '../../scenario/suite.ts';
import { chooseArch, chooseConfigSymbol, choosePlatform } from '../../scenario/targets.ts';
import { meansVariant } from '../../scenario/variant-name.ts';
import { expand } from '../check/plan.ts';
import { findScenario, type Scenario } from '../scenario-files.ts';
import type { SuiteFile } from '../suite-files.ts';

/** What a family contributes to the table: cells, or rows without any. */
export interface FamilyPlan {
  readonly scenario: Scenario;
  readonly configurations: readonly Configuration[];
  /** All rows, in their order. */
  readonly rows: readonly string[];
  /** Those whose code the era asked for has not: they have no cells. */
  readonly absent: readonly string[];
}

/** A line of the suite whose scenario was found, and its rows. */
interface Family {
  readonly line: SuiteLine;
  readonly scenario: Scenario;
  /** In the order of the rows. */
  readonly variants: readonly string[];
}

function familyOf(suite: SuiteFile, line: SuiteLine): Family {
  const isPath = line.scenario.endsWith('.c') || line.scenario.includes('/');
  const scenario = findScenario(isPath ? join(suite.folder, line.scenario) : line.scenario);
  const names = scenario.header.variants.map(({ name }) => name);
  const variants = line.variants.flatMap((word) => {
    const meant = names.filter((name) => meansVariant(word, name));
    if (meant.length > 0) return meant;
    const hint = suggestion(word, names, 'its variants');
    throw inputError(`${scenario.name} has no variant '${word}'`, hint);
  });
  return { line, scenario, variants: variants.length === 0 ? names : [...new Set(variants)] };
}

/** Families of the suite. Fails: InputError that names file and line of every line that cannot be. */
function readFamilies(suite: SuiteFile): Family[] {
  const problems: Problem[] = [];
  const families = suite.lines.flatMap((line) => {
    try {
      const family = familyOf(suite, line);
      // What the line asks for by itself must exist.
      expand(family.scenario, { variants: family.variants, config: line.config }, null);
      return [family];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      for (const { file, message, hint, line: at } of error.problems) {
        const where = file === null ? {} : { message: `${file}:${at}: ${message}` };
        problems.push({ file: suite.shown, line: line.line, message, hint, ...where });
      }
      return [];
    }
  });
  if (problems.length > 0) throw new InputError(problems);
  return families;
}

/** Words of `asked` that the scenario has; null where it has none of them. No words: every one. */
function common<T extends string>(
  asked: readonly string[] | undefined,
  has: readonly T[],
): T[] | null {
  if (asked === undefined || asked.length === 0) return [];
  const both = has.filter((word) => asked.includes(word));
  return both.length === 0 ? null : both;
}

function symbolOf(word: string): string {
  return word.split('=', 1)[0].replace(/^CONFIG_/, '');
}

/** What of the command line's selection concerns a family, whichever era it asks for; null where nothing of it is left. */
function narrowed(
  family: Family,
  selection: Selection,
  kernel: KernelDir | null,
): (Selection & { readonly variants: readonly string[] }) | null {
  const { line, scenario, variants } = family;
  const { header } = scenario;
  const arches = common(selection.arches, header.arches);
  const platforms = common(selection.platforms, header.platforms);
  const wanted = selection.variants ?? [];
  const rows = variants.filter(
    (name) => wanted.length === 0 || wanted.some((word) => meansVariant(word, name)),
  );
  if (arches === null || platforms === null || rows.length === 0) return null;
  const asked = (selection.config ?? []).filter((word) =>
    header.config.some((symbol) => symbol === symbolOf(word)),
  );
  const clash = asked.some((word) =>
    line.config.some((own) => symbolOf(own) === symbolOf(word) && !word.endsWith(own)),
  );
  if (clash) return null;
  if (kernel !== null && !line.config.every((word) => builtWith(kernel, word))) return null;
  const config = kernel === null ? [...new Set([...line.config, ...asked])] : selection.config;
  return { ...selection, variants: rows, arches, platforms, config };
}

function builtWith(kernel: KernelDir, word: string): boolean {
  return (kernel.manifest.config[symbolOf(word)] === 'y') === word.endsWith('=y');
}

/** Refuses words that mean nothing anywhere in the suite. */
function refuseUnknown(families: readonly Family[], selection: Selection): void {
  selection.arches?.forEach(chooseArch);
  selection.platforms?.forEach(choosePlatform);
  const names = [...new Set(families.flatMap(({ variants }) => variants))];
  for (const word of selection.variants ?? []) {
    if (names.some((name) => meansVariant(word, name))) continue;
    throw inputError(
      `no scenario of the suite has a variant '${word}'`,
      suggestion(word, names, 'variants'),
    );
  }
  const symbols = [...new Set(families.flatMap(({ scenario }) => scenario.header.config))];
  for (const word of selection.config ?? []) {
    const symbol = chooseConfigSymbol(symbolOf(word));
    if (symbols.includes(symbol)) continue;
    const has = symbols.length === 0 ? 'none' : symbols.join(', ');
    throw inputError(`${symbol} matters to no scenario of the suite`, `symbols that do: ${has}`);
  }
}

/** Plans for the families of a suite, in its order, no cell twice and at least one. Fails: InputError. */
export function planSuite(
  suite: SuiteFile,
  selection: Selection,
  kernel: KernelDir | null,
): FamilyPlan[] {
  const families = readFamilies(suite);
  refuseUnknown(families, selection);
  const seen = new Set<string>();
  let refusal: InputError | null = null;
  const plans = families.flatMap((family) => {
    const own = narrowed(family, selection, kernel);
    if (own === null) return [];
    const { scenario } = family;
    const here = (variant: string): boolean =>
      selection.era === undefined || isInEra(scenario.header, variant, selection.era);
    const present = own.variants.filter(here);
    try {
      // Where nothing is present, that is the reason, in words.
      const variants = present.length === 0 ? own.variants : present;
      const all = expand(scenario, { ...own, variants }, kernel);
      const configurations = inOrder(all, family.variants).filter(
        (one) => !isKnown(seen, JSON.stringify([scenario.path, one])),
      );
      if (configurations.length === 0) return [];
      return [rowsWith(seen, scenario, own.variants, configurations, here)];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refusal ??= error;
      const plan = rowsWith(seen, scenario, own.variants, [], here);
      return plan.rows.length === 0 ? [] : [plan];
    }
  });
  if (plans.some(({ configurations }) => configurations.length > 0)) return plans;
  throw refusal ?? inputError(`nothing of ${suite.name} is left`, 'ask for less');
}

/** The rows of a family: those with cells, and, once in a table, those without code. */
function rowsWith(
  seen: Set<string>,
  scenario: Scenario,
  variants: readonly string[],
  configurations: readonly Configuration[],
  here: (variant: string) => boolean,
): FamilyPlan {
  const absent = variants.filter(
    (variant) => !here(variant) && !isKnown(seen, JSON.stringify([scenario.path, variant])),
  );
  const rows = variants.filter(
    (variant) => absent.includes(variant) || configurations.some((one) => one.variant === variant),
  );
  return { scenario, configurations, rows, absent };
}

function inOrder(all: readonly Configuration[], variants: readonly string[]): Configuration[] {
  const place = ({ variant }: Configuration): number => variants.indexOf(variant);
  return [...all].sort((a, b) => place(a) - place(b));
}

function isKnown(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}
