/**
 * The versioned result format: what `check --json` prints, one object per
 * line and configuration, and what reports and diagrams read. Plain data.
 */

export const FORMAT_VERSION = 1;

export const VERDICTS = ['safe', 'unsafe', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Properties in the order of precedence: the first that occurs names the verdict. */
export const PROPERTIES = [
  'torn-entry',
  'use-after-free',
  'use-after-reuse',
  'bad-free',
  'lost-pin',
  'stale-translation',
  'lost-store',
  'deadlock',
  'lock-misuse',
  'ipi-with-irqs-off',
  'sleep-in-atomic',
  'notifier-window',
  'refcount',
  'bug',
  'warn',
  'assertion',
  'wild-access',
  'undefined-value',
  'livelock',
  'data-race',
] as const;
export type Property = (typeof PROPERTIES)[number];

/** One step of a counterexample, numbered by its place in the list (1-based when shown). */
export interface TraceStep {
  /** The column: a CPU number, or -1 for a step of no CPU (a callback, a grace period). */
  readonly cpu: number;
  readonly function: string;
  readonly file: string;
  /** 1-based; 0 where unknown. */
  readonly line: number;
  /** What happened, in the field's words. */
  readonly event: string;
  /** Names of the locks this CPU holds after the step. */
  readonly locks?: readonly string[];
  /** True where this CPU has interrupts off after the step. */
  readonly irqsOff?: boolean;
  /** `interrupt` for a delivery or handler, `callback` for RCU, else absent. */
  readonly context?: string;
}

export interface Counterexample {
  /** Replays the execution: see `schedule.ts`. */
  readonly schedule: string;
  /** True only where a breadth-first search proved that none is shorter. */
  readonly shortest: boolean;
  readonly steps: readonly TraceStep[];
}

export interface Assumptions {
  /** Functions of the kernel under test that ran, as the compiler saw them. */
  readonly fromTree: readonly string[];
  /** Kernel functions that the machine implements and that ran. */
  readonly intrinsics: readonly string[];
  /** Kernel functions replaced by something simpler that ran. */
  readonly stubs: readonly string[];
  readonly bounds: {
    /** cpus, calls, frames, preemptions, nmis, preemptModel, stackZeroed, and what else limits `safe`. */
    readonly scope: Readonly<Record<string, string | number | boolean | readonly string[]>>;
    /** Limits that were hit, in words. Any makes the verdict inconclusive. */
    readonly cuts: readonly string[];
  };
}

/** One configuration's result: the object that `--json` prints. */
export interface CheckResult {
  readonly formatVersion: number;
  readonly scenario: string;
  readonly variant: string;
  /** `builtin`, or the build folder. */
  readonly kernel: string;
  readonly config: Readonly<Record<string, boolean>>;
  readonly era: string;
  readonly arch: string;
  readonly platform: string;
  readonly memory: string;
  readonly verdict: Verdict;
  /** What the scenario's header expects: `safe`, `unsafe torn-entry`, or null where it says nothing. */
  readonly expected: string | null;
  readonly property: Property | null;
  /** What went wrong, or why the search was inconclusive, in words; empty when safe. */
  readonly message: string;
  readonly executions: number;
  readonly states: number;
  /** Steps taken. */
  readonly transitions: number;
  readonly seconds: number;
  readonly violations: readonly { readonly property: Property; readonly site: string }[];
  readonly assumptions: Assumptions;
  readonly counterexample: Counterexample | null;
}
