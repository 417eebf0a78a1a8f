// SPDX-License-Identifier: Apache-2.0
/*
 * @question A huge PMD holds a migration entry when it is split, and is made invalid as if it
 *   were present. arm64 marks that in a bit of its own: do walkers without the lock take
 *   the entry for a page, and does GUP-fast grab what they would see?
 * @source B13 of docs/bugs.md: "mm: fix race between __split_huge_pmd_locked() and GUP-fast",
 *   3a5a8d343e1c, Linux 6.11
 * @cpu 0 split: __split_huge_pmd_locked()
 * @cpu 1 walk: reads the PMD and asks whether it is a present huge page, as GUP-fast and
 *   hmm_vma_walk_pmd() do
 * @cpu 2 gup-fast: takes a reference to the page behind the address
 * @variant before: pmdp_invalidate() whatever the entry is
 * @variant fixed: only if it is present
 * @arch arm64 x86_64
 * @platform native
 * @expect before arm64 * unsafe assertion
 * @expect before x86_64 * safe
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/pgalloc.h>
#include <shootdown/address-space.h>
#include <shootdown/current.h>

static pgtable_t table;
static struct page *grabbed;

/*
 * A swap entry: neither present nor none, the type and the offset above the bits that
 * either architecture looks at to tell.
 */
static pmd_t migration_entry(void)
{
	return __pmd(((pmdval_t)4 << 24) | ((pmdval_t)1 << 62));
}

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	table = pte_alloc_one(mm);
	mm_inc_nr_ptes(mm);
	set_pmd_at(mm, addr, pmd, migration_entry());
	run_with_mm(2, mm);
}

/* pmdp_invalidate() as it was: that it asserts a present entry came with the fix. */
static void invalidate_before(void)
{
	pmdp_establish(vma, addr, pmd, pmd_mkinvalid(*pmd));
	flush_pmd_tlb_range(vma, addr, addr + HPAGE_PMD_SIZE);
}

void cpu0(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	if (variant(before))
		invalidate_before();
	else if (pmd_present(*pmd))
		pmdp_invalidate(vma, addr, pmd);
	/* The table is filled with migration entries by PTE, which nobody here looks at. */
	smp_wmb();
	pmd_populate(mm, pmd, table);
	spin_unlock(ptl);
}

void cpu1(void)
{
	pmd_t found = pmdp_get_lockless(pmd);

	shootdown_require("assertion", !(pmd_present(found) && pmd_leaf(found)),
			  "a migration entry is not taken for a page");
}

/* pmd_access_permitted() asks for the valid bit too, which the entry does not have. */
void cpu2(void)
{
	get_user_pages_fast_only(addr, 1, FOLL_WRITE, &grabbed);
}

void finish(void)
{
	shootdown_require("lost-pin", !grabbed, "GUP-fast finds no page");
}
