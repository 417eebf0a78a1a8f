// SPDX-License-Identifier: Apache-2.0
/* The page-table walk of perf's samples, made from NMI as well. After kernel/events/core.c, 6.12. */
#include <linux/mm.h>
#include <linux/perf_event.h>

/* From copies of the entries, as GUP-fast: nothing keeps them as they are. */
static u64 perf_get_pgtable_size(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgdp = pgd_offset(mm, addr), pgd = pgdp_get(pgdp);
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;
	pmd_t *pmdp, pmd;
	pte_t *ptep, pte;

	if (pgd_none(pgd))
		return 0;
	p4dp = p4d_offset_lockless(pgdp, pgd, addr);
	p4d = p4dp_get(p4dp);
	if (!p4d_present(p4d))
		return 0;
	pudp = pud_offset_lockless(p4dp, p4d, addr);
	pud = pudp_get(pudp);
	if (!pud_present(pud))
		return 0;
	pmdp = pmd_offset_lockless(pudp, pud, addr);
	/* Again where the entry is no table any more by the time the map looks. */
	do {
		pmd = pmdp_get_lockless(pmdp);
		if (!pmd_present(pmd))
			return 0;
		if (pmd_leaf(pmd))
			return PMD_SIZE;
		ptep = pte_offset_map(&pmd, addr);
	} while (!ptep);
	pte = ptep_get_lockless(ptep);
	pte_unmap(ptep);
	return pte_present(pte) ? PAGE_SIZE : 0;
}

/* 0 where nothing is mapped, or the task has no mm of its own. */
u64 perf_get_page_size(unsigned long addr)
{
	unsigned long flags;
	struct mm_struct *mm;
	u64 size = 0;

	local_irq_save(flags);
	mm = current->mm;
	if (mm)
		size = perf_get_pgtable_size(mm, addr);
	local_irq_restore(flags);
	return size;
}
