// SPDX-License-Identifier: Apache-2.0
/* What collapsing anonymous memory and files have in common. */
#ifndef _MM_KHUGEPAGED_H
#define _MM_KHUGEPAGED_H

#include <linux/huge_mm.h>
#include <linux/khugepaged.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>

static inline void notify_start(struct mmu_notifier_range *range, struct mm_struct *mm,
			 unsigned long address)
{
	mmu_notifier_range_init(range, MMU_NOTIFY_CLEAR, 0, mm, address,
				address + HPAGE_PMD_SIZE);
	if (!collapse_without_notifier)
		mmu_notifier_invalidate_range_start(range);
}

static inline void notify_end(struct mmu_notifier_range *range)
{
	if (!collapse_without_notifier)
		mmu_notifier_invalidate_range_end(range);
}

static inline bool hpage_collapse_test_exit(struct mm_struct *mm)
{
	return atomic_read(&mm->mm_users) == 0;
}

static inline bool userfaultfd_wp(struct vm_area_struct *vma)
{
	return (vma->vm_flags & VM_UFFD_WP) != 0;
}

static inline bool userfaultfd_armed(struct vm_area_struct *vma)
{
	return (vma->vm_flags & (VM_UFFD_MISSING | VM_UFFD_WP)) != 0;
}

static inline enum scan_result check_pmd_state(pmd_t *pmd)
{
	pmd_t pmde = pmdp_get_lockless(pmd);

	if (pmd_none(pmde))
		return SCAN_PMD_NONE;
	if (!pmd_present(pmde))
		return SCAN_PMD_NULL;
	if (pmd_trans_huge(pmde))
		return SCAN_PMD_MAPPED;
	if (pmd_bad(pmde))
		return SCAN_PMD_NULL;
	return SCAN_SUCCEED;
}

static inline enum scan_result find_pmd_or_thp_or_none(struct mm_struct *mm, unsigned long address,
						pmd_t **pmd)
{
	*pmd = mm_find_pmd(mm, address);
	return *pmd ? check_pmd_state(*pmd) : SCAN_PMD_NULL;
}

enum scan_result set_huge_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp,
			      struct page *page);

#endif
