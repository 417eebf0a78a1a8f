// SPDX-License-Identifier: Apache-2.0
/* Entries and tables go. After mm/memory.c, 6.12 and 6.18. */
#include <linux/huge_mm.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <linux/page-flags.h>
#include <linux/rmap.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

unsigned long zap_resched_before;
bool zap_reclaims_unchecked;

/*
 * The table's lock is dropped half-way where somebody else wants the CPU, the
 * gather is full, or a dirty file page was met: that one is flushed for before,
 * so that write-back cannot take it for clean while somebody still writes.
 * Returns where it ended: `end`, unless the table is gone. Departs: of a table,
 * HPAGE_PMD_NR entries.
 */
unsigned long zap_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
			    unsigned long addr, unsigned long end, struct zap_details *details)
{
	bool can_reclaim_pt = reclaim_pt_is_enabled(addr, end, details);
	unsigned long last = (addr & HPAGE_PMD_MASK) + HPAGE_PMD_NR * PAGE_SIZE;
	unsigned long start = addr;
	struct mm_struct *mm = tlb->mm;
	bool direct_reclaim = true;
	pmd_t pmdval;

	if (end > last)
		end = last;
	while (addr < end) {
		bool force_flush = false, full = false;
		struct page *delayed = NULL;
		unsigned long first = addr;
		pte_t *start_pte, *pte;
		spinlock_t *ptl;

		tlb_change_page_size(tlb, PAGE_SIZE);
		start_pte = pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
		if (!pte)
			return addr;
		flush_tlb_batched_pending(mm);
		arch_enter_lazy_mmu_mode();
		for (; addr != end && !force_flush; pte++, addr += PAGE_SIZE) {
			struct page *page;
			pte_t ptent;

			if (addr == zap_resched_before && addr != first)
				break;
			ptent = ptep_get(pte);
			if (pte_none(ptent))
				continue;
			if (!pte_present(ptent)) {
				can_reclaim_pt = false;
				continue;
			}
			ptent = ptep_get_and_clear(mm, addr, pte);
			tlb_remove_tlb_entry(tlb, pte, addr);
			page = pte_page(ptent);
			if (!PageAnon(page) && pte_dirty(ptent)) {
				folio_mark_dirty(page_folio(page));
				force_flush = true;
				delayed = page;
			} else {
				folio_remove_rmap_pte(page_folio(page), page, vma);
			}
			if (__tlb_remove_page(tlb, page))
				force_flush = full = true;
		}
		/* Others may fill what was cleared as soon as the lock is dropped. */
		if ((full || addr != end) && !zap_reclaims_unchecked)
			direct_reclaim = false;
		if (can_reclaim_pt && direct_reclaim && addr == end)
			direct_reclaim = try_get_and_clear_pmd(mm, pmd, &pmdval);
		arch_leave_lazy_mmu_mode();
		if (force_flush) {
			tlb_flush_mmu_tlbonly(tlb);
			if (delayed)
				folio_remove_rmap_pte(page_folio(delayed), delayed, vma);
		}
		pte_unmap_unlock(start_pte, ptl);
		if (force_flush)
			tlb_flush_mmu(tlb);
		if (addr != end)
			cond_resched();
	}
	if (can_reclaim_pt && direct_reclaim)
		free_pte(mm, start, tlb, pmdval);
	else if (can_reclaim_pt)
		try_to_free_pte(mm, pmd, start, tlb);
	return addr;
}

/* Departs: one PMD, which the range lies in. */
static void zap_pmd_range(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long addr,
			  unsigned long end, struct zap_details *details)
{
	pmd_t *pmd = mm_find_pmd(tlb->mm, addr);

	if (!pmd)
		return;
	if (pmd_trans_huge(*pmd)) {
		if (end - addr != HPAGE_PMD_SIZE)
			__split_huge_pmd(vma, pmd, addr);
		else if (zap_huge_pmd(tlb, vma, pmd, addr))
			return;
	}
	/* A read of the entry that decides nothing by itself: the map looks again. */
	if (pmd_none(*pmd))
		return;
	zap_pte_range(tlb, vma, pmd, addr, end, details);
}

void unmap_vmas(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long start,
		unsigned long end)
{
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP, 0, vma->vm_mm, start, end);
	mmu_notifier_invalidate_range_start(&range);
	tlb_start_vma(tlb, vma);
	zap_pmd_range(tlb, vma, start, end, NULL);
	tlb_end_vma(tlb, vma);
	mmu_notifier_invalidate_range_end(&range);
}

/* MADV_DONTNEED: the entries go, the VMA stays; its tables do where they are not reclaimed. */
void zap_page_range_single(struct vm_area_struct *vma, unsigned long address, unsigned long size)
{
	struct zap_details details = { .reclaim_pt = true };
	struct mmu_notifier_range range;
	struct mmu_gather tlb;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, vma->vm_mm, address, address + size);
	tlb_gather_mmu(&tlb, vma->vm_mm);
	mmu_notifier_invalidate_range_start(&range);
	tlb_start_vma(&tlb, vma);
	zap_pmd_range(&tlb, vma, address, address + size, &details);
	tlb_end_vma(&tlb, vma);
	mmu_notifier_invalidate_range_end(&range);
	tlb_finish_mmu(&tlb);
}

/* No page-table lock: nobody can find the VMA any more, and walkers the flush or RCU waits for. */
static void free_pte_range(struct mmu_gather *tlb, pmd_t *pmd, unsigned long addr)
{
	pgtable_t token = pmd_pgtable(*pmd);

	pmd_clear(pmd);
	pte_free_tlb(tlb, token, addr);
	mm_dec_nr_ptes(tlb->mm);
}

/*
 * The VMA is unlinked from its file first. Departs: one table, that of its
 * first PMD; those above it stay, as if another VMA lay beside: free_pgd_range().
 */
void free_pgtables(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	pmd_t *pmd = mm_find_pmd(tlb->mm, vma->vm_start);

	unlink_file_vma(vma);
	if (!pmd || pmd_none(*pmd) || pmd_trans_huge(*pmd))
		return;
	free_pte_range(tlb, pmd, vma->vm_start);
}
