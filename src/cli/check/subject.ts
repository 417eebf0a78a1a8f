/**
 * What `check` needs of the machine beyond what the explorer needs: names
 * for numbers, what ran, and words for people.
 */

import type { Assumptions, IpiRounds, Property } from '../../trace/format.ts';
import type { TracedSystem } from '../../trace/record.ts';

/** One program on one machine, ready to be searched. */
export interface Subject extends TracedSystem {
  propertyName(property: number): Property;
  /** `file:line function`. */
  siteName(site: number): string;
  /** The limit, in words. */
  cutName(bound: number): string;
  /** What ran up to now, over all executions, and the scope. */
  assumptions(): Assumptions;
  /** Whether the function was called in any execution up to now. */
  wasCalled(name: string): boolean;
  /** Operations that others could notice, and instructions merged into the steps of those, run up to now, repetitions too. */
  instructionsRun(): { readonly visible: number; readonly merged: number };
  /** The most rounds of IPIs that any execution up to now began. */
  ipiRounds(): Pick<IpiRounds, 'total' | 'underPtl'>;
  /** Starts that account anew. */
  forgetIpiRounds(): void;
  /** What went wrong at a site, in words, as last seen. */
  explain(property: number, site: number): string;
  /** Places found to be shared, which are steps of their own; ascending. They only ever grow. */
  visiblePlaces(): readonly number[];
  /** Takes places for shared from the start, as another machine found them to be. */
  makeVisible(places: readonly number[]): void;
}

/** Makes a new machine, in its initial state, that knows nothing of earlier ones. */
export type OpenSubject = () => Subject;
