/** The line that tells how a search is going. */

import { count } from './ink.ts';

export interface ProgressNumbers {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  /** The configuration, in few words. */
  readonly configuration: string;
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
