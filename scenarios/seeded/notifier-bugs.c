// SPDX-License-Identifier: Apache-2.0
/*
 * @question Bugs put into a collapse beside a secondary MMU on purpose: are they found?
 * @source collapse_huge_page, mm/khugepaged.c, and kvm_mmu_notifier_invalidate_range_start,
 *   virt/kvm/kvm_main.c, Linux 6.12, broken here; "mm/khugepaged: invoke MMU notifiers in
 *   shmem/file collapse paths", Jann Horn, 2022
 * @cpu 0 collapse: replaces the page that the secondary MMU may map by a huge one
 * @cpu 1 guest: faults, if its MMU has no translation, and writes through it
 * @variant mainline: the collapse notifies, the fault looks whether it was notified
 * @variant no-notifier: the collapse notifies nobody
 * @variant no-retry: the fault does not look again under its lock
 * @builtin *
 * @arch x86_64 i386-pae
 * @platform native
 * @config PARAVIRT
 * @expect mainline * * safe
 * @expect * * * unsafe notifier-window
 */
#include <linux/khugepaged.h>
#include <shootdown/memory-of.h>
#include <shootdown/secondary-mmu.h>

void setup(void)
{
	struct page *page;

	collapse_without_notifier = variant(no_notifier);
	make_mm(2);
	make_upper_tables();
	make_anonymous();
	make_pte_table();
	page = make_mapped_page(0, "page");
	make_secondary_mmu();
	run_with_mm(1, mm);
	/* There from the start: a fault is for who has none. */
	if (variant(no_notifier))
		secondary_mmu_maps(page);
}

void cpu0(void)
{
	mmap_read_lock(mm);
	collapse_huge_page(mm, addr);
}

static void careless_fault(struct secondary_mmu *mmu)
{
	struct page *page = NULL;

	if (get_user_pages_fast_only(mmu->address, 1, FOLL_WRITE, &page) != 1)
		return;
	write_lock(&mmu->mmu_lock);
	secondary_mmu_set(mmu, page, true);
	write_unlock(&mmu->mmu_lock);
	put_page(page);
}

void cpu1(void)
{
	if (variant(no_retry))
		careless_fault(secondary_mmu);
	else if (!variant(no_notifier))
		secondary_mmu_fault(secondary_mmu);
	secondary_mmu_write(secondary_mmu, 1);
}
