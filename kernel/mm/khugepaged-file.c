// SPDX-License-Identifier: Apache-2.0
/* Tables of files' pages go, by RCU, once one huge folio is there. After mm/khugepaged.c, 6.12. */
#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/khugepaged.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>
#include "mm/khugepaged.h"

/* do_set_pmd(): maps the folio by one entry, unless somebody was first. */
enum scan_result set_huge_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp,
			      struct page *page)
{
	spinlock_t *ptl;

	mmap_assert_locked(vma->vm_mm);
	ptl = pmd_lock(vma->vm_mm, pmdp);
	if (unlikely(!pmd_none(*pmdp))) {
		spin_unlock(ptl);
		return SCAN_FAIL;
	}
	get_page(page);
	folio_add_file_rmap_pmd(page_folio(page), page, vma);
	set_pmd_at(vma->vm_mm, addr, pmdp, mk_huge_pmd(page, vma->vm_page_prot));
	spin_unlock(ptl);
	return SCAN_SUCCEED;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
/*
 * Clears a PMD that leads to a table of file pages, and waits for who may read
 * it in halves. Both locks are held, and dropped; where the table is mapped
 * still, at `start_pte`, it is unmapped with its lock.
 */
static pmd_t retract_clear_pmd(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd,
			       pte_t *start_pte, spinlock_t *ptl, spinlock_t *pml)
{
	spinlock_t *nested = ptl != pml ? ptl : NULL;
	bool unlocks = collapse_sync == COLLAPSE_SYNC_V3_REPLY;
	pmd_t old;

	if (unlocks)
		old = pmdp_collapse_flush_sync_unlock(vma, address, pmd, nested, pml);
	else if (collapse_sync == COLLAPSE_SYNC_V3 || collapse_sync == COLLAPSE_SYNC_FLAG_KEPT)
		old = pmdp_collapse_flush_sync(vma, address, pmd);
	else
		old = pmdp_collapse_flush(vma, address, pmd);
	if (collapse_sync == COLLAPSE_SYNC_MAINLINE)
		pmdp_get_lockless_sync();
	if (!unlocks && nested)
		spin_unlock(nested);
	if (start_pte)
		pte_unmap(start_pte);
	if (!unlocks)
		spin_unlock(pml);
	if (collapse_sync == COLLAPSE_SYNC_AFTER_UNLOCK)
		pmdp_get_lockless_sync();
	if (collapse_sync == COLLAPSE_SYNC_UNCONDITIONAL)
		tlb_remove_table_sync_one();
	return old;
}

/*
 * The lock of the table under `pmd`, whose own lock is held; NULL where there
 * is none. Up to 6.13 the entry is taken for a table still, because who could
 * change that needs the folio's lock. Later an empty table may be reclaimed
 * (PT_RECLAIM), and another one put there: as empty, so any will do.
 */
static spinlock_t *lock_table(struct mm_struct *mm, pmd_t *pmd, spinlock_t *pml)
{
	spinlock_t *ptl;

	if (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0) && check_pmd_state(pmd) != SCAN_SUCCEED)
		return NULL;
	ptl = pte_lockptr(mm, pmd);
	if (ptl != pml)
		spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	return ptl;
}

/* Of every address space that maps the file there. The caller holds the folio's lock; no mmap_lock. */
void retract_page_tables(struct address_space *mapping, unsigned long pgoff)
{
	struct vm_area_struct *vma;

	i_mmap_lock_read(mapping);
	vma_interval_tree_foreach(vma, mapping) {
		unsigned long addr = vma->vm_start + ((pgoff - vma->vm_pgoff) << PAGE_SHIFT);
		struct mm_struct *mm = vma->vm_mm;
		struct mmu_notifier_range range;
		spinlock_t *pml, *ptl;
		pmd_t *pmd, pgt_pmd;

		/* Private copies may be in the table. Checked again under its lock. */
		if (READ_ONCE(vma->anon_vma))
			continue;
		if (addr & ~HPAGE_PMD_MASK || vma->vm_end < addr + HPAGE_PMD_SIZE)
			continue;
		if (find_pmd_or_thp_or_none(mm, addr, &pmd) != SCAN_SUCCEED)
			continue;
		if (hpage_collapse_test_exit(mm) || userfaultfd_wp(vma))
			continue;

		notify_start(&range, mm, addr);
		pml = pmd_lock(mm, pmd);
		ptl = lock_table(mm, pmd, pml);
		if (!ptl) {
			spin_unlock(pml);
			notify_end(&range);
			continue;
		}
		if (unlikely(vma->anon_vma || userfaultfd_wp(vma))) {
			if (ptl != pml)
				spin_unlock(ptl);
			spin_unlock(pml);
			notify_end(&range);
			continue;
		}
		pgt_pmd = retract_clear_pmd(vma, addr, pmd, NULL, ptl, pml);
		notify_end(&range);
		mm_dec_nr_ptes(mm);
		pte_free_defer(mm, pmd_pgtable(pgt_pmd));
	}
	i_mmap_unlock_read(mapping);
}

