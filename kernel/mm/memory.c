// SPDX-License-Identifier: Apache-2.0
/* Installing a table. The rest of mm/memory.c is in fault.c, zap.c and fork.c. */
#include <linux/memory.h>
#include <linux/mm.h>
#include <asm/pgalloc.h>

/* Installs *pte unless another CPU was first; then *pte stays the caller's. */
void pmd_install(struct mm_struct *mm, pmd_t *pmd, pgtable_t *pte)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	if (likely(pmd_none(*pmd))) {
		mm_inc_nr_ptes(mm);
		/* Walkers without the lock must find the table zeroed. */
		smp_wmb();
		pmd_populate(mm, pmd, *pte);
		*pte = NULL;
	}
	spin_unlock(ptl);
}

int __pte_alloc(struct mm_struct *mm, pmd_t *pmd)
{
	pgtable_t table = pte_alloc_one(mm);

	if (!table)
		return -12; /* ENOMEM */
	pmd_install(mm, pmd, &table);
	if (table)
		pte_free(mm, table);
	return 0;
}
