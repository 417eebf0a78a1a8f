import type { Target } from '../../program/target.ts';

/** What differs between architectures, as data. One file per architecture, one line in `index.ts`. */
export interface Arch {
  readonly name: string;
  readonly target: Target;
  /** Widest plain access that is one step, in bytes. Wider ones are several. */
  readonly atomicBytes: 4 | 8;
  /** Virtual address of physical address 0 in the direct map, and the first physical address beyond it. */
  readonly directMap: bigint;
  readonly directMapEnd: bigint;
  /** Virtual address of the `struct page` of frame number 0. */
  readonly pageArray: bigint;
  /** Where temporary mappings of frames lie; null where the direct map holds them all. */
  readonly kmapBase: bigint | null;
  /** Physical addresses of the scenario's objects and of the CPUs' stacks. */
  readonly heapBase: bigint;
  readonly stackBase: bigint;
  /** Physical addresses of the frames of the pool, per zone, in the order in which setup takes them. */
  readonly frames: { readonly normal: readonly bigint[]; readonly high: readonly bigint[] };
  /** Variables of the kernel that say where things are, by name. */
  readonly variables: Readonly<Record<string, bigint>>;
  /** The interrupt-enable bit in saved flags. */
  readonly flagsInterrupt: number;
  /** Bit 0 of an entry says present. Used to judge torn entries. */
  readonly entryPresent: number;
}

export const GIB: bigint = 1n << 30n;
export const PAGE_SIZE = 4096;

/** `count` frames from `first` on. */
export function frameRun(first: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => first + BigInt(i * PAGE_SIZE));
}
