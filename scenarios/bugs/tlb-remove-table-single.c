// SPDX-License-Identifier: Apache-2.0
/*
 * @question An mm has one user left, so tlb_remove_table() frees a PTE table at once. Another
 *   CPU runs a kernel thread and has kept the mm's tables loaded: does its walker still
 *   know the table?
 * @source B24 of docs/bugs.md: "mm/tlb: Remove tlb_remove_table() non-concurrent condition"
 *   and "mm/tlb, x86/mm: Support invalidating TLB caches for RCU_TABLE_FREE", d86564a2f085,
 *   Linux 4.19
 * @cpu 0 munmap: clears the PMD and hands the table to tlb_remove_table()
 * @cpu 1 lazy: kept the mm's tables when its task went; its walker may run at any time
 * @variant before: the table goes at once, the flush comes with tlb_finish_mmu()
 * @variant fixed: flush, wait for walks with interrupts off, then free
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe stale-translation
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/user-memory.h>

static struct page *table;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	table = make_pte_table();
	install_pte(mk_pte(make_user_page(1, "page"), PAGE_SHARED));
	/* As enter_lazy_tlb() leaves it: in mm_cpumask, and flushed only where tables go. */
	per_cpu(cpu_tlbstate_shared, 1).is_lazy = true;
	/* The CPU that unmaps is in the kernel: only what the other one has cached is asked. */
	load_mm(1, mm);
}

/* free_pte_range(); tlb_remove_table_one() for want of a batch in `fixed`. */
void cpu0(void)
{
	pmd_clear(pmd);
	if (variant(fixed)) {
		flush_tlb_mm(mm);
		tlb_remove_table_sync_one();
	}
	pte_free(mm, table);
	if (variant(before))
		flush_tlb_mm(mm);
}

/* Speculation walks: nobody has asked for the address. */
void cpu1(void)
{
	shootdown_walk(addr);
}
