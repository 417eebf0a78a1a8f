import type { Space } from '../explore/system.ts';

/** The spaces of the machine's footprints; the numbers index `SPACES`. */
export const SPACE = {
  /** Physical memory, as offsets in the machine's own memory: two mappings of a frame are one place. */
  bytes: 0,
  /** Allocated, free or freed, per frame. */
  life: 1,
  /** Free frames, per zone. */
  freelist: 2,
  /** Interrupt flag, per CPU. */
  irq: 3,
  /** Interrupts sent and not delivered, per CPU. */
  pending: 4,
  /** Acknowledgements missing, per sender * 64 + target. */
  acked: 5,
  /** An interrupt that runs code keeps what it interrupted from going on, per CPU and depth: `controlCell`. */
  control: 6,
  /** Start of grace periods. */
  epoch: 7,
  /** RCU readers, per CPU. */
  reader: 8,
  /** Callbacks, per creator and number. */
  callback: 9,
  /** Budgets that choices draw on. */
  budget: 10,
  /** A choice of the program's own, per context. */
  choice: 11,
  /** Stores on their way to memory, per context * 65536 + number. */
  buffer: 12,
  /** Stores that have reached memory, by the same numbers. Not strict: a load of bytes that come in parts passes more than it waits for. */
  stores: 13,
  /** What a CPU's TLB and paging-structure caches may hold, per CPU. */
  tlb: 14,
  /** A non-maskable interrupt is under way, per CPU. */
  nmi: 15,
  /** A store has halted its context where it arrived. */
  halted: 16,
} as const;

export const SPACES: readonly Space[] = [
  { name: 'memory', kind: 'bytes' },
  { name: 'frame life', kind: 'cell' },
  { name: 'free list', kind: 'cell' },
  { name: 'interrupt flag', kind: 'gate', strict: true },
  { name: 'pending interrupts', kind: 'cell' },
  { name: 'acknowledgements', kind: 'gate' },
  { name: 'control', kind: 'gate', strict: true },
  { name: 'grace-period epoch', kind: 'cell' },
  { name: 'RCU reader', kind: 'gate' },
  { name: 'callback', kind: 'cell' },
  { name: 'budget', kind: 'cell' },
  { name: 'choice', kind: 'cell' },
  { name: 'store buffer', kind: 'gate', strict: true },
  { name: 'store in memory', kind: 'gate' },
  { name: 'TLB', kind: 'cell' },
  { name: 'NMI', kind: 'gate' },
  { name: 'halted', kind: 'gate' },
];

/** Interrupts that run code, one on top of the other, on one CPU: an NMI is the topmost. */
export const HANDLER_LEVELS = 2;
export const INTERRUPT_LEVELS: number = HANDLER_LEVELS + 1;

/** What runs on a CPU with `depth` interrupts below it passes this; its own interrupts close it. */
export function controlCell(cpu: number, depth: number): number {
  return cpu * (INTERRUPT_LEVELS + 1) + depth;
}

/** The cell of a context's store in the spaces of stores. */
export function storeCell(context: number, number: number): number {
  return context * STORES_PER_CONTEXT + number;
}

export const STORES_PER_CONTEXT = 0x10000;
