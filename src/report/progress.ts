/** The line that tells how a search is going. */

import { count } from './ink.ts';

/** Which configuration of how many. */
export interface Position {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  /** The configuration, in few words. */
  readonly configuration: string;
}

export interface ProgressNumbers extends Position {
  readonly executions: number;
  readonly transitions: number;
  readonly depth: number;
  readonly seconds: number;
}

/** `3/12 no-sync i386-pae hyperv: 1,204 executions, 52,000 steps/s, depth 34, 2.1 s`. */
export function renderProgress(numbers: ProgressNumbers): string {
  const { number, of, configuration, executions, transitions, depth, seconds } = numbers;
  const rate = seconds > 0 ? Math.round(transitions / seconds) : 0;
  return [
    `${number}/${of} ${configuration}: ${count(executions, 'execution')}`,
    `${count(rate, 'step')}/s`,
    `depth ${depth}`,
    `${seconds.toFixed(1)} s`,
  ].join(', ');
}

/** `3/12 no-sync i386-pae hyperv: unsafe; shortening the counterexample, 12,000 states`. */
export function renderShortening(numbers: Position & { readonly states: number }): string {
  const { number, of, configuration, states } = numbers;
  const what = 'unsafe; shortening the counterexample';
  return `${number}/${of} ${configuration}: ${what}, ${count(states, 'state')}`;
}
