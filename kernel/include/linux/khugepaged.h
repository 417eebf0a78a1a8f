// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_KHUGEPAGED_H
#define _LINUX_KHUGEPAGED_H

#include <linux/mm_types.h>

/*
 * How a collapse waits for lockless walkers once it has cleared a PMD: what the
 * mails discuss. A scenario sets `collapse_sync` in setup().
 */
enum collapse_sync {
	/* Linux 6.12: see each caller. */
	COLLAPSE_SYNC_MAINLINE,
	/* The first mail: pmdp_collapse_flush_sync(), all under the page-table lock. */
	COLLAPSE_SYNC_V3,
	/* Its reply: the lock goes in, and is dropped before the wait. */
	COLLAPSE_SYNC_V3_REPLY,
	/* The second mail: pmdp_get_lockless_sync() after the lock is dropped. */
	COLLAPSE_SYNC_AFTER_UNLOCK,
	COLLAPSE_SYNC_NONE,
	/* tlb_remove_table_sync_one() after the lock is dropped, on every configuration. */
	COLLAPSE_SYNC_UNCONDITIONAL,
	/* As V3, but what the flush has sent is not forgotten when the wait was skipped. */
	COLLAPSE_SYNC_FLAG_KEPT,
};

extern enum collapse_sync collapse_sync;
/* Bugs that a scenario asks for: no notification; a flush that does not tell that a table goes. */
extern bool collapse_without_notifier;
extern bool collapse_without_freed_tables;

/* Why a collapse was given up; the kernel's names. */
enum scan_result {
	SCAN_FAIL,
	SCAN_SUCCEED,
	SCAN_PMD_NULL,
	SCAN_PMD_NONE,
	SCAN_PMD_MAPPED,
	SCAN_PTE_NON_PRESENT,
	SCAN_PTE_UFFD_WP,
	SCAN_PAGE_ANON,
	SCAN_PAGE_COUNT,
	SCAN_PAGE_LOCK,
	SCAN_PAGE_NULL,
	SCAN_ANY_PROCESS,
	SCAN_VMA_NULL,
	SCAN_VMA_CHECK,
	SCAN_ADDRESS_RANGE,
};

struct address_space;

enum scan_result collapse_huge_page(struct mm_struct *mm, unsigned long address);
void retract_page_tables(struct address_space *mapping, unsigned long pgoff);
enum scan_result collapse_pte_mapped_thp(struct mm_struct *mm, unsigned long addr,
					 bool install_pmd);
/* Its name since 6.18 or so. */
#define try_collapse_pte_mapped_thp collapse_pte_mapped_thp

#endif
