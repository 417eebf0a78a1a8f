// SPDX-License-Identifier: Apache-2.0
/*
 * Collapsing a table of small pages into one huge page. After mm/khugepaged.c,
 * 6.12; how lockless walkers are waited for is `collapse_sync`'s. Departs: a
 * table is looked at for HPAGE_PMD_NR entries, a huge page is one frame, of a
 * page's data one word is copied; no swapping in, no per-VMA locks, no limits
 * on empty, shared or swapped entries.
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

bool collapse_without_notifier;

/* The mmap lock may have been dropped: is the VMA still there, and wide enough? */
static enum scan_result hugepage_vma_revalidate(struct mm_struct *mm, unsigned long address,
						bool expect_anon, struct vm_area_struct **vmap)
{
	struct vm_area_struct *vma;

	if (unlikely(hpage_collapse_test_exit(mm)))
		return SCAN_ANY_PROCESS;
	*vmap = vma = find_vma(mm, address);
	if (!vma)
		return SCAN_VMA_NULL;
	if (address < vma->vm_start || address + HPAGE_PMD_SIZE > vma->vm_end)
		return SCAN_ADDRESS_RANGE;
	if (expect_anon && !(vma->anon_vma && !vma->vm_file))
		return SCAN_PAGE_ANON;
	return SCAN_SUCCEED;
}

static enum scan_result check_pmd_still_valid(struct mm_struct *mm, unsigned long address,
					      pmd_t *pmd)
{
	pmd_t *found;
	enum scan_result result = find_pmd_or_thp_or_none(mm, address, &found);

	if (result != SCAN_SUCCEED)
		return result;
	return found == pmd ? SCAN_SUCCEED : SCAN_FAIL;
}

/* Nobody but its mappings may hold the page: a pin would go on using the old one. */
static bool is_refcount_suitable(struct folio *folio)
{
	return folio_ref_count(folio) == folio_mapcount(folio);
}

static void release_pte_page(struct page *page)
{
	folio_unlock(page_folio(page));
	/* folio_putback_lru(): the reference that isolating it took. */
	put_page(page);
}

static void release_pte_pages(pte_t *pte, pte_t *end)
{
	while (--end >= pte) {
		pte_t pteval = ptep_get(end);

		if (pte_present(pteval))
			release_pte_page(pte_page(pteval));
	}
}

static enum scan_result __collapse_huge_page_isolate(pte_t *pte)
{
	for (pte_t *_pte = pte; _pte < pte + HPAGE_PMD_NR; _pte++) {
		pte_t pteval = ptep_get(_pte);
		enum scan_result result;
		struct folio *folio;

		if (pte_none(pteval))
			continue;
		result = SCAN_PTE_NON_PRESENT;
		if (!pte_present(pteval))
			goto out;
		folio = page_folio(pte_page(pteval));
		VM_BUG_ON_FOLIO(!PageAnon(&folio->page), folio);
		result = SCAN_PAGE_LOCK;
		if (!folio_trylock(folio))
			goto out;
		result = SCAN_PAGE_COUNT;
		if (!is_refcount_suitable(folio)) {
			folio_unlock(folio);
			goto out;
		}
		/* folio_isolate_lru() */
		get_page(&folio->page);
		VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
		continue;
out:
		release_pte_pages(pte, _pte);
		return result;
	}
	return SCAN_SUCCEED;
}

/* Each entry goes under the lock of its detached table, each page right after it. */
static void __collapse_huge_page_copy_succeeded(pte_t *pte, struct vm_area_struct *vma,
						unsigned long address, spinlock_t *ptl)
{
	for (pte_t *_pte = pte; _pte < pte + HPAGE_PMD_NR; _pte++, address += PAGE_SIZE) {
		pte_t pteval = ptep_get(_pte);
		struct page *src_page;

		if (pte_none(pteval))
			continue;
		src_page = pte_page(pteval);
		release_pte_page(src_page);
		spin_lock(ptl);
		ptep_clear(vma->vm_mm, address, _pte);
		folio_remove_rmap_pte(page_folio(src_page), src_page, vma);
		spin_unlock(ptl);
		put_page(src_page);
	}
}

