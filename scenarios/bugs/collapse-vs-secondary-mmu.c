// SPDX-License-Identifier: Apache-2.0
/*
 * @question A collapse of file memory clears a PMD and does not tell the MMU notifiers. A guest
 *   maps one of the pages: what does it read when the page has been replaced and freed?
 * @source B4 of docs/bugs.md: "mm/khugepaged: invoke MMU notifiers in shmem/file collapse
 *   paths", f268f6cf875f, Linux 6.1
 * @cpu 0 collapse: clears the PMD and flushes; the huge page has replaced the small one,
 *   which is freed
 * @cpu 1 guest: reads through its own translation of the page, then faults
 * @variant before: no notification
 * @variant fixed: invalidate_range_start and _end around the clear and the flush
 * @era * 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv
 * @platform native
 * @expect before * * unsafe notifier-window
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <shootdown/address-space.h>
#include <shootdown/secondary-mmu.h>

static struct page *page;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	make_pte_table();
	page = make_table("page");
	page->mapping = (void *)PAGE_MAPPING_ANON;
	install_pte(mk_pte(page, PAGE_SHARED));
	make_secondary_mmu();
	secondary_mmu_maps(page);
	run_with_mm(1, mm);
}

/* collapse_and_free_pmd() of 6.0 and 6.1, and the last reference to the old page. */
void cpu0(void)
{
	struct mmu_notifier_range range;
	spinlock_t *pml;
	pmd_t old;

	mmap_write_lock(mm);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, addr, addr + HPAGE_PMD_SIZE);
	if (variant(fixed))
		mmu_notifier_invalidate_range_start(&range);
	pml = pmd_lock(mm, pmd);
	old = pmdp_collapse_flush(vma, addr, pmd);
	spin_unlock(pml);
	if (variant(fixed))
		mmu_notifier_invalidate_range_end(&range);
	mm_dec_nr_ptes(mm);
	pte_free_defer(mm, pmd_pgtable(old));
	mmap_write_unlock(mm);
	put_page(page);
}

void cpu1(void)
{
	secondary_mmu_read(secondary_mmu);
	secondary_mmu_fault(secondary_mmu);
}
