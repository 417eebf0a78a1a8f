import type { CheckResult } from '../trace/format.ts';
import { count } from './ink.ts';

/** What results took together: `1,877 executions, 24,342 steps, 7.5 s`. */
export function describeEffort(results: readonly CheckResult[]): string {
  const total = (of: (result: CheckResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  const executions = total((one) => one.executions);
  const steps = total((one) => one.transitions);
  const seconds = total((one) => one.seconds).toFixed(1);
  return `${count(executions, 'execution')}, ${count(steps, 'step')}, ${seconds} s`;
}
