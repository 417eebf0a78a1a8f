import type { Machine } from '../machine.ts';

/**
 * Where loads and stores of a CPU meet memory. One file per memory model, one
 * line in `index.ts`. Interrupt flags, IPIs and allocation state are machine
 * state and none of its business: masking interrupts is not a store.
 */
export interface MemoryModel {
  readonly name: string;

  /** A plain load: the value into `machine.low`, `high`, `shadow`. Returns false, with its guard logged, where it must wait. */
  load(machine: Machine, context: number, at: number, size: number, pointerShadow: number): boolean;

  /** A plain store. `opens`: it is a lock word's release. */
  store(machine: Machine, context: number, store: PlainStore): void;

  /** A handler on CPU `context` releases its sender: a plain store, behind those before it. */
  acknowledge(machine: Machine, context: number, sender: number): void;

  /** The guard of the context's own operations that wait until its stores are in memory: locked ones, fences. */
  passDrained(machine: Machine, context: number): boolean;

  /** The same guard for somebody else: an interrupt is taken when the stores are in memory. */
  passDrainedFrom(machine: Machine, context: number): boolean;

  /**
   * Whether the context has issued stores since it last waited for them all:
   * its next locked operation or fence is a step of its own then. Whether
   * they happen to have arrived must not matter, or what is one step would
   * depend on when they did.
   */
  isUnfenced(machine: Machine, context: number): boolean;

  /** Whether stores of a context are on their way. */
  isPending(machine: Machine, context: number): boolean;

  /** What eight aligned bytes are now to the context itself, its stores on their way included. */
  ownView(machine: Machine, context: number, at: number): { low: number; high: number };

  /** Brings a context's oldest pending store to memory. */
  drain(machine: Machine, context: number): void;

  /** The oldest pending store, for traces; null for none. */
  oldest(machine: Machine, context: number): PendingStore | null;
}

export interface PendingStore {
  readonly at: number;
  readonly low: number;
  readonly high: number;
  /** The CPU that it releases from its wait for an answer, -1 for none; then the rest means nothing. */
  readonly answers: number;
}

export interface PlainStore {
  readonly at: number;
  readonly size: number;
  readonly low: number;
  readonly high: number;
  readonly shadow: number;
  readonly pointerShadow: number;
  readonly opens: boolean;
  /** User space's, through a translation: its page may be gone when the store arrives. */
  readonly isUser?: boolean;
}