/* Since 6.13 the PMD is looked at again under each lock, and the table stays mapped till then. */
#define RECHECKS_PMD (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0))

/*
 * The table maps the small pages of one huge folio: by and by one entry does.
 * mmap_lock is held, for reading or writing. Departs: each PTE maps the
 * folio's one frame.
 */
enum scan_result collapse_pte_mapped_thp(struct mm_struct *mm, unsigned long addr, bool install_pmd)
{
	unsigned long haddr = addr & HPAGE_PMD_MASK;
	struct vm_area_struct *vma = find_vma(mm, haddr);
	struct mmu_notifier_range range;
	enum scan_result result;
	spinlock_t *pml = NULL, *ptl;
	pte_t *start_pte;
	pmd_t *pmd, pgt_pmd;
	struct folio *folio;
	int nr_ptes = 0, i;

	mmap_assert_locked(mm);
	if (!vma || !vma->vm_file || haddr < vma->vm_start || vma->vm_end < haddr + HPAGE_PMD_SIZE)
		return SCAN_VMA_CHECK;
	if (userfaultfd_wp(vma))
		return SCAN_PTE_UFFD_WP;
	folio = filemap_lock_folio(vma->vm_file->f_mapping);
	if (!folio)
		return SCAN_PAGE_NULL;
	result = find_pmd_or_thp_or_none(mm, haddr, &pmd);
	if (result == SCAN_PMD_NONE)
		goto maybe_install_pmd;
	if (result != SCAN_SUCCEED)
		goto drop_folio;

	result = SCAN_FAIL;
	start_pte = pte_offset_map_lock(mm, pmd, haddr, &ptl);
	if (!start_pte)
		goto drop_folio;
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		pte_t ptent = ptep_get(start_pte + i);

		if (pte_none(ptent))
			continue;
		if (!pte_present(ptent) || pte_page(ptent) != &folio->page)
			break;
	}
	pte_unmap_unlock(start_pte, ptl);
	if (i < HPAGE_PMD_NR)
		goto drop_folio;

	notify_start(&range, mm, haddr);
	/*
	 * Faults wait for the folio's lock; UFFDIO_COPY to a private mapping does
	 * not, so there nobody else may have the table between clearing it and
	 * taking it away: the wider lock comes first.
	 */
	if (userfaultfd_armed(vma) && !(vma->vm_flags & VM_SHARED))
		pml = pmd_lock(mm, pmd);
	/* The PTEs go one by one, without a flush: that of the PMD is for them as well. */
	start_pte = pte_offset_map_rw_nolock(mm, pmd, haddr, &pgt_pmd, &ptl);
	if (!start_pte)
		goto abort;
	if (!pml)
		spin_lock(ptl);
	else if (ptl != pml)
		spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	/* 6.12 does not look again: the folio's lock keeps the table where it is. */
	if (RECHECKS_PMD && unlikely(!pmd_same(pgt_pmd, pmdp_get_lockless(pmd))))
		goto abort;
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		pte_t ptent = ptep_get(start_pte + i);

		if (pte_none(ptent))
			continue;
		if (!pte_present(ptent) || pte_page(ptent) != &folio->page)
			goto abort;
		ptep_clear(mm, haddr + i * PAGE_SIZE, start_pte + i);
		folio_remove_rmap_pte(folio, &folio->page, vma);
		nr_ptes++;
	}
	if (!RECHECKS_PMD) {
		pte_unmap(start_pte);
		start_pte = NULL;
	}
	if (!pml)
		spin_unlock(ptl);
	if (nr_ptes)
		folio_ref_sub(folio, nr_ptes);

	if (!pml) {
		pml = pmd_lock(mm, pmd);
		if (ptl != pml) {
			spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
			/* Emptied as it was, it may have been reclaimed meanwhile. */
			if (RECHECKS_PMD && unlikely(!pmd_same(pgt_pmd, pmdp_get_lockless(pmd)))) {
				flush_tlb_mm(mm);
				goto unlock;
			}
		}
	}
	pgt_pmd = retract_clear_pmd(vma, haddr, pmd, start_pte, ptl, pml);
	notify_end(&range);
	mm_dec_nr_ptes(mm);
	pte_free_defer(mm, pmd_pgtable(pgt_pmd));

maybe_install_pmd:
	result = install_pmd ? set_huge_pmd(vma, haddr, pmd, &folio->page) : SCAN_SUCCEED;
	goto drop_folio;
abort:
	/* Whoever gets the table's lock next, and finds an entry none, takes it for flushed. */
	if (nr_ptes) {
		flush_tlb_mm(mm);
		folio_ref_sub(folio, nr_ptes);
	}
unlock:
	if (start_pte)
		pte_unmap_unlock(start_pte, ptl);
	if (pml && pml != ptl)
		spin_unlock(pml);
	notify_end(&range);
drop_folio:
	folio_unlock(folio);
	folio_put(folio);
	return result;
}
#endif
