// SPDX-License-Identifier: Apache-2.0
/*
 * Radix: tlbie reaches the TLBs of all CPUs and waits for hardware, for no
 * software. Hash: TLBs hold what the hash table holds; nothing here looks at it.
 */
#ifndef _ASM_POWERPC_TLBFLUSH_H
#define _ASM_POWERPC_TLBFLUSH_H

#include <linux/mm_types.h>

#define TLB_FLUSH_ALL (-1UL)

/* The whole address space, tables as well as pages. */
void flush_all_mm(struct mm_struct *mm);

#define flush_tlb_mm(mm) flush_all_mm(mm)
static inline void flush_tlb_range(struct vm_area_struct *vma, unsigned long start,
				   unsigned long end)
{
	(void)start, (void)end;
	flush_all_mm(vma->vm_mm);
}
static inline void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr)
{
	(void)addr;
	flush_all_mm(vma->vm_mm);
}

#endif
