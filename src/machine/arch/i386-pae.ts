import { type Arch, frameRun, GIB, perCpuVariables, SWITCHED_OFF } from './arch.ts';
import { X86_SAVED_FLAGS, x86Effect } from './x86-asm.ts';
import { x86TablesPae } from './x86-page-table.ts';

/**
 * i386 with PAE, HIGHMEM64G and FLATMEM. Frames at X + 4 GiB and X + 8 GiB
 * come before X: a torn entry needs two tables that agree in the low half of
 * an entry and differ in the high half, both halves not 0.
 * Source: arch/x86/include/asm/pgtable_32_areas.h, page_32.h (6.12).
 */
export const i386Pae: Arch = {
  name: 'i386-pae',
  target: {
    pointerBits: 32,
    littleEndian: true,
    functionBase: 0xc1000000n,
    dataBase: 0xc2000000n,
    perCpuBase: 0xc2800000n,
    perCpuStride: 0x40000,
  },
  atomicBytes: 4,
  directMap: 0xc0000000n,
  directMapEnd: 0x377fe000n,
  pageArray: 0xd0000000n,
  kmapBase: 0xffc00000n,
  heapBase: 0x3000000n,
  stackBase: 0x5000000n,
  frames: {
    normal: frameRun(0x4000000n, 6),
    high: [GIB * 5n, GIB * 9n, GIB],
  },
  variables: {
    ...SWITCHED_OFF,
    ...perCpuVariables(4, 0x40000),
    mem_map: { size: 4, value: 0xd0000000n },
    __default_kernel_pte_mask: { size: 8, value: 0xffffffffffffffffn },
    __supported_pte_mask: { size: 8, value: 0xffffffffffffffffn },
    // Statistics of the only node; nothing here depends on them.
    contig_page_data: { size: 16384, value: 0n },
  },
  savedFlags: X86_SAVED_FLAGS,
  assembly: x86Effect,
  entryPresent: 1,
  pageTables: x86TablesPae,
};
