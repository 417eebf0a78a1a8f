import { compilerBarrier } from '../asm.ts';
import { type Arch, frameRun, GIB, perCpuVariables, SWITCHED_OFF } from './arch.ts';
import { powerpcTables } from './powerpc-page-table.ts';

/**
 * powerpc, 64 bits, little-endian, book3s64, pages of 4 KiB. The kernel's image
 * lies in the linear map; page-table entries are big-endian all the same.
 * Source: arch/powerpc/include/asm/book3s/64/radix.h (6.12).
 */
export const powerpc: Arch = {
  name: 'powerpc',
  target: {
    pointerBits: 64,
    littleEndian: true,
    functionBase: 0xc000000000010000n,
    dataBase: 0xc000000001000000n,
    perCpuBase: 0xc000000002000000n,
    perCpuStride: 0x40000,
  },
  atomicBytes: 8,
  directMap: 0xc000000000000000n,
  directMapEnd: 64n * GIB,
  pageArray: 0xc00c000000000000n,
  kmapBase: null,
  heapBase: 0x3000000n,
  stackBase: 0x5000000n,
  frames: {
    normal: [...frameRun(0x4000000n, 6), GIB * 5n, GIB * 9n, GIB],
    high: [],
  },
  variables: { ...SWITCHED_OFF, ...perCpuVariables(8, 0x40000) },
  flush: {
    native: 'radix__flush_tlb_collapsed_pmd: tlbie',
    hash: 'flush_hash_table_pmd_range: tlbie',
  },
  // The software's mask: IRQS_DISABLED.
  savedFlags: { on: 0n, off: 1n },
  assembly: compilerBarrier,
  entryPresent: 1,
  pageTables: powerpcTables,
};
