// SPDX-License-Identifier: Apache-2.0
/*
 * @question change_protection() has made a PTE PROT_NONE and not flushed yet. A NUMA hinting
 *   fault migrates the page and takes PROT_NONE for "in no TLB": where does a write end
 *   that another CPU makes meanwhile?
 * @source B29 of docs/bugs.md: "mm: fix TLB flush race between migration, and
 *   change_protection_range", 20841405940e, Linux 3.13
 * @cpu 0 protect: makes the PTE PROT_NONE under its lock, flushes afterwards
 * @cpu 1 migrate: copies the page and maps the copy
 * @cpu 2 user: writes to the page
 * @variant before: the migration does not flush what is PROT_NONE
 * @variant fixed: it does while mm_tlb_flush_pending()
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

void cpu0(void)
{
	spinlock_t *ptl;
	pte_t *pte, entry;

	inc_tlb_flush_pending(mm);
	pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	entry = ptep_get_and_clear(mm, addr, pte);
	set_pte(pte, __pte((pte_val(entry) & ~(_PAGE_PRESENT | _PAGE_RW)) | _PAGE_PROTNONE));
	pte_unmap_unlock(pte, ptl);
	flush_tlb_page(vma, addr);
	dec_tlb_flush_pending(mm);
}

/*
 * A migration in one piece under the lock. The old page is not freed here, so that it can
 * be seen what was written to it.
 */
void cpu1(void)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	pte_t entry = ptep_get(pte);

	if (pte_protnone(entry)) {
		entry = ptep_get_and_clear(mm, addr, pte);
		if (variant(fixed) && pte_accessible(mm, entry))
			flush_tlb_page(vma, addr);
		WRITE_ONCE(*page_data(new_page), READ_ONCE(*page_data(old_page)));
		set_pte(pte, __pte(pte_val(mk_pte(new_page, PAGE_SHARED)) | _PAGE_DIRTY));
	}
	pte_unmap_unlock(pte, ptl);
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
