// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_S390_PGALLOC_H
#define _ASM_S390_PGALLOC_H

#include <linux/mm.h>

pgtable_t page_table_alloc(struct mm_struct *mm);
void page_table_free(struct mm_struct *mm, pgtable_t table);

#define pte_alloc_one(mm) page_table_alloc(mm)
#define pte_free(mm, pte) page_table_free(mm, pte)

/*
 * Departs: a region or segment table is one page, not four. It has the entries
 * of the lowest 512 MB, or 1 TB.
 */
static inline void crst_table_init(unsigned long *crst, unsigned long entry)
{
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*crst); i++)
		crst[i] = entry;
}

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmd, pgtable_t pte)
{
	(void)mm;
	set_pmd(pmd, __pmd(_SEGMENT_ENTRY | __pa(pte)));
}

static inline void pud_populate(struct mm_struct *mm, pud_t *pud, pmd_t *pmd)
{
	(void)mm;
	set_pud(pud, __pud(_REGION3_ENTRY | __pa(pmd)));
}

#endif
