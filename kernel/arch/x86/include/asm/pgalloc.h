// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_PGALLOC_H
#define _ASM_X86_PGALLOC_H

#include <linux/mm.h>

#define GFP_PGTABLE_KERNEL (GFP_KERNEL | __GFP_ZERO)
#define GFP_PGTABLE_USER (GFP_PGTABLE_KERNEL | __GFP_ACCOUNT)

pgtable_t pte_alloc_one(struct mm_struct *mm);

static inline void pte_free(struct mm_struct *mm, struct page *pte_page)
{
	struct ptdesc *ptdesc = page_ptdesc(pte_page);

	(void)mm;
	pagetable_pte_dtor(ptdesc);
	pagetable_free(ptdesc);
}

static inline pmd_t *pmd_alloc_one(struct mm_struct *mm, unsigned long addr)
{
	struct ptdesc *ptdesc = pagetable_alloc(GFP_PGTABLE_USER, 0);

	(void)mm, (void)addr;
	if (!ptdesc)
		return NULL;
	if (!pagetable_pmd_ctor(ptdesc)) {
		pagetable_free(ptdesc);
		return NULL;
	}
	return ptdesc_address(ptdesc);
}

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmd, struct page *pte)
{
	(void)mm;
	set_pmd(pmd, __pmd(PFN_PHYS(page_to_pfn(pte)) | _PAGE_TABLE));
}

#ifdef CONFIG_X86_PAE
/* The four top entries have no flag bits but "present": the CPU caches them. */
static inline void pud_populate(struct mm_struct *mm, pud_t *pudp, pmd_t *pmd)
{
	(void)mm;
	set_pud(pudp, __pud(__pa(pmd) | _PAGE_PRESENT));
}
#else
static inline pud_t *pud_alloc_one(struct mm_struct *mm, unsigned long addr)
{
	struct ptdesc *ptdesc = pagetable_alloc(GFP_PGTABLE_USER, 0);

	(void)mm, (void)addr;
	return ptdesc ? ptdesc_address(ptdesc) : NULL;
}

static inline void pud_populate(struct mm_struct *mm, pud_t *pud, pmd_t *pmd)
{
	(void)mm;
	set_pud(pud, __pud(__pa(pmd) | _PAGE_TABLE));
}

static inline void p4d_populate(struct mm_struct *mm, p4d_t *p4d, pud_t *pud)
{
	(void)mm;
	set_p4d(p4d, __p4d(__pa(pud) | _PAGE_TABLE));
}
#endif

#endif
