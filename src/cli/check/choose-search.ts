/**
 * Which search a configuration gets where none was asked for. The stateless
 * one explores one execution of each trace and keeps no states; the graph
 * keeps every state, and is smaller for certain only where CPUs are alike, so
 * that all orders of them are one. Where they are not, how many states there
 * are is not known before they have been visited: so no guess is made.
 */

import type { System } from '../../explore/system.ts';
import type { SearchKind, SearchLimits } from './options.ts';

export interface ChosenSearch {
  readonly kind: SearchKind;
  /** Why, in words. */
  readonly why: string;
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
