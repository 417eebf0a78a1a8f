// SPDX-License-Identifier: Apache-2.0
/*
 * Zapping takes along a page table that it has emptied. After mm/pt_reclaim.c,
 * 6.14 to 6.18. Departs: a table is looked at for HPAGE_PMD_NR entries.
 */
#include <linux/memory.h>
#include <linux/mm.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

#ifdef CONFIG_PT_RECLAIM
bool reclaim_pt_is_enabled(unsigned long start, unsigned long end, struct zap_details *details)
{
	return details && details->reclaim_pt && end - start >= PMD_SIZE;
}

/* The lock of the table is held, which nests inside that of its PMD: so only if it is free. */
bool try_get_and_clear_pmd(struct mm_struct *mm, pmd_t *pmd, pmd_t *pmdval)
{
	spinlock_t *pml = pmd_lockptr(mm, pmd);

	if (!spin_trylock(pml))
		return false;
	*pmdval = pmdp_get_lockless(pmd);
	pmd_clear(pmd);
	spin_unlock(pml);
	return true;
}

/* Nobody finds it any more; lockless walkers the gather waits for. No lock is held. */
void free_pte(struct mm_struct *mm, unsigned long addr, struct mmu_gather *tlb, pmd_t pmdval)
{
	pte_free_tlb(tlb, pmd_pgtable(pmdval), addr);
	mm_dec_nr_ptes(mm);
}

/* Its lock was dropped meanwhile: what was cleared may have been filled again, so look at all of it. */
void try_to_free_pte(struct mm_struct *mm, pmd_t *pmd, unsigned long addr, struct mmu_gather *tlb)
{
	spinlock_t *pml = pmd_lock(mm, pmd), *ptl;
	bool empty = true;
	pmd_t pmdval;
	pte_t *pte = pte_offset_map_rw_nolock(mm, pmd, addr, &pmdval, &ptl);

	if (!pte) {
		spin_unlock(pml);
		return;
	}
	if (ptl != pml)
		spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	for (int i = 0; empty && i < HPAGE_PMD_NR; i++)
		empty = pte_none(ptep_get(pte + i));
	if (!empty) {
		pte_unmap_unlock(pte, ptl);
		if (ptl != pml)
			spin_unlock(pml);
		return;
	}
	pte_unmap(pte);
	pmd_clear(pmd);
	if (ptl != pml)
		spin_unlock(ptl);
	spin_unlock(pml);
	free_pte(mm, addr, tlb, pmdval);
}
#endif
