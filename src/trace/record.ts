/**
 * Runs one schedule on a system and writes down what people need to see:
 * who did what, where in the source, and which locks and interrupt states
 * came of it. A schedule that the system cannot follow is reported by the
 * step at which it stopped, never patched up.
 */

import { executionEnd, whyImpossible } from '../explore/replay.ts';
import { emptyFootprint, type Footprint, newFootprint, type System } from '../explore/system.ts';
import type { TraceStep } from './format.ts';
import type { ScheduleStep } from './schedule.ts';

/** A system that can say what its CPUs hold; asked on the trace path only. */
export interface TracedSystem extends System {
  /** Names of the locks that a CPU holds, oldest first. */
  heldLocks(cpu: number): readonly string[];
  irqsOff(cpu: number): boolean;
  /** Per CPU, who sent the interrupts that are pending there, oldest first. */
  pendingInterrupts(): readonly (readonly number[])[];
}

/** A violation with the number of the step (from 1) that showed it; one past the last for the end of the execution. */
export interface RecordedViolation {
  readonly property: number;
  readonly site: number;
  readonly stepNumber: number;
}

export interface Recording {
  readonly steps: readonly TraceStep[];
  readonly violations: readonly RecordedViolation[];
  /** Bounds that were hit. */
  readonly cuts: readonly number[];
  /** No actor that must go on can: the schedule is a whole execution. */
  readonly ended: boolean;
  /** Ended with an actor that waits for ever. */
  readonly deadlocked: boolean;
  /** Why the schedule could not be followed to its end; null where it was. */
  readonly failure: string | null;
}

class Recorder {
  readonly #system: TracedSystem;
  readonly #footprint: Footprint = newFootprint();
  readonly #steps: TraceStep[] = [];
  readonly #violations: RecordedViolation[] = [];
  readonly #cuts: number[] = [];
  #halted = false;

  constructor(system: TracedSystem) {
    this.#system = system;
  }

  /** Takes one step; returns why it could not be taken, or null. */
  step({ actor, choice }: ScheduleStep): string | null {
    const system = this.#system;
    const impossible = whyImpossible(system, actor, choice);
    if (impossible !== null) return impossible;
    const label = system.label(actor, choice);
    const pending = system.pendingInterrupts();
    emptyFootprint(this.#footprint);
    const outcome = system.take(actor, choice, this.#footprint);
    if (outcome.kind === 'restart') return 'an access is shared that the schedule does not know of';
    const { cpu } = label;
    const state = cpu < 0 ? {} : { locks: system.heldLocks(cpu), irqsOff: system.irqsOff(cpu) };
    this.#steps.push({ ...label, ...state, ...exchanged(pending, system.pendingInterrupts()) });
    if (outcome.kind === 'violation') {
      const { property, site } = outcome;
      this.#violations.push({ property, site, stepNumber: this.#steps.length });
    } else if (outcome.kind === 'cut') {
      this.#cuts.push(outcome.bound);
    }
    this.#halted ||= outcome.kind !== 'ok';
    return null;
  }

  /** Looks at where the schedule left the system. */
  finish(failure: string | null): Recording {
    const end = failure === null ? executionEnd(this.#system, this.#halted) : null;
    const stepNumber = this.#steps.length + 1;
    for (const { property, site } of end?.violations ?? []) {
      this.#violations.push({ property, site, stepNumber });
    }
    return {
      steps: this.#steps,
      violations: this.#violations,
      cuts: this.#cuts,
      ended: end !== null,
      deadlocked: end?.deadlocked ?? false,
      failure,
    };
  }
}

/** Which interrupts a step sent and took, read off the queues before and after it: a taker takes all. */
function exchanged(
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
): Pick<TraceStep, 'sends' | 'takes'> {
  const numbers = before.map((_, cpu) => cpu);
  const sends = numbers.filter((cpu) => after[cpu].length > before[cpu].length);
  const takes = numbers.flatMap((cpu) =>
    after[cpu].length < before[cpu].length ? before[cpu] : [],
  );
  return {
    ...(sends.length > 0 ? { sends } : {}),
    ...(takes.length > 0 ? { takes } : {}),
  };
}

/** Runs `schedule` from the initial state. Leaves the system where the schedule ends. */
export function recordExecution(
  system: TracedSystem,
  schedule: readonly ScheduleStep[],
): Recording {
  system.reset();
  const recorder = new Recorder(system);
  for (const [index, step] of schedule.entries()) {
    const failure = recorder.step(step);
    if (failure !== null) return recorder.finish(`step ${index + 1}: ${failure}`);
  }
  return recorder.finish(null);
}
