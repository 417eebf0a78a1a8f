// SPDX-License-Identifier: Apache-2.0
/*
 * @question A huge PMD is made invalid to be split, and its dirty bit is carried over to the
 *   page. The hardware sets that bit while this happens: is it lost?
 * @source B34 of docs/bugs.md: "mm: do not lose dirty and accessed bits in pmdp_invalidate()",
 *   Linux 4.16
 * @cpu 0 split: pmdp_invalidate(); the page is dirty if the old entry was
 * @cpu 1 user: writes to the page, whose entry is clean
 * @variant before: the entry is read, and the invalid one stored
 * @variant fixed: pmdp_establish() exchanges them
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe lost-store
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/user-memory.h>

static int stored;
static int page_dirty;

void setup(void)
{
	/* The first frame there is, which is aligned as a huge page must be. */
	struct page *huge_page = make_user_page(1, "huge page");

	make_mm(2);
	make_upper_tables();
	set_pmd_at(mm, addr, pmd, pmd_mkhuge(pfn_pmd(page_to_pfn(huge_page), PAGE_SHARED)));
	load_mm(1, mm);
}

/* __split_huge_pmd_locked(), as far as the dirty bit goes. */
void cpu0(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);
	pmd_t old;

	if (variant(before)) {
		old = *pmd;
		set_pmd_at(mm, addr, pmd, pmd_mkinvalid(old));
	} else {
		old = pmdp_establish(vma, addr, pmd, pmd_mkinvalid(*pmd));
	}
	flush_pmd_tlb_range(vma, addr, addr + HPAGE_PMD_SIZE);
	page_dirty = (pmd_flags(old) & _PAGE_DIRTY) != 0;
	spin_unlock(ptl);
}

void cpu1(void)
{
	stored = !shootdown_user_write(addr, 2);
}

void finish(void)
{
	shootdown_require("lost-store", !stored || page_dirty,
			  "a page that was written to is known to be dirty");
}
