import { type Arch, frameRun, GIB } from './arch.ts';

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
    page_offset_base: 0xffff888000000000n,
    vmemmap_base: 0xffffea0000000000n,
    phys_base: 0n,
  },
  flagsInterrupt: 0x200,
  entryPresent: 1,
};
