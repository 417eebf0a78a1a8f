// SPDX-License-Identifier: Apache-2.0
/*
 * @question MADV_DONTNEED frees a PTE table that it has emptied. It drops the table's lock
 *   half-way to reschedule, and a fault fills an entry that it has passed: is the table
 *   freed with that entry in it?
 * @source B53 of docs/bugs.md: "mm: pgtable: fix incorrect reclaim of non-empty PTE pages",
 *   Linux 6.14
 * @cpu 0 zap: clears two PTEs, the lock dropped between them, then frees the table
 * @cpu 1 fault: maps a page at the first PTE
 * @variant before: empty is what was cleared once
 * @variant fixed: all entries are looked at again under both locks
 * @builtin *
 * @era * 6.18
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe refcount
 * @expect fixed * * safe
 */
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
#include <shootdown/memory-of.h>

static struct page *new_page;
static int faulted;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	make_anonymous();
	make_pte_table();
	make_mapped_page(0, "first page");
	make_mapped_page(1, "second page");
	new_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	/* need_resched() after the first entry. */
	zap_resched_before = addr + PAGE_SIZE;
	zap_reclaims_unchecked = variant(before);
}

void cpu0(void)
{
	mmap_read_lock(mm);
	zap_page_range_single(vma, addr, HPAGE_PMD_SIZE);
	mmap_read_unlock(mm);
}

/* do_anonymous_page(), for which there is a table still */
void cpu1(void)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);

	if (!pte)
		return;
	if (pte_none(ptep_get(pte))) {
		atomic_add(1, &new_page->_refcount);
		set_pte(pte, mk_pte(new_page, PAGE_SHARED));
		faulted = 1;
	}
	pte_unmap_unlock(pte, ptl);
}

void finish(void)
{
	shootdown_require("refcount", !(faulted && pmd_none(*pmd)), "a page that was mapped is mapped");
}
