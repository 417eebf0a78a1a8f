// SPDX-License-Identifier: Apache-2.0
/* Merging equal pages: nobody may write or hold what is compared. After mm/ksm.c, 6.12. */
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/page-flags.h>
#include <linux/rmap.h>
#include <asm/tlb.h>

/* 0 and the entry as it is then, or -EFAULT. The caller holds the folio's lock and a reference. */
int write_protect_page(struct vm_area_struct *vma, struct folio *folio, unsigned long address,
		       pte_t *orig_pte)
{
	struct page *page = &folio->page;
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_notifier_range range;
	pmd_t *pmd = mm_find_pmd(mm, address);
	bool anon_exclusive;
	spinlock_t *ptl;
	int err = -14; /* EFAULT */
	pte_t *pte, entry;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, address, address + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	pte = pmd ? pte_offset_map_lock(mm, pmd, address, &ptl) : NULL;
	if (!pte)
		goto out_mn;
	entry = ptep_get(pte);
	if (!pte_present(entry) || pte_page(entry) != page)
		goto out_unlock;
	anon_exclusive = PageAnonExclusive(page);
	/* Clean and read-only may be what a flush that is still to come makes of it. */
	if (pte_write(entry) || pte_dirty(entry) || anon_exclusive || mm_tlb_flush_pending(mm)) {
		/* The entry is gone before the references are counted: GUP-fast looks the other way round. */
		entry = ptep_clear_flush(vma, address, pte);
		if (folio_mapcount(folio) + 1 != folio_ref_count(folio)) {
			set_pte_at(mm, address, pte, entry);
			goto out_unlock;
		}
		if (anon_exclusive && folio_try_share_anon_rmap_pte(folio, page)) {
			set_pte_at(mm, address, pte, entry);
			goto out_unlock;
		}
		if (pte_dirty(entry))
			folio_mark_dirty(folio);
		entry = pte_mkclean(entry);
		if (pte_write(entry))
			entry = pte_wrprotect(entry);
		set_pte_at(mm, address, pte, entry);
	}
	*orig_pte = entry;
	err = 0;
out_unlock:
	pte_unmap_unlock(pte, ptl);
out_mn:
	mmu_notifier_invalidate_range_end(&range);
	return err;
}

/* Maps the merged page instead, if the entry is still what was compared. */
int replace_page(struct vm_area_struct *vma, struct page *page, struct page *kpage,
		 unsigned long address, pte_t orig_pte)
{
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_notifier_range range;
	pmd_t *pmd = mm_find_pmd(mm, address);
	spinlock_t *ptl;
	int err = -14; /* EFAULT */
	pte_t *pte;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, address, address + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	pte = pmd ? pte_offset_map_lock(mm, pmd, address, &ptl) : NULL;
	if (!pte)
		goto out_mn;
	if (!pte_same(ptep_get(pte), orig_pte)) {
		pte_unmap_unlock(pte, ptl);
		goto out_mn;
	}
	get_page(kpage);
	folio_add_anon_rmap_pte(page_folio(kpage), kpage, vma);
	ptep_clear_flush(vma, address, pte);
	set_pte_at(mm, address, pte, mk_pte(kpage, vma->vm_page_prot));
	folio_remove_rmap_pte(page_folio(page), page, vma);
	put_page(page);
	pte_unmap_unlock(pte, ptl);
	err = 0;
out_mn:
	mmu_notifier_invalidate_range_end(&range);
	return err;
}
