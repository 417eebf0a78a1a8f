// SPDX-License-Identifier: Apache-2.0
/*
 * The instructions that invalidate an entry also clear what TLBs have of it, on
 * all CPUs, before they end: no software is interrupted or waited for. So
 * clearing an entry is the flush, and the functions with that name do something
 * only where the clear did not, because nobody else was attached.
 */
#ifndef _ASM_S390_TLBFLUSH_H
#define _ASM_S390_TLBFLUSH_H

#include <linux/mm_types.h>

void __tlb_flush_mm(struct mm_struct *mm);

static inline void __tlb_flush_mm_lazy(struct mm_struct *mm)
{
	spin_lock(&mm->context.lock);
	if (mm->context.flush_mm) {
		mm->context.flush_mm = 0;
		__tlb_flush_mm(mm);
	}
	spin_unlock(&mm->context.lock);
}

#define flush_tlb_page(vma, addr) do { (void)(vma), (void)(addr); } while (0)

static inline void flush_tlb_mm(struct mm_struct *mm)
{
	__tlb_flush_mm_lazy(mm);
}

static inline void flush_tlb_range(struct vm_area_struct *vma, unsigned long start,
				   unsigned long end)
{
	(void)start, (void)end;
	__tlb_flush_mm_lazy(vma->vm_mm);
}

#endif
