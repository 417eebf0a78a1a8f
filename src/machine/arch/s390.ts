import { compilerBarrier } from '../asm.ts';
import { type Arch, frameRun, GIB, perCpuVariables, SWITCHED_OFF } from './arch.ts';
import { s390Tables } from './s390-page-table.ts';

/** Distance of the frames: a region or segment table has an address aligned to 16 KiB, of which the kernel here uses one page. */
const CRST_TABLE_BYTES = 0x4000;

/**
 * s390, 64 bits, no KASLR: memory is mapped where it is, the kernel's image
 * above it. The only big-endian one. Source: arch/s390/boot/startup.c,
 * setup_kernel_memory_layout (6.12).
 */
export const s390: Arch = {
  name: 's390',
  target: {
    pointerBits: 64,
    littleEndian: false,
    functionBase: 0x3ffe0000000n,
    dataBase: 0x3ffe1000000n,
    perCpuBase: 0x3ffe2000000n,
    perCpuStride: 0x40000,
  },
  atomicBytes: 8,
  directMap: 0n,
  directMapEnd: 64n * GIB,
  pageArray: 0x3ff00000000n,
  kmapBase: null,
  heapBase: 0x3000000n,
  stackBase: 0x5000000n,
  frames: {
    normal: [...frameRun(0x4000000n, 6, CRST_TABLE_BYTES), GIB * 5n, GIB * 9n, GIB],
    high: [],
  },
  variables: {
    ...SWITCHED_OFF,
    ...perCpuVariables(8, 0x40000),
    vmemmap: { size: 8, value: 0x3ff00000000n },
    // Where the image lies, virtual and physical; where memory is mapped, and how much.
    vm_layout: {
      size: 32,
      value: 0x3ffe0000000n | ((64n * GIB) << 192n),
      elementBytes: 8,
    },
  },
  flush: { native: 'pmdp_xchg_direct: IDTE' },
  // The system mask is the first byte of what is saved: I/O and external interrupts.
  savedFlags: { on: 3n << 56n, off: 0n },
  assembly: compilerBarrier,
  entryPresent: 1,
  pageTables: s390Tables,
};
