/**
 * Stateless search with partial-order reduction: one complete execution of
 * each Mazurkiewicz trace, in two ways. `optimal` begins nothing in vain;
 * `plain` is the older algorithm that the optimal one is compared with.
 */

import type { OptimalMutation, WakeupStatistics } from './optimal.ts';
import { OptimalSearch } from './optimal.ts';
import type { PlainMutation } from './plain.ts';
import { PlainSearch } from './plain.ts';
import type { SearchOptions, SearchResult } from './search.ts';
import type { System } from './system.ts';

export type DporMutation = OptimalMutation | PlainMutation;

export type Reduction = 'optimal' | 'plain';

export interface DporOptions extends SearchOptions {
  /** `optimal` where not given. */
  readonly reduction?: Reduction;
  /** Test-only; one that the reduction has. */
  readonly mutation?: DporMutation;
}

export interface StatelessResult extends SearchResult {
  /** What the trees of the optimal search took; absent from the plain one. */
  readonly wakeup?: WakeupStatistics;
}

/** Explores every execution of the system, up to equivalence. Starts with `reset`. */
export async function exploreStateless(
  system: System,
  options: DporOptions = {},
): Promise<StatelessResult> {
  const mutation = options.mutation ?? null;
  if (options.reduction === 'plain') {
    return new PlainSearch(system, options, mutation as PlainMutation | null).run();
  }
  return new OptimalSearch(system, options, mutation as OptimalMutation | null).run();
}
