// SPDX-License-Identifier: Apache-2.0
/*
 * @question fork() copies a page that may be pinned for DMA and shares any other with the
 *   child, write-protected. GUP-fast pins in between: does the pin end up on a page that
 *   the parent no longer writes to?
 * @source B15 of docs/bugs.md: "mm: prevent gup_fast from racing with COW during fork",
 *   57efa1fe5957, Linux 5.11
 * @cpu 0 fork: looks for pins, write-protects the page and shares it
 * @cpu 1 pin: pins the page with GUP-fast, for writing
 * @variant before: nothing tells GUP-fast of the fork
 * @variant fixed: mm->write_protect_seq is odd during the copy; GUP-fast does not begin
 *   then, and takes its pin back if the count has changed
 * @arch x86_64 i386-pae arm64 riscv
 * @platform native
 * @expect before * * unsafe lost-pin
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <shootdown/address-space.h>
#include <shootdown/current.h>

static struct page *page;
static int shared;
static int pinned;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	make_pte_table();
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	page->mapping = (void *)PAGE_MAPPING_ANON;
	install_pte(mk_pte(page, PAGE_SHARED));
	run_with_mm(1, mm);
	shootdown_name(&mm->write_protect_seq, sizeof(seqcount_t), "write_protect_seq");
	shootdown_name(&page->_refcount, sizeof(page->_refcount), "refcount of the page");
}

/*
 * copy_present_page(): a reference besides the mapping's own stands for a pin. The parent
 * writes after the fork and gets a copy, as the page is shared: so a pin that the check
 * missed is on a page that the parent has left.
 */
void cpu0(void)
{
	spinlock_t *ptl;
	pte_t *pte;

	if (variant(fixed))
		raw_write_seqcount_begin(&mm->write_protect_seq);
	pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	if (page_ref_count(page) == 1) {
		atomic_add(1, &page->_refcount);
		/* ptep_set_wrprotect() */
		set_pte(pte, pte_wrprotect(*pte));
		shared = 1;
	}
	pte_unmap_unlock(pte, ptl);
	if (variant(fixed))
		raw_write_seqcount_end(&mm->write_protect_seq);
}

/* gup_fast(): the walk is the kernel's, the count is read around it. */
void cpu1(void)
{
	unsigned int seq = 0;
	struct page *found;

	if (variant(fixed)) {
		seq = raw_read_seqcount(&mm->write_protect_seq);
		if (seq & 1)
			return;
	}
	if (get_user_pages_fast_only(addr, 1, FOLL_WRITE, &found) != 1)
		return;
	if (variant(fixed) && read_seqcount_retry(&mm->write_protect_seq, seq)) {
		put_page(found);
		return;
	}
	pinned = 1;
}

void finish(void)
{
	shootdown_require("lost-pin", !(shared && pinned),
			  "a page pinned for writing is not shared with the child");
}
