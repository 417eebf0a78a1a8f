import { UnsupportedError } from '../violation.ts';
import type { Platform } from './platform.ts';

/**
 * A platform that is in no real tree which can be built, so that its flush is
 * always linked code of the built-in kernel's: the border is never reached.
 */
function flushedByCode(
  name: string,
  standsFor: string,
  more: Pick<Platform, 'withoutWalker'> = {},
): Platform {
  return {
    name,
    standsFor,
    ...more,
    flush(call) {
      throw new UnsupportedError(`${call.name} on ${name}: the kernel there has no such border`);
    },
    describeFlush: (call) => call.name,
  };
}

/**
 * riscv where remote fences are the firmware's: a call to it names the CPUs of
 * mm_cpumask, and it interrupts them in machine mode, which no masking of the
 * kernel's stops. So no IPI reaches the kernel, and no CPU that has interrupts
 * off is waited for. Source: __flush_tlb_range, arch/riscv/mm/tlbflush.c,
 * sbi_remote_sfence_vma_asid, arch/riscv/kernel/sbi.c (6.12).
 */
export const sbi: Platform = flushedByCode('sbi', '__flush_tlb_range, sbi_remote_sfence_vma_asid');

/**
 * powerpc with the hash MMU. Clearing a PMD that led to a table is followed by
 * a waited IPI to the other CPUs of mm_cpumask, for the sake of those that look
 * at a PTE with interrupts off; its handler does nothing. The TLBs themselves
 * are flushed by an instruction. Source: serialize_against_pte_lookup,
 * arch/powerpc/mm/book3s64/pgtable.c (6.12).
 */
export const hash: Platform = flushedByCode(
  'hash',
  'serialize_against_pte_lookup, smp_call_function_many',
  {
    withoutWalker:
      'its hardware looks translations up in a hash table that faults fill, and does not walk the tables of an mm; choose platform native (radix)',
  },
);
