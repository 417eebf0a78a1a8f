// SPDX-License-Identifier: Apache-2.0
/*
 * @question mm->tlb_flush_pending is one flag for all flushers of an mm. One is done and
 *   clears it while another has changed a PTE and not flushed: does a NUMA migration skip
 *   a flush that it needs?
 * @source B27 of docs/bugs.md: "mm: migrate: prevent racy access to tlb_flush_pending",
 *   16af97dc5a89, Linux 4.13
 * @cpu 0 first: changes protection somewhere else, flushes; then migrates the page of CPU 1
 * @cpu 1 second: makes the PTE PROT_NONE, flushes afterwards
 * @cpu 2 user: writes to the page
 * @variant before: a flag
 * @variant fixed: a count
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe lost-store
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/user-memory.h>

static struct page *old_page, *new_page;
static int stored;

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	make_pte_table();
	old_page = make_user_page(1, "old page");
	new_page = make_user_page(0, "new page");
	install_pte(__pte(pte_val(mk_pte(old_page, PAGE_SHARED)) | _PAGE_DIRTY));
	shootdown_name(&mm->tlb_flush_pending, sizeof(atomic_t), "tlb_flush_pending");
	load_mm(2, mm);
}

static void begin_flush(void)
{
	if (variant(before))
		WRITE_ONCE(mm->tlb_flush_pending.counter, 1);
	else
		inc_tlb_flush_pending(mm);
}

static void end_flush(void)
{
	if (variant(before))
		WRITE_ONCE(mm->tlb_flush_pending.counter, 0);
	else
		dec_tlb_flush_pending(mm);
}

/*
 * change_protection() of another range, whose flush is left out: it is of no address here,
 * and would only make this CPU wait. Then a NUMA hinting fault.
 */
void cpu0(void)
{
	spinlock_t *ptl;
	pte_t *pte, entry;

	begin_flush();
	end_flush();

	pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	entry = ptep_get(pte);
	if (pte_protnone(entry)) {
		entry = ptep_get_and_clear(mm, addr, pte);
		if (pte_accessible(mm, entry))
			flush_tlb_page(vma, addr);
		WRITE_ONCE(*page_data(new_page), READ_ONCE(*page_data(old_page)));
		set_pte(pte, __pte(pte_val(mk_pte(new_page, PAGE_SHARED)) | _PAGE_DIRTY));
	}
	pte_unmap_unlock(pte, ptl);
}

void cpu1(void)
{
	spinlock_t *ptl;
	pte_t *pte, entry;

	begin_flush();
	pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	entry = ptep_get_and_clear(mm, addr, pte);
	set_pte(pte, __pte((pte_val(entry) & ~(_PAGE_PRESENT | _PAGE_RW)) | _PAGE_PROTNONE));
	pte_unmap_unlock(pte, ptl);
	flush_tlb_page(vma, addr);
	end_flush();
}

void cpu2(void)
{
	stored = !shootdown_user_write(addr, 2);
}

void finish(void)
{
	pte_t *pte = pte_offset_map(pmd, addr);

	shootdown_require("lost-store", !stored || *page_data(pte_page(ptep_get(pte))) == 2,
			  "what user space has written is in the page that is mapped");
	pte_unmap(pte);
}
