// SPDX-License-Identifier: Apache-2.0
/*
 * @question A guest's fault looks up the page of an address while another CPU unmaps and frees
 *   it, MMU notifiers told: is a translation to the freed page installed?
 * @source B41 of docs/bugs.md: "KVM: x86/mmu: Retry page fault if root is invalidated by memslot
 *   update", a955cad84cda, Linux 5.16, in its general form: an invalidation between the
 *   lookup and mmu_lock that the recheck does not see
 * @cpu 0 guest: faults, and reads through what it has got
 * @cpu 1 unmap: notifies, clears the PTE, flushes, frees the page
 * @variant before: the recheck under mmu_lock sees invalidations under way, none that has ended
 * @variant fixed: mmu_invalidate_retry(): none is under way, and none has ended since
 * @arch x86_64 i386-pae arm64 riscv
 * @platform native
 * @expect before * * unsafe notifier-window
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
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
	run_with_mm(0, mm);
}

/* kvm_faultin_pfn() and direct_page_fault(), with half of mmu_invalidate_retry(). */
static void fault_before(void)
{
	struct page *found = NULL;

	if (get_user_pages_fast_only(secondary_mmu->address, 1, FOLL_WRITE, &found) != 1)
		return;
	write_lock(&secondary_mmu->mmu_lock);
	if (!secondary_mmu->mmu_invalidate_in_progress)
		secondary_mmu_set(secondary_mmu, found, true);
	write_unlock(&secondary_mmu->mmu_lock);
	put_page(found);
}

void cpu0(void)
{
	if (variant(before))
		fault_before();
	else
		secondary_mmu_fault(secondary_mmu);
	secondary_mmu_read(secondary_mmu);
}

/* zap_page_range_single() */
void cpu1(void)
{
	struct mmu_notifier_range range;
	spinlock_t *ptl;
	pte_t *pte;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, addr, addr + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	ptep_get_and_clear(mm, addr, pte);
	pte_unmap_unlock(pte, ptl);
	flush_tlb_page(vma, addr);
	put_page(page);
	mmu_notifier_invalidate_range_end(&range);
}
