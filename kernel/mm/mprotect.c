// SPDX-License-Identifier: Apache-2.0
/* Changing protection, NUMA hints included. After mm/mprotect.c, 6.12. */
#include <linux/huge_mm.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <asm/tlb.h>

/* The entry is none for a moment, but only for who does not hold the lock; the flush comes with the gather. */
long change_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		      unsigned long addr, unsigned long end, pgprot_t newprot)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t *start_pte, *pte;
	spinlock_t *ptl;
	long pages = 0;

	tlb_change_page_size(tlb, PAGE_SIZE);
	start_pte = pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	if (!pte)
		return -11; /* EAGAIN */
	flush_tlb_batched_pending(mm);
	arch_enter_lazy_mmu_mode();
	for (; addr != end; pte++, addr += PAGE_SIZE) {
		pte_t oldpte = ptep_get(pte), ptent;

		if (!pte_present(oldpte))
			continue;
		oldpte = ptep_modify_prot_start(vma, addr, pte);
		ptent = pte_modify(oldpte, newprot);
		ptep_modify_prot_commit(vma, addr, pte, oldpte, ptent);
		if (pte_needs_flush(oldpte, ptent))
			tlb_flush_pte_range(tlb, addr, PAGE_SIZE);
		pages++;
	}
	arch_leave_lazy_mmu_mode();
	pte_unmap_unlock(start_pte, ptl);
	return pages;
}

/* Departs: one PMD, which the range lies in, and of it HPAGE_PMD_NR entries. */
long change_protection(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       pgprot_t newprot)
{
	unsigned long last = (start & HPAGE_PMD_MASK) + HPAGE_PMD_NR * PAGE_SIZE;
	pmd_t *pmd = mm_find_pmd(vma->vm_mm, start);
	struct mmu_notifier_range range;
	struct mmu_gather tlb;
	long pages = 0;

	tlb_gather_mmu(&tlb, vma->vm_mm);
	tlb_start_vma(&tlb, vma);
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_VMA, 0, vma->vm_mm, start, end);
	mmu_notifier_invalidate_range_start(&range);
	if (pmd && pmd_trans_huge(*pmd))
		pages = change_huge_pmd(&tlb, vma, pmd, start, newprot);
	else if (pmd && !pmd_none(*pmd))
		pages = change_pte_range(&tlb, vma, pmd, start, end < last ? end : last, newprot);
	mmu_notifier_invalidate_range_end(&range);
	tlb_end_vma(&tlb, vma);
	tlb_finish_mmu(&tlb);
	return pages;
}
