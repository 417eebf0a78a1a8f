import type { FrameInfo } from './address-space.ts';
import { EntryHistory } from './entry-history.ts';
import { ROUND_WORDS } from './rounds.ts';
import { INTERRUPT_LEVELS } from './spaces.ts';

/**
 * Where each cell of the machine's state lies in the word array, and each
 * place of the watch. One home for the layout: memory and its shadow come
 * first, then the cells, then the contexts.
 */

/** Callbacks that one CPU can queue in an execution. */
export const CALLBACKS_PER_CPU = 2;
/** Locks that one context can hold. */
export const HELD_LOCKS = 8;
/** Marks one that others may hold too. */
export const HELD_SHARED = 0x80000000;
/** Interrupts that can be pending at one CPU, and the words of each. */
export const PENDING = 8;
export const PENDING_WORDS = 6;
/** Words of a callback: function + 1, argument (3), readers waited for now, readers at first, whether they have left. */
export const CALLBACK_WORDS = 7;
/** Temporary mappings of one context. */
export const KMAP_SLOTS = 16;
/** Stores of one context that can be on their way to memory, and the words of each. */
export const BUFFER_ENTRIES = 32;
export const BUFFER_WORDS = 7;
/** The word of a store's entry that says whether it releases a lock; word 0 is where it goes. */
export const BUFFER_OPENS = 6;
/** Counts that go with spinning: the actor of the chain, entries of each list, where the chain begins. */
export const SPIN_COUNTS = ['actor', 'base', 'arrivals', 'footprints', 'guards'] as const;
export type SpinCount = (typeof SPIN_COUNTS)[number];
/** Translations that one CPU can have cached, the words of each, and of a CPU's root before them. */
export const TLB_ENTRIES = 128;
export const TLB_ENTRY_WORDS = 6;
export const TLB_HEADER = 4;
export const TLB_WORDS: number = TLB_HEADER + TLB_ENTRIES * TLB_ENTRY_WORDS;
/** Translations that secondary MMUs can have, and the words of each. */
export const SECONDARY_ENTRIES = 8;
export const SECONDARY_WORDS = 5;
/** Words of a context: header and frames. */
export const CONTEXT_WORDS: number = 1 << 14;

export interface CellLayout {
  readonly shadow: number;
  readonly life: number;
  readonly irqOff: number;
  readonly preempt: number;
  readonly rcuNest: number;
  readonly held: number;
  readonly pending: number;
  readonly missing: number;
  /** Per context: it has sent a call and not yet waited for its end. */
  readonly lending: number;
  /** Per CPU: NMIs that may still strike, and whether one is under way. */
  readonly nmi: number;
  readonly callback: number;
  /** Whether a store of the context's went wrong where it arrived, per context. */
  readonly halted: number;
  readonly callbackCount: number;
  readonly syncWait: number;
  /** Per grace period (callbacks, then synchronize_rcu by context) and context: stores that must be in memory before it ends. */
  readonly rcuStores: number;
  readonly budget: number;
  readonly kmap: number;
  readonly heapUsed: number;
  readonly history: number;
  /** Whether page tables are loaded at all, then root and cached entries per CPU. */
  readonly tlb: number;
  /** How many translations secondary MMUs have, and these. */
  readonly secondary: number;
  /** Counts of rounds of IPIs: undone like the rest, and in no key. */
  readonly rounds: number;
  /** From here to `contexts`: what spinning streams wait for, and store buffers. State keys write these in a form of their own. */
  readonly spin: number;
  readonly spinCounts: number;
  /** Stores issued and stores drained, per context, and the entries between, as a ring. */
  readonly storesIssued: number;
  readonly storesDrained: number;
  /** Stores issued before the last wait for all of them, per context. */
  readonly storesFenced: number;
  readonly buffer: number;
  readonly contexts: number;
  /** Words in all. */
  readonly words: number;
}

/** Streams of instructions: a context's own, by its number; then each CPU's interrupts, by their depth. */
export function streamCount(cpuCount: number, contextCount: number): number {
  return contextCount + cpuCount * INTERRUPT_LEVELS;
}

/** Lays the cells out behind `memoryBytes` of memory and as much of shadow. */
export function layCells(
  memoryBytes: number,
  frames: readonly FrameInfo[],
  cpuCount: number,
  contextCount: number,
  keepsHistory: boolean,
): CellLayout {
  let next = memoryBytes / 2;
  const take = (count: number): number => {
    const at = next;
    next += count;
    return at;
  };
  const cells = {
    shadow: memoryBytes / 4,
    life: take(frames.length),
    irqOff: take(contextCount),
    preempt: take(contextCount),
    rcuNest: take(contextCount),
    held: take(contextCount * HELD_LOCKS),
    pending: take(cpuCount * (1 + PENDING * PENDING_WORDS)),
    missing: take(contextCount),
    lending: take(contextCount),
    nmi: take(cpuCount * 2),
    callback: take(cpuCount * CALLBACKS_PER_CPU * CALLBACK_WORDS),
    callbackCount: take(cpuCount),
    halted: take(contextCount),
    syncWait: take(contextCount * 2),
    rcuStores: take((cpuCount * CALLBACKS_PER_CPU + contextCount) * contextCount),
    budget: take(1),
    kmap: take(contextCount * KMAP_SLOTS),
    heapUsed: take(1),
    history: take(keepsHistory ? EntryHistory.WORDS : 0),
    tlb: take(1 + cpuCount * TLB_WORDS),
    secondary: take(1 + SECONDARY_ENTRIES * SECONDARY_WORDS),
    rounds: take(ROUND_WORDS),
    spin: take(streamCount(cpuCount, contextCount)),
    spinCounts: take(SPIN_COUNTS.length),
    storesIssued: take(contextCount),
    storesDrained: take(contextCount),
    storesFenced: take(contextCount),
    buffer: take(contextCount * BUFFER_ENTRIES * BUFFER_WORDS),
  };
  return { ...cells, contexts: next, words: next + contextCount * CONTEXT_WORDS };
}

/** Places of the watch: one per eight bytes of memory, then these. */
export interface PlaceLayout {
  readonly life: number;
  readonly irq: number;
  readonly rcu: number;
  readonly control: number;
  /** Per context. */
  readonly halted: number;
  /** Per eight bytes: wide loads come in halves there. */
  readonly halves: number;
  /** What a CPU may have cached. */
  readonly tlb: number;
  readonly count: number;
}

export function layPlaces(
  memoryBytes: number,
  frameCount: number,
  cpuCount: number,
  contextCount: number,
): PlaceLayout {
  const life = memoryBytes >> 3;
  const irq = life + frameCount;
  const rcu = irq + cpuCount;
  const control = rcu + 1;
  const halted = control + cpuCount;
  const halves = halted + contextCount;
  const tlb = halves + (memoryBytes >> 3);
  return { life, irq, rcu, control, halted, halves, tlb, count: tlb + cpuCount };
}
