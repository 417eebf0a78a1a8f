/**
 * The state graph over exact state keys, with no reduction but symmetry: the
 * oracle of every reduction, and the source of shortest counterexamples.
 */

import { BreadthFirst } from './breadth-first.ts';
import { DepthFirst } from './depth-first.ts';
import type { SearchOptions, SearchResult } from './search.ts';
import type { System } from './system.ts';

/**
 * Explores every reachable state, or one of each orbit where actors are
 * `alike` and the system has an `orbitKey`. Starts with `reset`. `asleep` is
 * always 0, `executions` counts final states.
 */
export async function exploreGraph(
  system: System,
  options: SearchOptions = {},
): Promise<SearchResult> {
  const Search = options.order === 'depth' ? DepthFirst : BreadthFirst;
  return new Search(system, options).run();
}
