import { type Arch, frameRun, GIB, perCpuVariables, SWITCHED_OFF } from './arch.ts';
import { X86_SAVED_FLAGS, x86Effect } from './x86-asm.ts';
import { x86Tables4Level } from './x86-page-table.ts';

/** x86_64 with 4-level paging, no KASLR. Source: Documentation/arch/x86/x86_64/mm.rst (6.12). */
export const x86_64: Arch = {
  name: 'x86_64',
  target: {
    pointerBits: 64,
    littleEndian: true,
    functionBase: 0xffffffff81000000n,
    dataBase: 0xffffffff82000000n,
    perCpuBase: 0xffffffff90000000n,
    perCpuStride: 0x40000,
  },
  atomicBytes: 8,
  directMap: 0xffff888000000000n,
  directMapEnd: 64n * GIB,
  pageArray: 0xffffea0000000000n,
  kmapBase: null,
  heapBase: 0x3000000n,
  stackBase: 0x5000000n,
  frames: {
    // Tables first, then frames that agree in their low 32 bits.
    normal: [...frameRun(0x4000000n, 6), GIB * 5n, GIB * 9n, GIB],
    high: [],
  },
  variables: {
    ...SWITCHED_OFF,
    ...perCpuVariables(8, 0x40000),
    page_offset_base: { size: 8, value: 0xffff888000000000n },
    vmemmap_base: { size: 8, value: 0xffffea0000000000n },
    phys_base: { size: 8, value: 0n },
    __default_kernel_pte_mask: { size: 8, value: 0xffffffffffffffffn },
    __supported_pte_mask: { size: 8, value: 0xffffffffffffffffn },
    // 4-level paging.
    pgdir_shift: { size: 4, value: 39n },
    ptrs_per_p4d: { size: 4, value: 1n },
    // Nodes: only handed on, to statistics that are stubs.
    node_data: { size: 512, value: 0n },
    __pgtable_l5_enabled: { size: 4, value: 0n },
  },
  savedFlags: X86_SAVED_FLAGS,
  assembly: x86Effect,
  entryPresent: 1,
  pageTables: x86Tables4Level,
};
