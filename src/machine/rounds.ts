import type { Words } from './words.ts';

/**
 * What an execution costs in interrupts: rounds of IPIs that somebody waits
 * for, and how many of them were begun under a page-table lock. Counted where
 * interrupts are sent and waited for, whatever code asked for it. The counts
 * are undone with everything else and are no part of a state's key: they
 * decide nothing. The most that any execution had is kept outside.
 */

/** Of one execution, or the most of several, each count for itself. */
export interface RoundCounts {
  /** Waited cross-CPU calls and flushes that sent at least one IPI. */
  readonly total: number;
  /** Those begun while their CPU held a page-table lock. */
  readonly underPtl: number;
}

/** Words, in this order: contexts inside a round, as a mask; rounds; those under a page-table lock. */
export const ROUND_WORDS = 3;

export class Rounds {
  readonly #words: Words;
  readonly #first: number;
  #most: RoundCounts = { total: 0, underPtl: 0 };

  constructor(words: Words, first: number) {
    this.#words = words;
    this.#first = first;
  }

  /** Whether a word holds one of the counts. */
  owns(word: number): boolean {
    return word >= this.#first && word < this.#first + ROUND_WORDS;
  }

  /** A waited interrupt is sent: the first of a round begins it. */
  begin(context: number, underPtl: () => boolean): void {
    const at = this.#words.at;
    const inside = at[this.#first]!;
    if (inside & (1 << context)) return;
    const total = at[this.#first + 1]! + 1;
    const under = at[this.#first + 2]! + (underPtl() ? 1 : 0);
    this.#words.set(this.#first, inside | (1 << context));
    this.#words.set(this.#first + 1, total);
    this.#words.set(this.#first + 2, under);
    this.#most = {
      total: Math.max(this.#most.total, total),
      underPtl: Math.max(this.#most.underPtl, under),
    };
  }

  /** All that a context waited for has been acknowledged. */
  end(context: number): void {
    this.#words.set(this.#first, this.#words.at[this.#first]! & ~(1 << context));
  }

  /** The most that any execution had since `forget`. Executions that are alike up to the order of independent steps have the same. */
  most(): RoundCounts {
    return this.#most;
  }

  forget(): void {
    this.#most = { total: 0, underPtl: 0 };
  }
}
