/**
 * Which search a configuration gets where none was asked for. The stateless
 * one explores one execution of each trace and keeps no states; the graph
 * keeps every state, and is smaller for certain only where CPUs are alike, so
 * that all orders of them are one. Where they are not, how many states there
 * are is not known before they have been visited: so no guess is made.
 */

import { ExplorerError } from '../../explore/search.ts';
import type { System } from '../../explore/system.ts';
import type { SearchKind, SearchLimits } from './options.ts';

export interface ChosenSearch {
  readonly kind: SearchKind;
  /** Why, in words. */
  readonly why: string;
}

/**
 * The search to go on with where one has found a promise of the system broken.
 * That is a fault of our own, and where a search was asked for it is reported
 * as one. The graph takes every step from every state and so needs none of
 * those promises; the machine's own waking of loops that wait goes by
 * footprints there as well. The verdict says how it was come by.
 * Fails: throws `error` where it is another, or there is nothing left to try.
 */
export function insteadOf(
  failed: ChosenSearch,
  { kind, maxExecutions }: SearchLimits,
  error: unknown,
): ChosenSearch {
  const may = kind === null && failed.kind === 'stateless' && !Number.isFinite(maxExecutions);
  if (!may || !(error instanceof ExplorerError)) throw error;
  return { kind: 'graph', why: `the stateless one failed, please report it: ${error.message}` };
}

export function chooseSearch(limits: SearchLimits, system: System): ChosenSearch {
  if (limits.kind !== null) return { kind: limits.kind, why: 'asked for' };
  const alike = system.alike.length > 0 && system.orbitKey !== undefined;
  if (!alike) return { kind: 'stateless', why: 'no CPUs are known to be alike' };
  // Executions are what the stateless search counts, so that a limit of them asks for it.
  return Number.isFinite(limits.maxExecutions)
    ? { kind: 'stateless', why: 'executions are limited' }
    : { kind: 'graph', why: 'CPUs are alike' };
}
