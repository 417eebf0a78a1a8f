import { compilerBarrier } from '../asm.ts';
import { type Arch, frameRun, GIB, perCpuVariables, SWITCHED_OFF } from './arch.ts';
import { arm64Tables } from './arm64-page-table.ts';

/**
 * arm64 with pages of 4 KiB and 48 bits of address, no KASLR; memory begins at
 * physical address 0. Source: Documentation/arch/arm64/memory.rst (6.12).
 */
export const arm64: Arch = {
  name: 'arm64',
  target: {
    pointerBits: 64,
    littleEndian: true,
    functionBase: 0xffff800080000000n,
    dataBase: 0xffff800082000000n,
    perCpuBase: 0xffff800090000000n,
    perCpuStride: 0x40000,
  },
  atomicBytes: 8,
  directMap: 0xffff000000000000n,
  directMapEnd: 64n * GIB,
  pageArray: 0xfffffdffc0000000n,
  kmapBase: null,
  heapBase: 0x3000000n,
  stackBase: 0x5000000n,
  frames: {
    normal: [...frameRun(0x4000000n, 6), GIB * 5n, GIB * 9n, GIB],
    high: [],
  },
  variables: {
    ...SWITCHED_OFF,
    ...perCpuVariables(8, 0x40000),
    memstart_addr: { size: 8, value: 0n },
  },
  flush: { native: 'flush_tlb_range: TLBI, DSB' },
  // DAIF: interrupts and fast interrupts are masked together.
  savedFlags: { on: 0n, off: 0xc0n },
  assembly: compilerBarrier,
  entryPresent: 1,
  pageTables: arm64Tables,
};
