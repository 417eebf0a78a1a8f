// SPDX-License-Identifier: Apache-2.0
/*
 * @question perf asks from an NMI how large the page behind an address is, and walks
 *   the page tables for it. Does what frees a table wait for such a walk?
 * @source perf_get_page_size, kernel/events/core.c, Linux 6.12; collapse_and_free_pmd,
 *   mm/khugepaged.c, Linux 6.1
 * @cpu 0 retract: clears the PMD, flushes, waits as the variant says, frees the table
 * @cpu 1 user: runs with interrupts on, and is struck by an NMI
 * @variant sync-then-free: tlb_remove_table_sync_one(), then pte_free()
 * @variant free-at-once: the flush alone, then pte_free()
 * @arch x86_64 i386-pae
 * @platform native kvm hyperv
 * @preemptions kvm 1
 * @nmis 1
 * @config PARAVIRT
 * @expect * * native safe
 * @expect sync-then-free * * PARAVIRT=y safe
 * @expect free-at-once * * PARAVIRT=y unsafe use-after-free
 */
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/current.h>

void setup(void)
{
	struct page *page;

	make_mm(2);
	make_upper_tables();
	make_pte_table();
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	install_pte(mk_pte(page, PAGE_SHARED));
	run_with_mm(1, mm);
}

void cpu0(void)
{
	spinlock_t *pml = pmd_lock(mm, pmd);
	pmd_t old = pmdp_collapse_flush(vma, addr, pmd);

	spin_unlock(pml);
	mm_dec_nr_ptes(mm);
	if (variant(sync_then_free))
		tlb_remove_table_sync_one();
	pte_free(mm, pmd_pgtable(old));
}

void cpu1(void)
{
}

void nmi1(void)
{
	perf_get_page_size(addr);
}
