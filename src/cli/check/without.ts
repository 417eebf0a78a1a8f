/**
 * `--without FUNCTION`: the configurations in which leaving the function out
 * changes nothing. A verdict there would look like an answer and be none, so
 * such configurations are left out, and it is an error if no other is left.
 */

import type { Configuration } from '../../scenario/configurations.ts';
import { inputError } from '../../scenario/input-error.ts';
import { describeConfiguration } from './plan.ts';

/** Why leaving it out changes nothing. */
export type WithoutTrouble = 'unknown' | 'empty' | 'never-called';

const WORDS: Readonly<Record<WithoutTrouble, string>> = {
  unknown: 'is no function (misspelt, or a macro?)',
  empty: 'is empty',
  'never-called': 'is never called',
};

export class LeftOut {
  readonly #name: string | null;
  readonly #found: { readonly trouble: WithoutTrouble; readonly where: string }[] = [];

  constructor(name: string | null) {
    this.#name = name;
  }

  /** Keeps a configuration's trouble; true where there is one, so that it is left out. */
  note(configuration: Configuration, trouble: WithoutTrouble | null): boolean {
    if (this.#name === null || trouble === null) return false;
    this.#found.push({ trouble, where: describeConfiguration(configuration) });
    return true;
  }

  /** Says what was left out. Fails: InputError where nothing was left to check. */
  finish(resultCount: number, write: (line: string) => void): void {
    if (resultCount > 0) {
      for (const { trouble, where } of this.#found) {
        write(`left out: ${where}: there ${this.#name} ${WORDS[trouble]}\n`);
      }
      return;
    }
    if (this.#found.length === 0) return;
    const kinds = new Set(this.#found.map(({ trouble }) => trouble));
    const why = [...kinds].map((trouble) => WORDS[trouble]).join(' or ');
    throw inputError(
      `--without ${this.#name}: in every configuration asked for it ${why}`,
      'so leaving it out changes nothing, and a verdict would be no answer',
    );
  }
}
