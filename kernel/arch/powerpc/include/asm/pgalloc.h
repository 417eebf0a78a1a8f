// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_POWERPC_PGALLOC_H
#define _ASM_POWERPC_PGALLOC_H

#include <linux/mm.h>

pgtable_t pte_fragment_alloc(struct mm_struct *mm);
void pte_fragment_free(void *table);

#define pte_alloc_one(mm) pte_fragment_alloc(mm)
#define pte_free(mm, pte) ((void)(mm), pte_fragment_free(pte))

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pte)
{
	(void)mm;
	*pmdp = __pmd(__pa(pte) | PMD_VAL_BITS);
}
static inline void pud_populate(struct mm_struct *mm, pud_t *pudp, pmd_t *pmdp)
{
	(void)mm;
	*pudp = __pud(__pa(pmdp) | PUD_VAL_BITS);
}
static inline void p4d_populate(struct mm_struct *mm, p4d_t *p4dp, pud_t *pudp)
{
	(void)mm;
	p4dp->pgd = __pgd(__pa(pudp) | PGD_VAL_BITS);
}

#endif
