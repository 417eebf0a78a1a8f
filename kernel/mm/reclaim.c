// SPDX-License-Identifier: Apache-2.0
/* Unmapping and cleaning by reverse mapping, and the flushes it puts off. After mm/rmap.c, 6.12. */
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/page-flags.h>
#include <linux/rmap.h>
#include <asm/tlb.h>

/*
 * From now on others may have the page too. Either GUP-fast's pin is seen
 * here, or it sees that the page is not exclusive: the caller has cleared the
 * entry, GUP-fast looks at it again after it has counted.
 */
int folio_try_share_anon_rmap_pte(struct folio *folio, struct page *page)
{
	VM_WARN_ON_FOLIO(!PageAnon(&folio->page), folio);
	VM_WARN_ON_FOLIO(!PageAnonExclusive(page), folio);
	smp_mb();
	if (unlikely(folio_maybe_dma_pinned(folio)))
		return -16; /* EBUSY */
	ClearPageAnonExclusive(page);
	smp_mb__after_atomic();
	return 0;
}

#ifdef CONFIG_ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH
#define TLB_FLUSH_BATCH_FLUSHED_SHIFT 16
#define TLB_FLUSH_BATCH_PENDING_MASK ((1 << (TLB_FLUSH_BATCH_FLUSHED_SHIFT - 1)) - 1)

/* The entry is gone and nobody was told: noted for this task, and on the mm for who comes after. */
static void set_tlb_ubc_flush_pending(struct mm_struct *mm, pte_t pteval, unsigned long uaddr)
{
	struct tlbflush_unmap_batch *tlb_ubc = &current->tlb_ubc;

	if (!pte_accessible(mm, pteval))
		return;
	arch_tlbbatch_add_pending(&tlb_ubc->arch, mm, uaddr);
	tlb_ubc->flush_required = true;
	barrier();
	/* Departs: the counter is too short a time in use to run over. */
	atomic_add(1, &mm->tlb_flush_batched);
}

void try_to_unmap_flush(void)
{
	struct tlbflush_unmap_batch *tlb_ubc = &current->tlb_ubc;

	if (!tlb_ubc->flush_required)
		return;
	arch_tlbbatch_flush(&tlb_ubc->arch);
	tlb_ubc->flush_required = false;
}

/* Whoever relies on a cleared entry being in no TLB asks this, under the entry's lock. */
void flush_tlb_batched_pending(struct mm_struct *mm)
{
	int batch = atomic_read(&mm->tlb_flush_batched);
	int pending = batch & TLB_FLUSH_BATCH_PENDING_MASK;
	int flushed = batch >> TLB_FLUSH_BATCH_FLUSHED_SHIFT;

	if (pending == flushed)
		return;
	flush_tlb_mm(mm);
	/* If another was noted meanwhile, that one is not flushed for. */
	atomic_cmpxchg(&mm->tlb_flush_batched, batch,
		       pending | (pending << TLB_FLUSH_BATCH_FLUSHED_SHIFT));
}

/* should_defer_flush(): one IPI for many pages, where there is anybody to be told. */
static bool should_defer_flush(struct mm_struct *mm, bool batch_flush)
{
	return batch_flush && arch_tlbbatch_should_defer(mm);
}
#else
static void set_tlb_ubc_flush_pending(struct mm_struct *mm, pte_t pteval, unsigned long uaddr)
{
	(void)mm, (void)pteval, (void)uaddr;
}
void try_to_unmap_flush(void) { }
void flush_tlb_batched_pending(struct mm_struct *mm) { (void)mm; }
static bool should_defer_flush(struct mm_struct *mm, bool batch_flush)
{
	(void)mm, (void)batch_flush;
	return false;
}
#endif

/*
 * Takes the folio out of one address space; the caller has its lock and a
 * reference. True where it is not mapped there any more. Departs: what was
 * unmapped is dropped, not swapped, and the entry is none.
 */
bool try_to_unmap_one(struct folio *folio, struct vm_area_struct *vma, unsigned long address,
		      bool batch_flush)
{
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_notifier_range range;
	pmd_t *pmd = mm_find_pmd(mm, address);
	bool unmapped = false;
	spinlock_t *ptl;
	pte_t *pte, pteval;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, address, address + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	pte = pmd ? pte_offset_map_lock(mm, pmd, address, &ptl) : NULL;
	if (!pte)
		goto out;
	pteval = ptep_get(pte);
	if (!pte_present(pteval) || pte_page(pteval) != &folio->page)
		goto out_unlock;
	if (should_defer_flush(mm, batch_flush)) {
		pteval = ptep_get_and_clear(mm, address, pte);
		set_tlb_ubc_flush_pending(mm, pteval, address);
	} else {
		pteval = ptep_clear_flush(vma, address, pte);
	}
	if (PageAnonExclusive(&folio->page) &&
	    folio_try_share_anon_rmap_pte(folio, &folio->page)) {
		set_pte_at(mm, address, pte, pteval);
		goto out_unlock;
	}
	/* The flush above, or the deferred one, comes before anybody looks whether it is dirty. */
	if (pte_dirty(pteval))
		folio_mark_dirty(folio);
	folio_remove_rmap_pte(folio, &folio->page, vma);
	folio_put(folio);
	unmapped = true;
out_unlock:
	pte_unmap_unlock(pte, ptl);
out:
	mmu_notifier_invalidate_range_end(&range);
	return unmapped;
}

/* Before a file's page is written back: it becomes read-only and clean. True if it was not. */
bool page_mkclean_one(struct folio *folio, struct vm_area_struct *vma, unsigned long address)
{
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_notifier_range range;
	pmd_t *pmd = mm_find_pmd(mm, address);
	bool cleaned = false;
	spinlock_t *ptl;
	pte_t *pte, entry;

	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE, 0, mm, address,
				address + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	pte = pmd ? pte_offset_map_lock(mm, pmd, address, &ptl) : NULL;
	if (!pte)
		goto out;
	entry = ptep_get(pte);
	if (pte_present(entry) && pte_page(entry) == &folio->page &&
	    (pte_dirty(entry) || pte_write(entry))) {
		entry = ptep_clear_flush(vma, address, pte);
		entry = pte_mkclean(pte_wrprotect(entry));
		set_pte_at(mm, address, pte, entry);
		cleaned = true;
	}
	pte_unmap_unlock(pte, ptl);
out:
	mmu_notifier_invalidate_range_end(&range);
	return cleaned;
}
