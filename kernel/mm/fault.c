// SPDX-License-Identifier: Apache-2.0
/* Faults that install a page. After mm/memory.c, 6.12. */
#include <linux/huge_mm.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <linux/page-flags.h>
#include <linux/rmap.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

/* First touch of anonymous memory. 0, or VM_FAULT_OOM; somebody may have been first. */
vm_fault_t do_anonymous_page(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd)
{
	struct mm_struct *mm = vma->vm_mm;
	struct page *page;
	spinlock_t *ptl;
	pte_t *pte;

	if (pte_alloc(mm, pmd))
		return VM_FAULT_OOM;
	page = alloc_page(GFP_USER | __GFP_ZERO);
	if (!page)
		return VM_FAULT_OOM;
	/* __folio_mark_uptodate(): the zeroes before the entry that shows them. */
	smp_wmb();
	pte = pte_offset_map_lock(mm, pmd, address, &ptl);
	if (!pte) {
		put_page(page);
		return 0;
	}
	if (!pte_none(ptep_get(pte))) {
		pte_unmap_unlock(pte, ptl);
		put_page(page);
		return 0;
	}
	folio_add_new_anon_rmap(page_folio(page), vma, address);
	SetPageAnonExclusive(page);
	set_pte_at(mm, address, pte, vma_pte(page, vma));
	pte_unmap_unlock(pte, ptl);
	return 0;
}

/* finish_fault(): a page that was found, a file's say, gets mapped. The caller has a reference for it. */
vm_fault_t finish_fault(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd,
			struct page *page)
{
	struct mm_struct *mm = vma->vm_mm;
	spinlock_t *ptl;
	pte_t *pte;

	if (pte_alloc(mm, pmd))
		return VM_FAULT_OOM;
	pte = pte_offset_map_lock(mm, pmd, address, &ptl);
	if (!pte)
		return VM_FAULT_NOPAGE;
	if (!pte_none(ptep_get(pte))) {
		pte_unmap_unlock(pte, ptl);
		return VM_FAULT_NOPAGE;
	}
	folio_add_file_rmap_pte(page_folio(page), page, vma);
	set_pte_at(mm, address, pte, vma_pte(page, vma));
	pte_unmap_unlock(pte, ptl);
	return 0;
}

/*
 * A write to a read-only anonymous page: taken over where nobody shares it,
 * copied otherwise. `orig_pte` is what the fault was taken on.
 */
vm_fault_t do_wp_page(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd,
		      pte_t orig_pte)
{
	struct page *old_page = pte_page(orig_pte), *new_page;
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_notifier_range range;
	spinlock_t *ptl;
	pte_t *pte;

	pte = pte_offset_map_lock(mm, pmd, address, &ptl);
	if (!pte)
		return 0;
	if (!pte_same(ptep_get(pte), orig_pte)) {
		pte_unmap_unlock(pte, ptl);
		return 0;
	}
	if (PageAnonExclusive(old_page)) {
		/* wp_page_reuse() */
		ptep_set_access_flags(vma, address, pte, pte_mkwrite(pte_mkdirty(orig_pte), vma));
		pte_unmap_unlock(pte, ptl);
		return 0;
	}
	get_page(old_page);
	pte_unmap_unlock(pte, ptl);

	new_page = alloc_page(GFP_USER | __GFP_ZERO);
	WRITE_ONCE(*(unsigned long *)lowmem_page_address(new_page),
		   READ_ONCE(*(unsigned long *)lowmem_page_address(old_page)));
	smp_wmb();
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, address, address + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	pte = pte_offset_map_lock(mm, pmd, address, &ptl);
	if (pte && pte_same(ptep_get(pte), orig_pte)) {
		/* Nobody may see the new page while somebody can still write to the old one. */
		ptep_clear_flush(vma, address, pte);
		folio_add_new_anon_rmap(page_folio(new_page), vma, address);
		SetPageAnonExclusive(new_page);
		set_pte_at(mm, address, pte, vma_pte(new_page, vma));
		folio_remove_rmap_pte(page_folio(old_page), old_page, vma);
		new_page = old_page;
	}
	if (pte)
		pte_unmap_unlock(pte, ptl);
	mmu_notifier_invalidate_range_end(&range);
	/* The one that is not mapped now; and what was taken to copy from. */
	put_page(new_page);
	put_page(old_page);
	return 0;
}
