/** The language of the toy multiprocessor's programs. */

/** What a handler does besides acknowledging. A handler that changes its CPU's register is not inert. */
export type Handler =
  | { readonly do: 'ack' }
  | { readonly do: 'store'; readonly to: number; readonly value: number }
  | { readonly do: 'set-register'; readonly register: number; readonly value: number }
  // Runs code, a step for each instruction and one for the return, while what it interrupts
  // stands still with interrupts off. It has registers of its own. No sends, callbacks or masks.
  | { readonly do: 'run'; readonly code: readonly Instruction[] };

/** What a callback does at the end of its grace period. */
export type Callback =
  | { readonly do: 'store'; readonly to: number; readonly value: number }
  | { readonly do: 'free'; readonly register: number };

/** Locations are 2 bytes; `half` 0 or 1 names one of them. Registers belong to their CPU. */
export type Instruction =
  | { readonly op: 'store'; readonly to: number; readonly value: number; readonly half?: number }
  | { readonly op: 'store-register'; readonly to: number; readonly register: number }
  | {
      readonly op: 'load';
      readonly from: number;
      readonly register: number;
      readonly half?: number;
    }
  // Wider than what is read at once: its low half, then its high half as another step.
  | { readonly op: 'load-halves'; readonly from: number; readonly register: number }
  | {
      readonly op: 'fetch-add';
      readonly to: number;
      readonly value: number;
      readonly register: number;
    }
  | { readonly op: 'add'; readonly to: number; readonly value: number; readonly class?: number }
  | {
      readonly op: 'compare-exchange';
      readonly to: number;
      readonly old: number;
      readonly value: number;
      readonly register: number;
    }
  | { readonly op: 'await'; readonly from: number; readonly value: number }
  // Passes two places at once: locations 0 and 1.
  | { readonly op: 'await-both'; readonly value: number }
  // What these touch depends on what they find: location `from` says, by its lowest bit, which location is meant.
  | { readonly op: 'load-through'; readonly from: number; readonly register: number }
  | { readonly op: 'store-through'; readonly from: number; readonly value: number }
  | { readonly op: 'lock'; readonly lock: number }
  | { readonly op: 'unlock'; readonly lock: number }
  | { readonly op: 'trylock'; readonly lock: number; readonly register: number }
  // A lock for many readers or one writer: its gate is not strict, since a reader who leaves may open it for nobody.
  | { readonly op: 'down-read' }
  | { readonly op: 'up-read' }
  | { readonly op: 'down-write' }
  | { readonly op: 'up-write' }
  | { readonly op: 'cli' }
  | { readonly op: 'sti' }
  | {
      readonly op: 'send';
      readonly targets: readonly number[];
      readonly handler: Handler;
      readonly waited: boolean;
    }
  | { readonly op: 'wait-acks' }
  | { readonly op: 'read-lock' }
  | { readonly op: 'read-unlock' }
  // A reader too, as everything that keeps its CPU from being preempted.
  | { readonly op: 'preempt-off' }
  | { readonly op: 'preempt-on' }
  | { readonly op: 'call-rcu'; readonly callback: Callback }
  | { readonly op: 'alloc'; readonly register: number; readonly mayFail?: boolean }
  | { readonly op: 'use'; readonly register: number }
  | { readonly op: 'free'; readonly register: number }
  | { readonly op: 'choose'; readonly register: number; readonly count: number }
  | { readonly op: 'choose-up-to'; readonly register: number; readonly from: number }
  | { readonly op: 'check'; readonly register: number; readonly not: number }
  | {
      readonly op: 'skip-unless';
      readonly register: number;
      readonly value: number;
      readonly count: number;
    };

export interface Program {
  readonly cpus: readonly (readonly Instruction[])[];
  readonly locations: number;
  readonly locks?: number;
  readonly frames?: number;
  /** Streams that may stay away for ever: hardware, a preemption. Numbers of CPUs. */
  readonly optional?: readonly number[];
  readonly initial?: readonly number[];
}
