/**
 * The options of `check`, from the words of the command line to values that
 * the driver can trust. An option that cannot be honoured is refused here,
 * before any work.
 */

import { availableParallelism } from 'node:os';
import type { Selection } from '../../scenario/configurations.ts';
import { inputError } from '../../scenario/input-error.ts';
import { suggestion } from '../../scenario/suggest.ts';
import { parseSchedule, type Schedule } from '../../trace/schedule.ts';
import { refuseUnwritable } from './html-file.ts';

/** As commander gives them: words, not yet looked at. */
export interface RawCheckOptions {
  readonly variant: readonly string[];
  readonly kernel: string;
  readonly arch: readonly string[];
  readonly platform: readonly string[];
  readonly memory?: string;
  readonly config: readonly string[];
  readonly without?: string;
  readonly era?: string;
  readonly json?: boolean;
  readonly search?: string;
  readonly commutingAdds: string;
  readonly maxExecutions?: string;
  readonly timeout?: string;
  readonly first?: boolean;
  readonly replay?: string;
  readonly html?: string;
  readonly workers?: string;
}

export const SEARCHES = ['stateless', 'graph'] as const;
export type SearchKind = (typeof SEARCHES)[number];

/** What limits a search of one configuration. */
export interface SearchLimits {
  /** Null where none was asked for: see `choose-search.ts`. */
  readonly kind: SearchKind | null;
  /** Infinity where there is none. */
  readonly maxExecutions: number;
  /** Infinity where there is none. */
  readonly timeoutSeconds: number;
  /** Stop at the first violation. */
  readonly first: boolean;
}

export interface CheckOptions {
  /** Null for the built-in kernel. */
  readonly kernelFolder: string | null;
  readonly selection: Selection;
  readonly without: string | null;
  /** Atomic additions whose result nobody uses commute. Off only shows what that saves. */
  readonly commutingAdds: boolean;
  readonly json: boolean;
  readonly limits: SearchLimits;
  readonly replay: Schedule | null;
  /** The page to write beside the report, or null. */
  readonly htmlFile: string | null;
  /** Configurations that are searched at one time. */
  readonly workers: number;
}

function positive(option: string, word: string | undefined, whole: boolean): number {
  if (word === undefined) return Number.POSITIVE_INFINITY;
  const value = Number(word);
  const good = /^\d+(\.\d+)?$/.test(word) && value > 0 && (!whole || Number.isSafeInteger(value));
  if (good) return value;
  throw inputError(`${option} wants a ${whole ? 'whole ' : ''}number above 0, not '${word}'`);
}

function searchKind(raw: RawCheckOptions): SearchKind | null {
  const word = raw.search;
  if (word === undefined) return null;
  if (word === 'graph' && raw.maxExecutions !== undefined) {
    throw inputError(
      '--max-executions limits the stateless search, and --search graph visits states, not executions',
      '--timeout limits both',
    );
  }
  const kind = SEARCHES.find((name) => name === word);
  if (kind !== undefined) return kind;
  throw inputError(`unknown search '${word}'`, suggestion(word, SEARCHES, 'searches'));
}

function onOrOff(option: string, word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on';
  throw inputError(`${option} is on or off, not '${word}'`);
}

function htmlFile(raw: RawCheckOptions): string | null {
  if (raw.html === undefined) return null;
  if (raw.replay !== undefined) {
    throw inputError('--html shows what a search found, and --replay searches nothing');
  }
  refuseUnwritable(raw.html);
  return raw.html;
}

function replaySchedule(raw: RawCheckOptions): Schedule | null {
  if (raw.replay === undefined) return null;
  const schedule = parseSchedule(raw.replay);
  if (typeof schedule === 'string') throw inputError(`--replay: ${schedule}`);
  const searching = { maxExecutions: '--max-executions', first: '--first', workers: '--workers' };
  for (const [name, option] of Object.entries(searching)) {
    if (raw[name as keyof typeof searching] === undefined) continue;
    throw inputError(`${option} limits a search, and --replay searches nothing`);
  }
  return schedule;
}

/** The options, checked. Fails: InputError. */
export function checkOptions(raw: RawCheckOptions): CheckOptions {
  if (raw.without !== undefined && !/^[A-Za-z_][A-Za-z0-9_.]*$/.test(raw.without)) {
    throw inputError(`--without wants the name of a function, not '${raw.without}'`);
  }
  return {
    kernelFolder: raw.kernel === 'builtin' ? null : raw.kernel,
    selection: {
      variants: raw.variant,
      arches: raw.arch,
      platforms: raw.platform,
      memory: raw.memory,
      era: raw.era,
      config: raw.config,
    },
    without: raw.without ?? null,
    commutingAdds: onOrOff('--commuting-adds', raw.commutingAdds),
    json: raw.json === true,
    limits: {
      kind: searchKind(raw),
      maxExecutions: positive('--max-executions', raw.maxExecutions, true),
      timeoutSeconds: positive('--timeout', raw.timeout, false),
      first: raw.first === true,
    },
    replay: replaySchedule(raw),
    htmlFile: htmlFile(raw),
    workers:
      raw.workers === undefined ? availableParallelism() : positive('--workers', raw.workers, true),
  };
}
