/** What the process tells its caller, as documented in the README. */

import { disagrees } from '../report/matrix/matrix.ts';
import type { CheckResult } from '../trace/format.ts';

export const EXIT = {
  safe: 0,
  unsafe: 1,
  badInput: 2,
  inconclusive: 3,
  ownFault: 4,
} as const;

/** Unsafe wins over inconclusive: one counterexample is an answer, whatever else was left open. */
export function exitCodeOf(results: readonly Pick<CheckResult, 'verdict'>[]): number {
  if (results.some((result) => result.verdict === 'unsafe')) return EXIT.unsafe;
  return results.some((result) => result.verdict === 'inconclusive') || results.length === 0
    ? EXIT.inconclusive
    : EXIT.safe;
}

/** Of a suite: whether all cells are as expected, not whether they are safe. A contradiction wins over what is left open. */
export function matrixExitCode(results: readonly CheckResult[]): number {
  if (results.some(disagrees)) return EXIT.unsafe;
  return results.some((result) => result.verdict === 'inconclusive')
    ? EXIT.inconclusive
    : EXIT.safe;
}
