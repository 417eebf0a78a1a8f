// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_PGALLOC_H
#define _ASM_X86_PGALLOC_H

#include <linux/mm.h>

#define __HAVE_ARCH_PTE_ALLOC_ONE
#include <asm-generic/pgalloc.h>

pgtable_t pte_alloc_one(struct mm_struct *mm);

struct mmu_gather;

/* Unlinked tables, on their way out through a gather. */
void ___pte_free_tlb(struct mmu_gather *tlb, struct page *pte);
void ___pmd_free_tlb(struct mmu_gather *tlb, pmd_t *pmd);
#define __pte_free_tlb(tlb, pte, address) ___pte_free_tlb(tlb, pte)
#define __pmd_free_tlb(tlb, pmd, address) ___pmd_free_tlb(tlb, pmd)
#ifdef CONFIG_X86_64
void ___pud_free_tlb(struct mmu_gather *tlb, pud_t *pud);
#define __pud_free_tlb(tlb, pud, address) ___pud_free_tlb(tlb, pud)
#endif

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmd, struct page *pte)
{
	(void)mm;
	set_pmd(pmd, __pmd(PFN_PHYS(page_to_pfn(pte)) | _PAGE_TABLE));
}

#endif
