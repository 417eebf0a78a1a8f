// SPDX-License-Identifier: Apache-2.0
/*
 * @question munmap frees a page and its PTE table while another CPU walks to them with
 *   GUP-fast, with or without memory for a batch of tables: does each way of
 *   freeing a table wait for the walk?
 * @source tlb_remove_table, tlb_finish_mmu, mm/mmu_gather.c, Linux 6.1 to 6.18 (--era);
 *   "mm/mmu_gather: replace IPI with synchronize_rcu() when batch allocation fails", 2026
 * @cpu 0 munmap: unmaps the VMA: zaps its page, frees its table
 * @cpu 1 gup-fast: takes a reference to the page
 * @variant mainline: a batch of tables goes to RCU, a single one by what the era has
 * @variant sync-rcu: a single one waits for a grace period
 * @builtin *
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm hyperv xen invlpgb sbi hash
 * @preemptions kvm 1
 * @config HIGHPTE PARAVIRT
 * @expect * * * safe
 */
#include <linux/memory.h>
#include <asm/tlb.h>
#include <shootdown/current.h>
#include <shootdown/memory-of.h>

void setup(void)
{
#ifdef CONFIG_MMU_GATHER_RCU_TABLE_FREE
	table_fallback_sync_rcu = variant(sync_rcu);
#endif
	make_mm(2);
	make_upper_tables();
	make_anonymous();
	make_pte_table();
	make_mapped_page(0, "page");
	run_with_mm(1, mm);
}

void cpu0(void)
{
	do_munmap(mm, vma);
}

void cpu1(void)
{
	struct page *page;

	if (get_user_pages_fast_only(addr, 1, FOLL_WRITE, &page) == 1)
		put_page(page);
}
