import { UnsupportedError } from '../violation.ts';
import type { Platform } from './platform.ts';

/**
 * riscv where remote fences are the firmware's: a call to it names the CPUs of
 * mm_cpumask, and it interrupts them in machine mode, which no masking of the
 * kernel's stops. So no IPI reaches the kernel, and no CPU that has interrupts
 * off is waited for. Its flush is C of the built-in kernel, and has no border.
 * Source: __flush_tlb_range, arch/riscv/mm/tlbflush.c,
 * sbi_remote_sfence_vma_asid, arch/riscv/kernel/sbi.c (6.12).
 */
export const sbi: Platform = {
  name: 'sbi',
  architectures: ['riscv'],
  standsFor: '__flush_tlb_range, sbi_remote_sfence_vma_asid',
  flush(call) {
    throw new UnsupportedError(`${call.name} on sbi: the kernel flushes by calls to the firmware`);
  },
  describeFlush: (call) => call.name,
};
