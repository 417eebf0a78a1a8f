// SPDX-License-Identifier: Apache-2.0
/* Huge entries: made, zapped, split, protected. After mm/huge_memory.c, 6.12. Departs: a huge page is one frame. */
#include <linux/huge_mm.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/page-flags.h>
#include <linux/rmap.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

/* A first touch that finds no table yet: the table goes into store, the huge page in its place. */
vm_fault_t do_huge_pmd_anonymous_page(struct vm_area_struct *vma, unsigned long address,
				      pmd_t *pmd)
{
	struct mm_struct *mm = vma->vm_mm;
	pgtable_t pgtable = pte_alloc_one(mm);
	struct page *page = alloc_page(GFP_TRANSHUGE | __GFP_ZERO);
	spinlock_t *ptl;

	smp_wmb();
	ptl = pmd_lock(mm, pmd);
	if (unlikely(!pmd_none(*pmd))) {
		spin_unlock(ptl);
		pte_free(mm, pgtable);
		put_page(page);
		return 0;
	}
	folio_add_new_anon_rmap(page_folio(page), vma, address);
	SetPageAnonExclusive(page);
	pgtable_trans_huge_deposit(mm, pmd, pgtable);
	set_pmd_at(mm, address & HPAGE_PMD_MASK, pmd,
		   maybe_pmd_mkwrite(pmd_mkdirty(mk_huge_pmd(page, vma->vm_page_prot)), vma));
	mm_inc_nr_ptes(mm);
	spin_unlock(ptl);
	return 0;
}

/* Locked, if it is huge still. */
static spinlock_t *pmd_trans_huge_lock(pmd_t *pmd, struct vm_area_struct *vma)
{
	spinlock_t *ptl = pmd_lock(vma->vm_mm, pmd);

	if (likely(pmd_trans_huge(*pmd)))
		return ptl;
	spin_unlock(ptl);
	return NULL;
}

/* The stored table goes back at once: no gather, no RCU. Who walked it is long gone, or should be. */
static void zap_deposited_table(struct mm_struct *mm, pmd_t *pmd)
{
	pgtable_t pgtable = pgtable_trans_huge_withdraw(mm, pmd);

	pte_free(mm, pgtable);
	mm_dec_nr_ptes(mm);
}

int zap_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		 unsigned long addr)
{
	struct page *page;
	spinlock_t *ptl;
	pmd_t orig_pmd;

	tlb_change_page_size(tlb, HPAGE_PMD_SIZE);
	ptl = pmd_trans_huge_lock(pmd, vma);
	if (!ptl)
		return 0;
	orig_pmd = pmdp_huge_get_and_clear(tlb->mm, addr, pmd);
	tlb_remove_pmd_tlb_entry(tlb, pmd, addr);
	if (pmd_huge_pte(tlb->mm, pmd))
		zap_deposited_table(tlb->mm, pmd);
	page = pmd_page(orig_pmd);
	if (!PageAnon(page) && pmd_dirty(orig_pmd))
		folio_mark_dirty(page_folio(page));
	folio_remove_rmap_pte(page_folio(page), page, vma);
	spin_unlock(ptl);
	tlb_remove_page_size(tlb, page, HPAGE_PMD_SIZE);
	return 1;
}

/* Of a file: the page cache has the folio, so the entry just goes, and faults come back for it. */
static void zap_huge_file_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long haddr)
{
	pmd_t old_pmd = pmdp_huge_clear_flush(vma, haddr, pmd);
	struct page *page = pmd_page(old_pmd);

	if (pmd_dirty(old_pmd))
		folio_mark_dirty(page_folio(page));
	folio_remove_rmap_pte(page_folio(page), page, vma);
	put_page(page);
}

/*
 * The stored table, filled, takes the huge entry's place. In between the entry
 * is invalid, not none: nobody installs anything there. Each small entry holds
 * the one frame, so it gets a reference for each but the first.
 */
static void __split_huge_pmd_locked(struct vm_area_struct *vma, pmd_t *pmd, unsigned long haddr)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t old_pmd, _pmd;
	struct page *page;
	pgtable_t pgtable;
	pte_t *pte;

	VM_BUG_ON(haddr & ~HPAGE_PMD_MASK);
	VM_BUG_ON_VMA(vma->vm_start > haddr, vma);
	VM_BUG_ON_VMA(vma->vm_end < haddr + HPAGE_PMD_SIZE, vma);
	VM_BUG_ON(!pmd_trans_huge(*pmd));
	if (vma->vm_file) {
		zap_huge_file_pmd(vma, pmd, haddr);
		return;
	}
	old_pmd = pmdp_invalidate(vma, haddr, pmd);
	page = pmd_page(old_pmd);
	VM_WARN_ON_FOLIO(!folio_ref_count(page_folio(page)), page_folio(page));
	VM_WARN_ON_FOLIO(!PageAnon(page), page_folio(page));
	folio_ref_add(page_folio(page), HPAGE_PMD_NR - 1);
	pgtable = pgtable_trans_huge_withdraw(mm, pmd);
	pmd_populate(mm, &_pmd, pgtable);
	pte = pte_offset_map(&_pmd, haddr);
	for (int i = 0; i < HPAGE_PMD_NR; i++) {
		pte_t entry = mk_pte(page, vma->vm_page_prot);

		if (pmd_write(old_pmd))
			entry = pte_mkwrite(entry, vma);
		if (pmd_dirty(old_pmd))
			entry = pte_mkdirty(entry);
		VM_WARN_ON(!pte_none(ptep_get(pte + i)));
		set_pte_at(mm, haddr + i * PAGE_SIZE, pte + i, entry);
	}
	pte_unmap(pte);
	if (HPAGE_PMD_NR > 1)
		atomic_add(HPAGE_PMD_NR - 1, &page->_mapcount);
	/* The entries before the table that shows them. */
	smp_wmb();
	pmd_populate(mm, pmd, pgtable);
}

void __split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long address)
{
	unsigned long haddr = address & HPAGE_PMD_MASK;
	struct mmu_notifier_range range;
	spinlock_t *ptl;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, vma->vm_mm, haddr,
				haddr + HPAGE_PMD_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	ptl = pmd_lock(vma->vm_mm, pmd);
	if (pmd_trans_huge(*pmd))
		__split_huge_pmd_locked(vma, pmd, haddr);
	spin_unlock(ptl);
	mmu_notifier_invalidate_range_end(&range);
}

/* Changes protection. Never none in between, for who looks without the lock; the flush comes with the gather. */
int change_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		    unsigned long addr, pgprot_t newprot)
{
	spinlock_t *ptl = pmd_trans_huge_lock(pmd, vma);
	pmd_t oldpmd, entry;

	tlb_change_page_size(tlb, HPAGE_PMD_SIZE);
	if (!ptl)
		return 0;
	oldpmd = pmdp_invalidate_ad(vma, addr, pmd);
	entry = pmd_modify(oldpmd, newprot);
	set_pmd_at(vma->vm_mm, addr, pmd, entry);
	tlb_flush_pmd_range(tlb, addr, HPAGE_PMD_SIZE);
	spin_unlock(ptl);
	return 1;
}
