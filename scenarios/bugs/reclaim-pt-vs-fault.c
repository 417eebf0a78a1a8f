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
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe refcount
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>

/* The table has two entries that are ever used. */
#define ENTRIES 2

static struct page *new_page;
static int faulted;
static int freed;

void setup(void)
{
	struct page *page;
	pte_t *pte;
	int i;

	make_mm(2);
	make_upper_tables();
	make_pte_table();
	new_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	pte = pte_offset_map(pmd, addr);
	for (i = 0; i < ENTRIES; i++)
		set_pte(pte + i, mk_pte(page, PAGE_SHARED));
	pte_unmap(pte);
}

/* With the PTE table's lock held, hence only if the PMD's is free. */
static int try_get_and_clear_pmd(pmd_t *old)
{
	spinlock_t *pml = pmd_lockptr(mm, pmd);

	if (!spin_trylock(pml))
		return 0;
	*old = *pmd;
	pmd_clear(pmd);
	spin_unlock(pml);
	return 1;
}

/* Clears one entry; the last may take the table along. */
static int zap_pte(int i, pmd_t *old)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	int taken = 0;

	ptep_get_and_clear(mm, addr, pte + i);
	if (i == ENTRIES - 1 && variant(before))
		taken = try_get_and_clear_pmd(old);
	pte_unmap_unlock(pte, ptl);
	return taken;
}

/* try_to_free_pte(): looks at every entry with both locks held. */
static int clear_pmd_if_empty(pmd_t *old)
{
	spinlock_t *pml = pmd_lock(mm, pmd), *ptl;
	pte_t *pte = pte_offset_map_nolock(mm, pmd, addr, &ptl);
	int i, empty = 1;

	spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	for (i = 0; i < ENTRIES; i++)
		empty &= pte_none(ptep_get(pte + i));
	if (empty) {
		*old = *pmd;
		pmd_clear(pmd);
	}
	spin_unlock(ptl);
	pte_unmap(pte);
	spin_unlock(pml);
	return empty;
}

/* zap_pte_range() with PT_RECLAIM, under mmap_lock for reading. */
void cpu0(void)
{
	pmd_t old;

	/* need_resched() after the first entry. */
	zap_pte(0, &old);
	freed = zap_pte(1, &old) || clear_pmd_if_empty(&old);
	flush_tlb_range(vma, addr, addr + HPAGE_PMD_SIZE);
	if (freed) {
		mm_dec_nr_ptes(mm);
		pte_free_defer(mm, pmd_pgtable(old));
	}
}

/* do_anonymous_page() */
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
	shootdown_require("refcount", !(faulted && freed), "a page that was mapped is mapped");
}
