// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_POWERPC_TLB_H
#define _ASM_POWERPC_TLB_H

#include <asm/pgalloc.h>

struct mmu_gather;

#define tlb_flush tlb_flush
static inline void tlb_flush(struct mmu_gather *tlb);
/* Hash does not walk the kernel's tables. */
#define tlb_needs_table_invalidate() radix_enabled()

#include <asm-generic/tlb.h>

static inline void tlb_flush(struct mmu_gather *tlb)
{
	tlb_flush_gathered(tlb->mm, tlb->start, tlb->end, tlb->page_size,
			   tlb->fullmm || tlb->need_flush_all, tlb->freed_tables);
}

/* Of every kind: each is a page here. */
static inline void __tlb_remove_table(void *table) { pte_fragment_free(table); }

static inline void __pte_free_tlb(struct mmu_gather *tlb, pgtable_t pte, unsigned long addr)
{
	(void)addr;
	tlb_remove_table(tlb, pte);
}
static inline void __pmd_free_tlb(struct mmu_gather *tlb, pmd_t *pmdp, unsigned long addr)
{
	(void)addr;
	tlb_remove_table(tlb, pmdp);
}

#endif
