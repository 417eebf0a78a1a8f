// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_ARM64_TLB_H
#define _ASM_ARM64_TLB_H

struct mmu_gather;

#define tlb_flush tlb_flush
static inline void tlb_flush(struct mmu_gather *tlb);

#include <asm-generic/tlb.h>

/* What a table goes back by, once nobody can walk it any more. */
static inline void __tlb_remove_table(void *table)
{
	put_page(table);
}

/*
 * Where the whole mm goes, only tables need a flush: its ASID is not given out
 * again before all TLBs have been flushed.
 */
static inline void tlb_flush(struct mmu_gather *tlb)
{
	struct vm_area_struct vma = { .vm_mm = tlb->mm };
	bool last_level = !(tlb->freed_tables || tlb->unshared_tables);

	if (tlb->fullmm) {
		if (!last_level)
			flush_tlb_mm(tlb->mm);
		return;
	}
	__flush_tlb_range(&vma, tlb->start, tlb->end, 1UL << tlb_get_unmap_shift(tlb), last_level);
}

static inline void __pte_free_tlb(struct mmu_gather *tlb, pgtable_t pte, unsigned long addr)
{
	(void)addr;
	pagetable_pte_dtor(page_ptdesc(pte));
	tlb_remove_table(tlb, pte);
}
static inline void __pmd_free_tlb(struct mmu_gather *tlb, pmd_t *pmdp, unsigned long addr)
{
	(void)addr;
	tlb_remove_table(tlb, virt_to_page(pmdp));
}

#endif
