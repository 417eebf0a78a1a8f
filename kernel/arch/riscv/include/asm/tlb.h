// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_TLB_H
#define _ASM_RISCV_TLB_H

struct mmu_gather;

#define tlb_flush tlb_flush
static inline void tlb_flush(struct mmu_gather *tlb);

#include <asm-generic/tlb.h>

/* What a table goes back by, once nobody can walk it any more. */
static inline void __tlb_remove_table(void *table)
{
	put_page(table);
}

/* A fence with an address is of leaves only: where tables went, it has to be of all. */
static inline void tlb_flush(struct mmu_gather *tlb)
{
	if (tlb->fullmm || tlb->need_flush_all || tlb->freed_tables)
		flush_tlb_mm(tlb->mm);
	else
		flush_tlb_mm_range(tlb->mm, tlb->start, tlb->end,
				   1U << tlb_get_unmap_shift(tlb));
}

/*
 * A flush by IPI has waited for walkers: tables then go with the pages. The
 * firmware's waits for nobody in the kernel: then they go through RCU.
 */
static inline void riscv_tlb_remove_ptdesc(struct mmu_gather *tlb, struct page *table)
{
	if (riscv_use_sbi_for_rfence())
		tlb_remove_table(tlb, table);
	else
		tlb_remove_page(tlb, table);
}

static inline void __pte_free_tlb(struct mmu_gather *tlb, pgtable_t pte, unsigned long addr)
{
	(void)addr;
	pagetable_pte_dtor(page_ptdesc(pte));
	riscv_tlb_remove_ptdesc(tlb, pte);
}
static inline void __pmd_free_tlb(struct mmu_gather *tlb, pmd_t *pmd, unsigned long addr)
{
	(void)addr;
	riscv_tlb_remove_ptdesc(tlb, virt_to_page(pmd));
}

#endif
