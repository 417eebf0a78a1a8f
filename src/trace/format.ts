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
  /** CPUs to which this step sent an interrupt. */
  readonly sends?: readonly number[];
  /** CPUs whose interrupts this step takes, oldest first. */
  readonly takes?: readonly number[];
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

/** How a verdict was come by, what each reduction saved, and where the time went. Additive: absent fields have not been measured. */
export interface SearchReport {
  readonly kind: 'stateless' | 'graph';
  /** `asked for`, or why this search was chosen. */
  readonly why: string;
  /** Order in which states were visited; null in the stateless search. */
  readonly order: 'breadth' | 'depth' | null;
  /** States were counted up to a permutation of CPUs that are alike. */
  readonly symmetric: boolean;
  /** Atomic additions whose result nobody uses commute. */
  readonly commutingAdds: boolean;
  readonly executions: number;
  /** Mazurkiewicz traces covered: as many as executions in the stateless search; null where states were visited instead. */
  readonly traces: number | null;
  /** Executions given up because the rest had been explored before. */
  readonly asleep: number;
  /** Distinct states in the graph; places met in the stateless search. */
  readonly states: number;
  /** Steps taken by the search that came to its end. */
  readonly transitions: number;
  /** Steps taken besides, only to see whether an order is new before it is explored. */
  readonly looks: number;
  /** Steps of the deepest execution. */
  readonly deepest: number;
  /** Operations that others can notice, each the beginning of a step, and private instructions merged into those steps; looks and repetitions too. */
  readonly instructions: { readonly visible: number; readonly merged: number };
  /** Places taken for private until another CPU touched them. */
  readonly madeVisible: number;
  /** How often the search began again because of that. */
  readonly restarts: number;
  readonly seconds: {
    readonly compiling: number;
    readonly exploring: number;
    readonly shortening: number;
  };
  /** Memory for all that is kept of a state; null in the stateless search, which keeps none. */
  readonly bytesPerState: number | null;
  /** Memory for all that is kept of one execution, for each step of the deepest; null in the graph search. */
  readonly bytesPerStep: number | null;
}

/** What an execution costs in IPIs: the most of those looked at, each count for itself. */
export interface IpiRounds {
  /** Waited cross-CPU calls and TLB flushes that sent at least one IPI. */
  readonly total: number;
  /** Those begun while their CPU held a page-table lock. */
  readonly underPtl: number;
  /** `all`: every execution up to equivalence, or as many as were explored. `one`: each CPU going as far as it can before the next. */
  readonly executions: 'all' | 'one';
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
  /** Null where nothing was searched. */
  readonly ipiRounds: IpiRounds | null;
  readonly assumptions: Assumptions;
  /** Null where nothing was searched. */
  readonly search: SearchReport | null;
  readonly counterexample: Counterexample | null;
}
