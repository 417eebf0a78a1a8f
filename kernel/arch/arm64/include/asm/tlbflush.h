// SPDX-License-Identifier: Apache-2.0
/*
 * TLBI with the inner-shareable domain: the instruction reaches the TLBs of
 * all CPUs, the DSB after it waits until they have let go of their entries.
 * Nobody is interrupted, mm_cpumask is not kept, and a CPU that walks page
 * tables in software with interrupts off is not waited for.
 */
#ifndef _ASM_ARM64_TLBFLUSH_H
#define _ASM_ARM64_TLBFLUSH_H

#include <linux/mm_types.h>

#define TLB_FLUSH_ALL (-1UL)

/* What is wider is flushed as the whole mm. */
#define MAX_DVM_OPS 512

void flush_tlb_mm(struct mm_struct *mm);
void flush_tlb_page(struct vm_area_struct *vma, unsigned long uaddr);

/* last_level: only leaves were changed, what leads to them may stay cached. */
void __flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       unsigned long stride, bool last_level);

/* By tables as well as leaves: entries that are cleared here may point to tables. */
static inline void flush_tlb_range(struct vm_area_struct *vma, unsigned long start,
				   unsigned long end)
{
	__flush_tlb_range(vma, start, end, PAGE_SIZE, false);
}

#endif
