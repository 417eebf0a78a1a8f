// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_ARM64_PGALLOC_H
#define _ASM_ARM64_PGALLOC_H

#include <asm-generic/pgalloc.h>

/* No table of a user's maps anything that the kernel may execute. */
static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pte)
{
	(void)mm;
	set_pmd(pmdp, __pmd(page_to_phys(pte) | PMD_TYPE_TABLE | PMD_TABLE_PXN));
}

static inline void pud_populate(struct mm_struct *mm, pud_t *pudp, pmd_t *pmdp)
{
	(void)mm;
	set_pud(pudp, __pud(__pa(pmdp) | PUD_TYPE_TABLE | PUD_TABLE_PXN));
}

static inline void p4d_populate(struct mm_struct *mm, p4d_t *p4dp, pud_t *pudp)
{
	(void)mm;
	set_p4d(p4dp, __p4d(__pa(pudp) | P4D_TYPE_TABLE | P4D_TABLE_PXN));
}

#endif
