// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_S390_TLB_H
#define _ASM_S390_TLB_H

#include <linux/mm.h>
#include <asm/tlbflush.h>

struct mmu_gather;

void __tlb_remove_table(void *table);

#define tlb_flush tlb_flush
#define pte_free_tlb pte_free_tlb
#define pmd_free_tlb pmd_free_tlb
static inline void tlb_flush(struct mmu_gather *tlb);

/* No TLB has the page any more: it goes at once, and nothing fills up. */
static inline bool __tlb_remove_page_size(struct mmu_gather *tlb, struct page *page,
					  int page_size)
{
	(void)tlb, (void)page_size;
	put_page(page);
	return false;
}

#include <asm-generic/tlb.h>

static inline void tlb_flush(struct mmu_gather *tlb)
{
	__tlb_flush_mm_lazy(tlb->mm);
}

/* The entry above was cleared without a flush: one is owed. */
static inline void pte_free_tlb(struct mmu_gather *tlb, pgtable_t pte, unsigned long address)
{
	__tlb_adjust_range(tlb, address, PAGE_SIZE);
	tlb->mm->context.flush_mm = 1;
	tlb->freed_tables = 1;
	tlb->cleared_pmds = 1;
	tlb_remove_table(tlb, pte);
}

static inline void pmd_free_tlb(struct mmu_gather *tlb, pmd_t *pmd, unsigned long address)
{
	__tlb_adjust_range(tlb, address, PAGE_SIZE);
	tlb->mm->context.flush_mm = 1;
	tlb->freed_tables = 1;
	tlb->cleared_puds = 1;
	tlb_remove_table(tlb, pmd);
}

#endif
