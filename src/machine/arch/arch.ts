import type { Target } from '../../program/target.ts';
import type { AsmEffect } from '../asm.ts';
import type { PageTableFormat } from './page-table.ts';

/** A variable with the value that boot would leave in it. */
export interface BootVariable {
  readonly size: number;
  readonly value: bigint;
  /** One copy per CPU. */
  readonly perCpu?: boolean;
  /** An array: the lowest bits of `value` are its first element, whatever the byte order. One element where not given. */
  readonly elementBytes?: number;
}

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
  /** Variables of the kernel that boot gives a value, or whose file is not linked, by name. Sizes in bytes. */
  readonly variables: Readonly<Record<string, BootVariable>>;
  /** Kernel functions that a flush is on a platform, where they are not those that the platform names. */
  readonly flush?: Readonly<Record<string, string>>;
  /** What the kernel's saved flags are while interrupts are on, and while they are off. */
  readonly savedFlags: { readonly on: bigint; readonly off: bigint };
  /** What a template of inline assembly does; null where it is not known. */
  assembly(template: string, constraints: string): AsmEffect | null;
  /** Bit 0 of an entry says present. Used to judge torn entries. */
  readonly entryPresent: number;
  /** What its hardware walker knows; without it no CPU can have page tables loaded. */
  readonly pageTables?: PageTableFormat;
}

export const GIB: bigint = 1n << 30n;
export const PAGE_SIZE = 4096;

/** Static keys and the like that are off on a machine without the feature: zero. */
export const SWITCHED_OFF: Readonly<Record<string, BootVariable>> = Object.fromEntries(
  ['hugetlb_optimize_vmemmap_key', 'secretmem_aops', 'zero_pfn', 'boot_cpu_data'].map((name) => [
    name,
    { size: 512, value: 0n },
  ]),
);

/** Variables that every architecture with per-CPU areas has: the offsets of the copies, and what `current` reads. */
export function perCpuVariables(
  pointerBytes: number,
  stride: number,
): Record<string, BootVariable> {
  const cpus = 16;
  let offsets = 0n;
  for (let cpu = cpus - 1; cpu >= 0; cpu--) {
    offsets = (offsets << BigInt(pointerBytes * 8)) | BigInt((cpu + 1) * stride);
  }
  return {
    __per_cpu_offset: { size: cpus * pointerBytes, value: offsets, elementBytes: pointerBytes },
    // Its first field is current_task; the scenario sets it.
    pcpu_hot: { size: 64, value: 0n, perCpu: true },
  };
}

/** `count` frames from `first` on, `stride` bytes apart. */
export function frameRun(first: bigint, count: number, stride: number = PAGE_SIZE): bigint[] {
  return Array.from({ length: count }, (_, i) => first + BigInt(i * stride));
}
