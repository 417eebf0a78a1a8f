// SPDX-License-Identifier: Apache-2.0
/*
 * @question mremap moves a dirty PTE and flushes the old address after it has dropped the
 *   locks. Writeback cleans the PTE at the new address in between. A thread writes by the
 *   old address: who knows that the page is dirty?
 * @source B11 of docs/bugs.md: "mremap: fix race between mremap() and page cleanning",
 *   5d1904204c99, Linux 4.9
 * @cpu 0 mremap: move_ptes() moves the entry and flushes the old address
 * @cpu 1 writeback: page_mkclean() cleans the PTE where it finds one, flushes there, and
 *   the page is written to disk
 * @cpu 2 user: writes by the old address
 * @variant before: the old address is flushed after the locks are dropped
 * @variant fixed: before, if the entry was dirty
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

static const unsigned long new_addr = 0x40000000UL + PAGE_SIZE;
static struct page *page;
static int stored;
/* What was written to disk. */
static unsigned long on_disk;

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	make_pte_table();
	page = make_user_page(1, "page");
	install_pte(__pte(pte_val(mk_pte(page, PAGE_SHARED)) | _PAGE_DIRTY));
	load_mm(2, mm);
}

/* Both addresses are in one table here, under one lock. */
void cpu0(void)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	pte_t moved = ptep_get_and_clear(mm, addr, pte);

	set_pte(pte + 1, moved);
	if (variant(fixed) && (pte_flags(moved) & _PAGE_DIRTY))
		flush_tlb_page(vma, addr);
	pte_unmap_unlock(pte, ptl);
	if (variant(before))
		flush_tlb_page(vma, addr);
}

/* page_mkclean_one() at one address; a PTE that is there was dirty until now. */
static int mkclean(unsigned long address)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl) + (address - addr) / PAGE_SIZE;
	pte_t entry = ptep_get(pte);
	int cleaned = 0;

	if (pte_present(entry) && (pte_flags(entry) & (_PAGE_DIRTY | _PAGE_RW))) {
		entry = ptep_clear_flush(vma, address, pte);
		set_pte(pte, __pte(pte_val(entry) & ~(_PAGE_DIRTY | _PAGE_RW)));
		cleaned = 1;
	}
	pte_unmap_unlock(pte, ptl);
	return cleaned;
}

/* clear_page_dirty_for_io(), then the page's data goes out. */
void cpu1(void)
{
	if (!mkclean(addr))
		mkclean(new_addr);
	on_disk = READ_ONCE(*page_data(page));
}

void cpu2(void)
{
	stored = !shootdown_user_write(addr, 2);
}

static int is_dirty_at(int index)
{
	pte_t *pte = pte_offset_map(pmd, addr);
	int dirty = (pte_flags(pte[index]) & _PAGE_DIRTY) != 0;

	pte_unmap(pte);
	return dirty;
}

void finish(void)
{
	shootdown_require("lost-store", !stored || on_disk == 2 || is_dirty_at(0) || is_dirty_at(1),
			  "a page that is not on disk as it is is known to be dirty");
}