static void __collapse_huge_page_copy(pte_t *pte, struct page *page, struct vm_area_struct *vma,
				      unsigned long address, spinlock_t *ptl)
{
	unsigned long *to = lowmem_page_address(page);

	for (int i = 0; i < HPAGE_PMD_NR; i++) {
		pte_t pteval = ptep_get(pte + i);

		if (pte_none(pteval))
			WRITE_ONCE(to[i], 0);
		else
			WRITE_ONCE(to[i], READ_ONCE(*(unsigned long *)lowmem_page_address(
						   pte_page(pteval))));
	}
	__collapse_huge_page_copy_succeeded(pte, vma, address, ptl);
}

/* The clear, the flush and the wait for walkers, and with them the end of lock and notification. */
static pmd_t collapse_clear_pmd(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd,
				spinlock_t *pmd_ptl, struct mmu_notifier_range *range)
{
	pmd_t old;

	switch (collapse_sync) {
	case COLLAPSE_SYNC_V3:
	case COLLAPSE_SYNC_FLAG_KEPT:
		old = pmdp_collapse_flush_sync(vma, address, pmd);
		spin_unlock(pmd_ptl);
		notify_end(range);
		return old;
	case COLLAPSE_SYNC_V3_REPLY:
		old = pmdp_collapse_flush_sync_unlock(vma, address, pmd, NULL, pmd_ptl);
		notify_end(range);
		return old;
	default:
		old = pmdp_collapse_flush(vma, address, pmd);
		spin_unlock(pmd_ptl);
		notify_end(range);
		/* GUP-fast that still walks the table must be out before the table is used again. */
		if (collapse_sync != COLLAPSE_SYNC_NONE)
			tlb_remove_table_sync_one();
		return old;
	}
}

/* Called with mmap_lock held for reading, which is dropped: allocating may take long. */
enum scan_result collapse_huge_page(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma;
	struct mmu_notifier_range range;
	enum scan_result result;
	spinlock_t *pmd_ptl, *pte_ptl;
	struct page *page;
	pmd_t *pmd, _pmd;
	pte_t *pte;

	mmap_read_unlock(mm);
	page = alloc_page(GFP_TRANSHUGE);

	mmap_read_lock(mm);
	result = hugepage_vma_revalidate(mm, address, true, &vma);
	if (result == SCAN_SUCCEED)
		result = find_pmd_or_thp_or_none(mm, address, &pmd);
	mmap_read_unlock(mm);
	if (result != SCAN_SUCCEED)
		goto out_nolock;

	/* Nobody faults, and nobody walks by reverse mapping. */
	mmap_write_lock(mm);
	result = hugepage_vma_revalidate(mm, address, true, &vma);
	if (result == SCAN_SUCCEED)
		result = check_pmd_still_valid(mm, address, pmd);
	if (result != SCAN_SUCCEED)
		goto out_up_write;
	anon_vma_lock_write(vma->anon_vma);
	notify_start(&range, mm, address);

	pmd_ptl = pmd_lock(mm, pmd);
	_pmd = collapse_clear_pmd(vma, address, pmd, pmd_ptl, &range);

	pte = pte_offset_map_lock(mm, &_pmd, address, &pte_ptl);
	if (pte) {
		result = __collapse_huge_page_isolate(pte);
		spin_unlock(pte_ptl);
	} else {
		result = SCAN_PMD_NULL;
	}
	if (unlikely(result != SCAN_SUCCEED)) {
		if (pte)
			pte_unmap(pte);
		/* The very same table comes back. */
		spin_lock(pmd_ptl);
		BUG_ON(!pmd_none(*pmd));
		pmd_populate(mm, pmd, pmd_pgtable(_pmd));
		spin_unlock(pmd_ptl);
		anon_vma_unlock_write(vma->anon_vma);
		goto out_up_write;
	}
	anon_vma_unlock_write(vma->anon_vma);

	__collapse_huge_page_copy(pte, page, vma, address, pte_ptl);
	pte_unmap(pte);

	/* The data before the entry that shows it. */
	smp_wmb();
	folio_add_new_anon_rmap(page_folio(page), vma, address);

	spin_lock(pmd_ptl);
	BUG_ON(!pmd_none(*pmd));
	pgtable_trans_huge_deposit(mm, pmd, pmd_pgtable(_pmd));
	set_pmd_at(mm, address, pmd, maybe_pmd_mkwrite(pmd_mkdirty(mk_huge_pmd(page, vma->vm_page_prot)), vma));
	spin_unlock(pmd_ptl);
	page = NULL;

out_up_write:
	mmap_write_unlock(mm);
out_nolock:
	if (page)
		put_page(page);
	return result;
}
