// SPDX-License-Identifier: Apache-2.0
/*
 * @question A PTE table is retracted while another CPU maps it without a lock and
 *   a third installs a new one: may the wait for lockless readers
 *   (pmdp_get_lockless_sync) move out from under the page-table lock, or go?
 * @source "Re: [PATCH v1 1/1] mm/khugepaged: move tlb_remove_table_sync_one out",
 *   Lance Yang, 20 Jan 2026; retract_page_tables, mm/khugepaged.c, Linux 6.12
 * @cpu 0 retract: clears the PMD, waits as the variant says, frees the table by RCU
 * @cpu 1 reader: maps the table with __pte_offset_map and reads one entry
 * @cpu 2 fault: finds no table and installs a new one
 * @variant mainline: pmdp_get_lockless_sync() under the page-table lock
 * @variant sync-after-unlock: pmdp_get_lockless_sync() after the lock is dropped
 * @variant no-sync: no pmdp_get_lockless_sync() at all
 * @variant unconditional-sync: tlb_remove_table_sync_one() after the lock is dropped,
 *   on every configuration (the first version of the patch)
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm hyperv xen invlpgb sbi hash
 * @preemptions kvm 1
 * @config HIGHPTE PARAVIRT
 * @expect * x86_64 * safe
 * @expect * powerpc * safe
 * @expect * s390 * safe
 * @expect * arm64 * safe
 * @expect * riscv * safe
 * @expect * i386-pae native safe
 * @expect * i386-pae * HIGHPTE=n safe
 * @expect mainline i386-pae * PARAVIRT=y safe
 * @expect * i386-pae hyperv PARAVIRT=y unsafe torn-entry
 * @expect * i386-pae kvm PARAVIRT=y unsafe torn-entry
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	make_pte_table();
}

void cpu0(void)
{
	spinlock_t *pml = pmd_lock(mm, pmd);
	spinlock_t *ptl = pte_lockptr(mm, pmd);
	pmd_t old;

	if (ptl != pml)
		spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	old = pmdp_collapse_flush(vma, addr, pmd);
	if (variant(mainline))
		pmdp_get_lockless_sync();
	if (ptl != pml)
		spin_unlock(ptl);
	spin_unlock(pml);

	if (variant(sync_after_unlock))
		pmdp_get_lockless_sync();
	if (variant(unconditional_sync))
		tlb_remove_table_sync_one();

	mm_dec_nr_ptes(mm);
	pte_free_defer(mm, pmd_pgtable(old));
}

void cpu1(void)
{
	pte_t *pte = __pte_offset_map(pmd, addr, NULL);

	if (!pte)
		return;
	(void)ptep_get(pte);
	pte_unmap(pte);
}

void cpu2(void)
{
	__pte_alloc(mm, pmd);
}
