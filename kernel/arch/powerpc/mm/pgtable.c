// SPDX-License-Identifier: Apache-2.0
/*
 * Collapse, flush and deposit on book3s64. After arch/powerpc/mm/book3s64,
 * radix_pgtable.c, radix_tlb.c, hash_pgtable.c and pgtable.c, 6.12.
 */
#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>

/* One CPU's share of a tlbie, which interrupts nobody: see shootdown/hardware.h. */
void shootdown_remote_flush(int cpu);

static bool is_only_here(struct mm_struct *mm)
{
	return atomic_read(&mm->context.active_cpus) == 1 &&
	       cpumask_bits(mm_cpumask(mm))[0] & (1UL << smp_processor_id());
}

/*
 * With pages of 4 KiB a range of tables is flushed as all of the address space.
 * Departs: no trimming of mm_cpumask(), no coprocessors, tlbie wherever another
 * CPU may have it (not by IPI), and on hash nothing but the time that it takes.
 */
void flush_all_mm(struct mm_struct *mm)
{
	preempt_disable();
	smp_mb();
	if (atomic_read(&mm->context.active_cpus) == 0) {
		preempt_enable();
		return;
	}
	if (is_only_here(mm)) {
		shootdown_remote_flush(smp_processor_id());
	} else {
		for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
			shootdown_remote_flush(cpu);
	}
	preempt_enable();
}

/* This architecture's collapse is its own: nothing is recorded. */
void __flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned int stride_shift, bool freed_tables, struct mmu_gather *tlb)
{
	(void)start, (void)end, (void)stride_shift, (void)freed_tables, (void)tlb;
	flush_all_mm(mm);
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
pmd_t radix__pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	VM_BUG_ON(pmd_trans_huge(*pmdp));
	pmd = *pmdp;
	pmd_clear(pmdp);
	/* radix__flush_tlb_collapsed_pmd() */
	flush_all_mm(vma->vm_mm);
	return pmd;
}

/* That the interrupt was taken is all. Departs: on radix it would trim mm_cpumask(). */
static void do_serialize(void *arg)
{
	(void)arg;
}

/*
 * Waits for who looks at a PTE with interrupts off: on the CPUs of the mm, as
 * the hash fault does, and as GUP-fast does. Preemption is off: a lock is held.
 */
static void serialize_against_pte_lookup(struct mm_struct *mm)
{
	smp_mb();
	smp_call_function_many(mm_cpumask(mm), do_serialize, mm, 1);
}

/* Departs: with pages of 4 KiB, where Linux has huge pages on hash with 64 KiB only. */
pmd_t hash__pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	VM_BUG_ON(pmd_trans_huge(*pmdp));
	pmd = *pmdp;
	pmd_clear(pmdp);
	serialize_against_pte_lookup(vma->vm_mm);
	/* flush_hash_table_pmd_range() */
	flush_all_mm(vma->vm_mm);
	return pmd;
}
#endif

/*
 * Radix: the list is in the table itself, over its first two entries. Hash keeps
 * the table beside the PMD table; here in its descriptor.
 */
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pgtable)
{
	struct list_head *lh = (struct list_head *)pgtable;

	BUG_ON(!spin_is_locked(pmd_lockptr(mm, pmdp)));
	if (radix_enabled()) {
		if (!pmd_huge_pte(mm, pmdp))
			INIT_LIST_HEAD(lh);
		else
			list_add(lh, (struct list_head *)pmd_huge_pte(mm, pmdp));
	}
	pmd_huge_pte(mm, pmdp) = pgtable;
}

pgtable_t pgtable_trans_huge_withdraw(struct mm_struct *mm, pmd_t *pmdp)
{
	pgtable_t pgtable = pmd_huge_pte(mm, pmdp);
	struct list_head *lh = (struct list_head *)pgtable;

	BUG_ON(!spin_is_locked(pmd_lockptr(mm, pmdp)));
	if (!radix_enabled() || list_empty(lh)) {
		pmd_huge_pte(mm, pmdp) = NULL;
	} else {
		pmd_huge_pte(mm, pmdp) = (pgtable_t)lh->next;
		list_del(lh);
	}
	if (radix_enabled()) {
		pgtable[0] = __pte(0);
		pgtable[1] = __pte(0);
	}
	return pgtable;
}
