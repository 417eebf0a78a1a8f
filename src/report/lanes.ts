/**
 * A counterexample as rows and columns: one column per CPU, one row per
 * step, and what each CPU's state is after it. Diagrams are drawn from this.
 */

import type { TraceStep } from '../trace/format.ts';

export interface Lane {
  readonly cpu: number;
  readonly title: string;
}

/** What the bars show of one CPU. */
export interface CpuState {
  readonly irqsOff: boolean;
  readonly locks: readonly string[];
}

export const FREE: CpuState = { irqsOff: false, locks: [] };

/** A step with all that is shown of it. */
export interface Row {
  readonly number: number;
  /** -1 for a step of no CPU, which is drawn across the columns. */
  readonly lane: number;
  readonly event: string;
  readonly step: TraceStep;
  /** The same lane's step before was in the same function, so that its name need not be repeated. */
  readonly sameFunction: boolean;
  /** State of each lane after the step. */
  readonly states: readonly CpuState[];
}

export function lanesOf(steps: readonly TraceStep[], cpuNames: readonly string[]): Lane[] {
  const named = cpuNames.map((name, cpu) => ({ cpu, title: `CPU ${cpu} ${name}` }));
  const others = [...new Set(steps.map((step) => step.cpu))]
    .filter((cpu) => cpu >= cpuNames.length)
    .sort((a, b) => a - b)
    .map((cpu) => ({ cpu, title: `CPU ${cpu}` }));
  return [...named, ...others];
}

export type PathStyle = 'whole' | 'base';

export function fileLine(step: TraceStep, path: PathStyle): string {
  const file = path === 'whole' ? step.file : step.file.slice(step.file.lastIndexOf('/') + 1);
  return step.line > 0 ? `${file}:${step.line}` : file;
}

export function place(step: TraceStep, path: PathStyle): string {
  return `${fileLine(step, path)} ${step.function}`.trim();
}

/** The event, with its context in front and, where locks changed in a way that it does not tell, what is now held. */
function eventWords(step: TraceStep, before: CpuState): string {
  const context = step.context === undefined ? '' : `[${step.context}] `;
  const locks = step.locks ?? before.locks;
  const changed = locks.join() !== before.locks.join();
  const told = locks.every((lock) => step.event.includes(lock));
  const holding = changed && locks.length > 0 && !told ? ` {holds ${locks.join(', ')}}` : '';
  return `${context}${step.event}${holding}`;
}

export function rowsOf(steps: readonly TraceStep[], lanes: readonly Lane[]): Row[] {
  let states: readonly CpuState[] = lanes.map(() => FREE);
  const functions = new Map<number, string>();
  return steps.map((step, index) => {
    const lane = lanes.findIndex((one) => one.cpu === step.cpu);
    const before = states[lane] ?? FREE;
    const after: CpuState = {
      irqsOff: step.irqsOff ?? before.irqsOff,
      locks: step.locks ?? before.locks,
    };
    states = states.map((state, i) => (i === lane ? after : state));
    const sameFunction = functions.get(lane) === step.function;
    functions.set(lane, step.function);
    const event = eventWords(step, before);
    return { number: index + 1, lane, event, step, sameFunction, states };
  });
}
