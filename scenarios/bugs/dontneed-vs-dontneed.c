// SPDX-License-Identifier: Apache-2.0
/*
 * @question Two threads run MADV_DONTNEED on the same page. The second finds the PTE none and
 *   has nothing to flush, while the first has not flushed yet: is the old page gone for
 *   everybody when the second returns?
 * @source B28 of docs/bugs.md: "mm: fix MADV_[FREE|DONTNEED] TLB flush miss problem",
 *   99baac21e458, Linux 4.13
 * @cpu 0 first: clears the PTE, flushes when it is through, frees the page
 * @cpu 1 second: finds nothing, and returns
 * @cpu 2 user: reads the page once the second call has returned
 * @variant before: who cleared nothing flushes nothing
 * @variant fixed: unless others are at it, mm_tlb_flush_nested()
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe assertion
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/user-memory.h>

static struct page *page;
static int returned;

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	make_pte_table();
	page = make_user_page(1, "page");
	install_pte(mk_pte(page, PAGE_SHARED));
	shootdown_name(&mm->tlb_flush_pending, sizeof(atomic_t), "tlb_flush_pending");
	shootdown_name(&returned, sizeof(returned), "returned");
	load_mm(2, mm);
}

/* tlb_gather_mmu(), zap_pte_range(), tlb_finish_mmu(). */
static void dontneed(void)
{
	struct page *zapped = NULL;
	spinlock_t *ptl;
	pte_t *pte;

	inc_tlb_flush_pending(mm);
	pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	if (!pte_none(ptep_get(pte)))
		zapped = pte_page(ptep_get_and_clear(mm, addr, pte));
	pte_unmap_unlock(pte, ptl);
	if (zapped || (variant(fixed) && mm_tlb_flush_nested(mm)))
		flush_tlb_page(vma, addr);
	if (zapped)
		put_page(zapped);
	dec_tlb_flush_pending(mm);
}

void cpu0(void)
{
	dontneed();
}

void cpu1(void)
{
	dontneed();
	WRITE_ONCE(returned, 1);
}

void cpu2(void)
{
	unsigned long value = 0;

	if (!READ_ONCE(returned))
		return;
	shootdown_require("assertion", shootdown_user_read(addr, &value),
			  "after MADV_DONTNEED the old page is not read");
}
