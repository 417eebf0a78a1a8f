// SPDX-License-Identifier: Apache-2.0
/*
 * @question What may sleep is called with a page-table lock held on purpose: is it found,
 *   though nothing would have to be waited for?
 * @source tlb_flush_mmu, tlb_remove_table_one, mm/mmu_gather.c,
 *   mmu_notifier_invalidate_range_start, include/linux/mmu_notifier.h, Linux 6.12;
 *   "mm/mmu_gather: replace IPI with synchronize_rcu() when batch allocation fails", 2026
 * @cpu 0 caller: takes the PMD's lock and does what the variant says
 * @variant flush-only: tlb_flush_mmu_tlbonly(), which frees nothing and may be called there
 * @variant free-pages: tlb_flush_mmu(), which frees pages and may reschedule
 * @variant free-table: a table is removed; without memory for a batch, by the fallback that
 *   waits for a grace period
 * @variant notify: mmu_notifier_invalidate_range_start()
 * @variant take-rwsem: i_mmap_rwsem is taken
 * @variant fault: a page table is allocated
 * @builtin *
 * @arch x86_64 i386-pae
 * @platform hyperv
 * @config PARAVIRT
 * @expect flush-only * * safe
 * @expect * * * unsafe sleep-in-atomic
 */
#include <linux/mmu_notifier.h>
#include <asm/tlb.h>
#include <shootdown/memory-of.h>

static struct page *page;
static pgtable_t table;

void setup(void)
{
	table_fallback_sync_rcu = true;
	make_mm(1);
	make_upper_tables();
	make_file();
	table = make_pte_table();
	page = make_mapped_page(0, "page");
}

static void clear_entry(struct mmu_gather *tlb)
{
	pte_t *pte = pte_offset_map(pmd, addr);

	ptep_clear(mm, addr, pte);
	tlb_remove_tlb_entry(tlb, pte, addr);
	pte_unmap(pte);
	tlb_remove_page(tlb, page);
}

void cpu0(void)
{
	struct mmu_notifier_range range;
	struct mmu_gather tlb;
	spinlock_t *ptl;

	tlb_gather_mmu(&tlb, mm);
	ptl = pmd_lock(mm, pmd);
	if (variant(flush_only) || variant(free_pages))
		clear_entry(&tlb);
	if (variant(flush_only))
		tlb_flush_mmu_tlbonly(&tlb);
	if (variant(free_pages))
		tlb_flush_mmu(&tlb);
	if (variant(free_table)) {
		pmd_clear(pmd);
		pte_free_tlb(&tlb, table, addr);
	}
	if (variant(notify)) {
		mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, addr, addr + PAGE_SIZE);
		mmu_notifier_invalidate_range_start(&range);
	}
	if (variant(take_rwsem)) {
		i_mmap_lock_write(mapping);
		i_mmap_unlock_write(mapping);
	}
	if (variant(fault))
		__pte_alloc(mm, pmd + 1);
	spin_unlock(ptl);
	tlb_finish_mmu(&tlb);
}
