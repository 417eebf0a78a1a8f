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
 * @variant v3: pmdp_collapse_flush_sync() under the lock, which waits only if the flush sent no IPI
 * @variant v3-reply: the same, with the lock dropped between flush and wait
 * @variant sync-after-unlock: pmdp_get_lockless_sync() after the lock is dropped
 * @variant no-sync: no pmdp_get_lockless_sync() at all
 * @variant unconditional-sync: tlb_remove_table_sync_one() after the lock is dropped,
 *   on every configuration (the first version of the patch)
 * @variant mainline+foreign-mm: the reader's CPU is not in mm_cpumask, as in a walk by
 *   reverse mapping: no flush reaches it
 * @variant v3+foreign-mm: likewise
 * @variant v3-reply+foreign-mm: likewise
 * @variant sync-after-unlock+foreign-mm: likewise
 * @variant no-sync+foreign-mm: likewise
 * @variant unconditional-sync+foreign-mm: likewise
 * @builtin v3*
 * @era * 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm hyperv xen invlpgb sbi hash
 * @preemptions kvm 1
 * @config HIGHPTE PARAVIRT
 * @expect * x86_64 * safe
 * @expect * powerpc * safe
 * @expect * s390 * safe
 * @expect * arm64 * safe
 * @expect * riscv * safe
 * @expect * * * HIGHPTE=n safe
 * @expect mainline+foreign-mm i386-pae * PARAVIRT=y safe
 * @expect v3+foreign-mm i386-pae hyperv safe
 * @expect *+foreign-mm i386-pae * unsafe torn-entry
 * @expect * i386-pae native safe
 * @expect mainline i386-pae * safe
 * @expect v3 i386-pae hyperv safe
 * @expect * i386-pae * unsafe torn-entry
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
	make_mm_on(variant_with(foreign_mm) ? BIT(0) | BIT(2) : BIT(0) | BIT(1) | BIT(2));
	make_upper_tables();
	make_pte_table();
}

static pmd_t clear_and_unlock(spinlock_t *pml, spinlock_t *ptl)
{
	spinlock_t *nested = ptl != pml ? ptl : NULL;
	pmd_t old;

#ifdef SHOOTDOWN_BUILTIN
	if (variant_of(v3_reply))
		return pmdp_collapse_flush_sync_unlock(vma, addr, pmd, nested, pml);
	if (variant_of(v3))
		old = pmdp_collapse_flush_sync(vma, addr, pmd);
	else
#endif
		old = pmdp_collapse_flush(vma, addr, pmd);
	if (variant_of(mainline))
		pmdp_get_lockless_sync();
	if (nested)
		spin_unlock(nested);
	spin_unlock(pml);
	return old;
}

void cpu0(void)
{
	spinlock_t *pml = pmd_lock(mm, pmd);
	spinlock_t *ptl = pte_lockptr(mm, pmd);
	pmd_t old;

	if (ptl != pml)
		spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	old = clear_and_unlock(pml, ptl);
	if (variant_of(sync_after_unlock))
		pmdp_get_lockless_sync();
	if (variant_of(unconditional_sync))
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
