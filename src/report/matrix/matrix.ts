/**
 * The table of a suite as data: families of rows, columns, and what each
 * cell says. Text, Markdown and HTML are made from this.
 */

import { differsFromExpected } from '../../scenario/expectation.ts';
import { ARCHES, PLATFORMS } from '../../scenario/targets.ts';
import type { CheckResult, IpiRounds } from '../../trace/format.ts';
import { describeCell } from '../counterexample.ts';
import type { ScenarioReport } from '../text.ts';

/** A scenario's rows. */
export interface MatrixFamily extends ScenarioReport {
  /** All rows in their order, where the results do not name them all. */
  readonly rows?: readonly string[];
  /** Those whose code the era asked for has not. */
  readonly absent?: readonly string[];
}

/** All cells of a suite, at least one. */
export interface Matrix {
  readonly name: string;
  readonly question: string;
  readonly source: string;
  /** Scenarios in the order of the suite; one may come again in another configuration. Each with at least one row. */
  readonly families: readonly MatrixFamily[];
}

/** Where a column's cells ran. */
export interface Column {
  readonly arch: string;
  readonly platform: string;
}

function rank(known: readonly string[], word: string): number {
  const at = known.indexOf(word);
  return at < 0 ? known.length : at;
}

/** The columns that occur, by architecture, then by platform. */
export function columnsOf(matrix: Matrix): Column[] {
  const found = new Map<string, Column>();
  for (const { arch, platform } of resultsOf(matrix)) {
    found.set(`${arch} ${platform}`, { arch, platform });
  }
  return [...found.values()].sort(
    (a, b) =>
      rank(ARCHES, a.arch) - rank(ARCHES, b.arch) ||
      rank(PLATFORMS, a.platform) - rank(PLATFORMS, b.platform),
  );
}

export function resultsOf(matrix: Matrix): CheckResult[] {
  return matrix.families.flatMap((family) => family.results);
}

/** Names of a family's rows, in their order. */
export function rowsOf(family: MatrixFamily): readonly string[] {
  return family.rows ?? [...new Set(family.results.map((result) => result.variant))];
}

/** Rows without code in the era asked for, in words: `retract-vs-pte-map; retract-vs-gup-fast v3, no-sync`. Empty where there are none. */
export function absentWords({ families }: Matrix): string {
  return families
    .filter(({ absent }) => absent !== undefined && absent.length > 0)
    .map((family) => {
      const all = family.absent!.length === rowsOf(family).length;
      return all ? family.scenario : `${family.scenario} ${family.absent!.join(', ')}`;
    })
    .join('; ');
}

export function cellOf(
  family: ScenarioReport,
  variant: string,
  { arch, platform }: Column,
): CheckResult | undefined {
  return family.results.find(
    (one) => one.variant === variant && one.arch === arch && one.platform === platform,
  );
}

/** Symbols that are off wherever the family has them: what tells it from the family as usual. */
export function symbolsOff(family: ScenarioReport): string[] {
  const symbols = new Set(family.results.flatMap(({ config }) => Object.keys(config)));
  return [...symbols]
    .filter((name) => family.results.every(({ config }) => config[name] !== true))
    .map((name) => `${name}=n`);
}

/** A verdict that contradicts its expectation, or is `unsafe` where nothing was expected. */
export function disagrees({ expected, verdict, property }: CheckResult): boolean {
  if (expected === null) return verdict === 'unsafe';
  return differsFromExpected(expected, verdict, property);
}

/** The same in its family: without a function the author expects nothing. */
export function contradicts(family: ScenarioReport, result: CheckResult): boolean {
  return family.without === null && disagrees(result);
}

/** `2(1)`: two rounds, one of them under a page-table lock; `2`: none under one. Empty where nothing was searched. */
export function roundsShort(rounds: IpiRounds | null): string {
  if (rounds === null) return '';
  return rounds.underPtl === 0 ? `${rounds.total}` : `${rounds.total}(${rounds.underPtl})`;
}

/** `2 IPI rounds, 1 under PTL`. */
export function roundsLong(rounds: IpiRounds | null): string {
  if (rounds === null) return '';
  const all =
    rounds.total === 0 ? 'no IPIs' : `${rounds.total} IPI round${rounds.total === 1 ? '' : 's'}`;
  return rounds.underPtl === 0 ? all : `${all}, ${rounds.underPtl} under PTL`;
}

/** What a cell that disagrees says and should have said, in words. */
export function disagreement(family: ScenarioReport, result: CheckResult): string {
  const found = result.property === null ? result.verdict : `${result.verdict} ${result.property}`;
  const wanted =
    result.expected === null
      ? 'and the scenario expects nothing'
      : `but the scenario expects ${result.expected}`;
  return `${family.scenario} ${describeCell(result)}: ${found}, ${wanted}`;
}

/** The eras that occur, with the platforms that have one of their own: `Linux 6.12; invlpgb: 6.18`. */
export function eraWords(results: readonly CheckResult[]): string {
  const platforms = new Map<string, Set<string>>();
  for (const { era, platform } of results) {
    platforms.set(era, (platforms.get(era) ?? new Set()).add(platform));
  }
  const [usual, ...others] = [...platforms].sort(([, a], [, b]) => b.size - a.size);
  const rest = others.map(([era, names]) => `${[...names].join(', ')}: ${era}`);
  return [`Linux ${usual[0]}`, ...rest].join('; ');
}
