import { compilerBarrier } from '../asm.ts';
import { type Arch, frameRun, GIB, perCpuVariables, SWITCHED_OFF } from './arch.ts';
import { riscvTables } from './riscv-page-table.ts';

/**
 * rv64 with Sv48 and SMP; memory begins at physical address 0.
 * Source: Documentation/arch/riscv/vm-layout.rst (6.12).
 */
export const riscv: Arch = {
  name: 'riscv',
  target: {
    pointerBits: 64,
    littleEndian: true,
    functionBase: 0xffffffff80000000n,
    dataBase: 0xffffffff82000000n,
    perCpuBase: 0xffffffff90000000n,
    perCpuStride: 0x40000,
  },
  atomicBytes: 8,
  directMap: 0xffffaf8000000000n,
  directMapEnd: 64n * GIB,
  pageArray: 0xffff8d8000000000n,
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
    vmemmap_start_pfn: { size: 8, value: 0n },
  },
  flush: { sbi: 'sbi_remote_sfence_vma_asid: the firmware' },
  // sstatus.SIE.
  savedFlags: { on: 0x2n, off: 0n },
  assembly: compilerBarrier,
  entryPresent: 1,
  pageTables: riscvTables,
};
