// SPDX-License-Identifier: Apache-2.0
/*
 * Tables of files' pages go, at once, once one huge folio is there. After
 * mm/khugepaged.c, 6.1: up to 6.5 no reader of a table but GUP-fast and the
 * hardware goes without the mmap lock and those of reverse mapping, so whoever
 * holds all of these for writing has nobody else to wait for. Departs: what
 * khugepaged is to come back for is not remembered.
 */
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

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
/* No page-table lock: whoever takes one holds one of these locks as well. */
static void collapse_and_free_pmd(struct mm_struct *mm, struct vm_area_struct *vma,
				  unsigned long addr, pmd_t *pmdp)
{
	struct mmu_notifier_range range;
	pmd_t pmd;

	mmap_assert_write_locked(mm);
	if (vma->vm_file)
		i_mmap_assert_write_locked(vma->vm_file->f_mapping);
	if (vma->anon_vma)
		rwsem_assert_held_write(&vma->anon_vma->root->rwsem);

	notify_start(&range, mm, addr);
	pmd = pmdp_collapse_flush(vma, addr, pmdp);
	if (collapse_sync != COLLAPSE_SYNC_NONE)
		tlb_remove_table_sync_one();
	notify_end(&range);
	mm_dec_nr_ptes(mm);
	pte_free(mm, pmd_pgtable(pmd));
}

/* Of every address space that maps the file there, unless it is in use just now. The folio is locked. */
void retract_page_tables(struct address_space *mapping, unsigned long pgoff)
{
	struct vm_area_struct *vma;

	i_mmap_lock_write(mapping);
	vma_interval_tree_foreach(vma, mapping) {
		unsigned long addr = vma->vm_start + ((pgoff - vma->vm_pgoff) << PAGE_SHIFT);
		struct mm_struct *mm = vma->vm_mm;
		pmd_t *pmd;

		if (READ_ONCE(vma->anon_vma))
			continue;
		if (addr & ~HPAGE_PMD_MASK || vma->vm_end < addr + HPAGE_PMD_SIZE)
			continue;
		if (find_pmd_or_thp_or_none(mm, addr, &pmd) != SCAN_SUCCEED)
			continue;
		/* Faults take the two locks the other way round. */
		if (!mmap_write_trylock(mm))
			continue;
		/* Under the mmap lock for reading an anon_vma may have come. */
		if (!vma->anon_vma && !hpage_collapse_test_exit(mm) && !userfaultfd_wp(vma))
			collapse_and_free_pmd(mm, vma, addr, pmd);
		mmap_write_unlock(mm);
	}
	i_mmap_unlock_write(mapping);
}

/*
 * The table maps the small pages of one huge folio: by and by one entry does.
 * mmap_lock is held for writing. The entries stay in the table as it goes.
 * Departs: each PTE maps the folio's one frame.
 */
enum scan_result collapse_pte_mapped_thp(struct mm_struct *mm, unsigned long addr, bool install_pmd)
{
	unsigned long haddr = addr & HPAGE_PMD_MASK;
	struct vm_area_struct *vma = find_vma(mm, haddr);
	enum scan_result result;
	pte_t *start_pte;
	struct folio *folio;
	int count = 0, i;
	spinlock_t *ptl;
	pmd_t *pmd;

	mmap_assert_write_locked(mm);
	if (!vma || !vma->vm_file || haddr < vma->vm_start || vma->vm_end < haddr + HPAGE_PMD_SIZE)
		return SCAN_VMA_CHECK;
	/* Private copies: the lock of their anon_vma would be needed, too. */
	if (vma->anon_vma)
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

	i_mmap_lock_write(vma->vm_file->f_mapping);
	start_pte = pte_offset_map_lock(mm, pmd, haddr, &ptl);
	result = SCAN_FAIL;
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		pte_t ptent = ptep_get(start_pte + i);

		if (pte_none(ptent))
			continue;
		if (!pte_present(ptent) || pte_page(ptent) != &folio->page)
			goto abort;
		count++;
	}
	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (!pte_none(ptep_get(start_pte + i)))
			folio_remove_rmap_pte(folio, &folio->page, vma);
	pte_unmap_unlock(start_pte, ptl);
	if (count)
		folio_ref_sub(folio, count);
	collapse_and_free_pmd(mm, vma, haddr, pmd);
	i_mmap_unlock_write(vma->vm_file->f_mapping);

maybe_install_pmd:
	result = install_pmd ? set_huge_pmd(vma, haddr, pmd, &folio->page) : SCAN_SUCCEED;
	goto drop_folio;
abort:
	pte_unmap_unlock(start_pte, ptl);
	i_mmap_unlock_write(vma->vm_file->f_mapping);
drop_folio:
	folio_unlock(folio);
	folio_put(folio);
	return result;
}
#endif
