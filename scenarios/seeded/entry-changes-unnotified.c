// SPDX-License-Identifier: Apache-2.0
/*
 * @question An entry that a secondary MMU goes by changes and the MMU notifiers are not told, or
 *   too late, or of another page, on purpose: is it found, though the page is never freed?
 * @source invalidate_range_start and _end, include/linux/mmu_notifier.h, Linux 6.12, left out here
 *   around what zap_pte_range, wp_page_copy and page_mkclean_one do to an entry
 * @cpu 0 change: changes the entry as the variant says; a reference to the page is kept
 * @cpu 1 guest: faults, looking whether it was notified, and reads through what it has
 * @variant mainline: clears the entry, between the notifications
 * @variant protected-readonly: write-protects what the secondary MMU can only read: it may
 *   go on doing that
 * @variant cleared: clears it, without
 * @variant remapped: puts another page in its place, without
 * @variant write-protected: takes the right to write away, without
 * @variant late: clears it, and notifies then
 * @variant narrow: clears it, between notifications of the next page
 * @arch x86_64 i386-pae arm64 riscv
 * @platform native
 * @expect mainline * * safe
 * @expect protected-readonly * * safe
 * @expect * * * unsafe notifier-window
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/secondary-mmu.h>

static struct page *page, *other;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	make_pte_table();
	page = make_table("page");
	page->mapping = (void *)PAGE_MAPPING_ANON;
	other = make_table("other page");
	other->mapping = (void *)PAGE_MAPPING_ANON;
	install_pte(mk_pte(page, PAGE_SHARED));
	make_secondary_mmu();
	if (variant(protected_readonly))
		secondary_mmu_maps_readonly(page);
	else if (!variant(mainline))
		secondary_mmu_maps(page);
	run_with_mm(1, mm);
}

static void change_entry(void)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	pte_t old = ptep_get(pte);

	if (variant(write_protected) || variant(protected_readonly)) {
		set_pte_at(mm, addr, pte, pte_wrprotect(old));
	} else {
		ptep_get_and_clear(mm, addr, pte);
		if (variant(remapped))
			set_pte_at(mm, addr, pte, mk_pte(other, PAGE_SHARED));
	}
	flush_tlb_page(vma, addr);
	pte_unmap_unlock(pte, ptl);
}

void cpu0(void)
{
	unsigned long at = variant(narrow) ? addr + PAGE_SIZE : addr;
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, at, at + PAGE_SIZE);
	if (variant(mainline) || variant(narrow))
		mmu_notifier_invalidate_range_start(&range);
	change_entry();
	if (variant(late))
		mmu_notifier_invalidate_range_start(&range);
	if (variant(mainline) || variant(narrow) || variant(late))
		mmu_notifier_invalidate_range_end(&range);
}

void cpu1(void)
{
	if (variant(mainline))
		secondary_mmu_fault(secondary_mmu);
	secondary_mmu_read(secondary_mmu);
}
