// SPDX-License-Identifier: Apache-2.0
/*
 * @question Bugs put into the retraction of a PTE table on purpose: are they found?
 * @source retract_page_tables, mm/khugepaged.c, Linux 6.12, broken here
 * @cpu 0 retract: clears the PMD and frees the table, with the variant's bug
 * @cpu 1 reader: maps the table with __pte_offset_map and reads one entry
 * @cpu 2 fault: finds no table and installs a new one
 * @variant no-ptl: no lock around clear, flush and sync, so a table can be installed
 *   before either wait has begun
 * @variant free-at-once: the table goes back to the allocator after the sync, with
 *   no grace period for readers that have interrupts on
 * @variant free-twice: freed by RCU, and after a grace period once more
 * @era * 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv s390
 * @platform native kvm hyperv xen invlpgb sbi
 * @preemptions kvm 1
 * @config HIGHPTE PARAVIRT
 * @expect no-ptl i386-pae * HIGHPTE=y unsafe torn-entry
 * @expect no-ptl * * safe
 * @expect free-at-once * * unsafe use-after-free
 * @expect free-twice * * unsafe bad-free
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
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

static pmd_t clear_and_sync(void)
{
	pmd_t old = pmdp_collapse_flush(vma, addr, pmd);

	pmdp_get_lockless_sync();
	return old;
}

static pmd_t clear_and_sync_under_lock(void)
{
	spinlock_t *pml = pmd_lock(mm, pmd);
	spinlock_t *ptl = pte_lockptr(mm, pmd);
	pmd_t old;

	if (ptl != pml)
		spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	old = clear_and_sync();
	if (ptl != pml)
		spin_unlock(ptl);
	spin_unlock(pml);
	return old;
}

void cpu0(void)
{
	pmd_t old = variant(no_ptl) ? clear_and_sync() : clear_and_sync_under_lock();

	mm_dec_nr_ptes(mm);
	if (!variant(free_at_once))
		pte_free_defer(mm, pmd_pgtable(old));
	if (variant(free_twice))
		synchronize_rcu();
	if (!variant(no_ptl))
		pte_free(mm, pmd_pgtable(old));
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
	/* Nobody else may allocate: the second free is to hit a free frame. */
	if (!variant(free_twice))
		__pte_alloc(mm, pmd);
}
