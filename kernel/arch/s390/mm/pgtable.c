// SPDX-License-Identifier: Apache-2.0
/*
 * Changing entries that CPUs may be using: invalidate and flush in one
 * instruction, then store the new value. After arch/s390/mm/pgtable.c, 6.12, on
 * a machine with IDTE and local clearing; no KVM guests (no pgstes, no gmaps).
 */
#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <scenario/shootdown/remote-flush.h>

/* Whether an instruction that clears TLBs reaches a CPU: all, or only the one that it runs on. */
static bool is_cleared(unsigned int cpu, bool local)
{
	return !local || (int)cpu == smp_processor_id();
}

/*
 * IPTE: an interlocked update of the entry, which keeps its address; then TLBs
 * let go of page-table entries made from it, and of nothing that leads there.
 * Departs, as the next: of that address in this space, where the hardware goes by
 * the origin of the table.
 */
static void __ptep_ipte(struct mm_struct *mm, unsigned long addr, pte_t *ptep, bool local)
{
	unsigned long first = addr & PAGE_MASK;

	__atomic_fetch_or(&ptep->pte, _PAGE_INVALID, __ATOMIC_SEQ_CST);
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (is_cleared(cpu, local))
			shootdown_remote_flush_leaves(cpu, mm_asid(mm), first,
						      first + PAGE_SIZE - 1, PAGE_SHIFT);
}

/*
 * IDTE on a segment-table entry: an interlocked update, which keeps its origin;
 * then TLBs let go of the entry and of what was made by way of it.
 */
static void __pmdp_idte(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, bool local)
{
	unsigned long first = addr & PMD_MASK;

	__atomic_fetch_or(&pmdp->pmd, _SEGMENT_ENTRY_INVALID, __ATOMIC_SEQ_CST);
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (is_cleared(cpu, local))
			shootdown_remote_flush_range(cpu, mm_asid(mm), first, first + PMD_SIZE - 1,
						     SHOOTDOWN_UPPER_PATH);
}

/* The whole address space, on all CPUs. Who runs elsewhere by then is no longer attached. */
void __tlb_flush_mm(struct mm_struct *mm)
{
	preempt_disable();
	atomic_add(1, &mm->context.flush_count);
	cpumask_copy(mm_cpumask(mm), &mm->context.cpu_attach_mask);
	barrier();
	/* IDTE by address space. */
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		shootdown_remote_flush_range(cpu, mm_asid(mm), 0, -1UL, SHOOTDOWN_UPPER_ALL);
	atomic_sub(1, &mm->context.flush_count);
	preempt_enable();
}

static pte_t ptep_flush_direct(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	pte_t old = *ptep;

	if (unlikely(pte_val(old) & _PAGE_INVALID))
		return old;
	atomic_add(1, &mm->context.flush_count);
	__ptep_ipte(mm, addr, ptep, cpumask_equal(mm_cpumask(mm), cpumask_of(smp_processor_id())));
	atomic_sub(1, &mm->context.flush_count);
	return old;
}

static pte_t ptep_flush_lazy(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	pte_t old = *ptep;

	if (unlikely(pte_val(old) & _PAGE_INVALID))
		return old;
	atomic_add(1, &mm->context.flush_count);
	if (cpumask_equal(&mm->context.cpu_attach_mask, cpumask_of(smp_processor_id()))) {
		set_pte(ptep, __pte(pte_val(*ptep) | _PAGE_INVALID));
		mm->context.flush_mm = 1;
	} else {
		__ptep_ipte(mm, addr, ptep, false);
	}
	atomic_sub(1, &mm->context.flush_count);
	return old;
}

pte_t ptep_xchg_direct(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t new)
{
	pte_t old;

	preempt_disable();
	old = ptep_flush_direct(mm, addr, ptep);
	set_pte(ptep, new);
	preempt_enable();
	return old;
}

pte_t ptep_xchg_lazy(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t new)
{
	pte_t old;

	preempt_disable();
	old = ptep_flush_lazy(mm, addr, ptep);
	set_pte(ptep, new);
	preempt_enable();
	return old;
}

/* Invalid, not none, until it is committed: the entry keeps what it says. */
pte_t ptep_modify_prot_start(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	return ptep_flush_lazy(vma->vm_mm, addr, ptep);
}

static pmd_t pmdp_flush_direct(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp)
{
	pmd_t old = *pmdp;

	if (pmd_val(old) & _SEGMENT_ENTRY_INVALID)
		return old;
	atomic_add(1, &mm->context.flush_count);
	__pmdp_idte(mm, addr, pmdp, cpumask_equal(mm_cpumask(mm), cpumask_of(smp_processor_id())));
	atomic_sub(1, &mm->context.flush_count);
	return old;
}

static pmd_t pmdp_flush_lazy(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp)
{
	pmd_t old = *pmdp;

	if (pmd_val(old) & _SEGMENT_ENTRY_INVALID)
		return old;
	atomic_add(1, &mm->context.flush_count);
	if (cpumask_equal(&mm->context.cpu_attach_mask, cpumask_of(smp_processor_id()))) {
		set_pmd(pmdp, pmd_mkinvalid(*pmdp));
		mm->context.flush_mm = 1;
	} else {
		__pmdp_idte(mm, addr, pmdp, false);
	}
	atomic_sub(1, &mm->context.flush_count);
	return old;
}

pmd_t pmdp_xchg_direct(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t new)
{
	pmd_t old;

	preempt_disable();
	old = pmdp_flush_direct(mm, addr, pmdp);
	set_pmd(pmdp, new);
	preempt_enable();
	return old;
}

pmd_t pmdp_xchg_lazy(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t new)
{
	pmd_t old;

	preempt_disable();
	old = pmdp_flush_lazy(mm, addr, pmdp);
	set_pmd(pmdp, new);
	preempt_enable();
	return old;
}

/* The list is in the table itself, over its first two entries. */
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pgtable)
{
	struct list_head *lh = (struct list_head *)pgtable;

	assert_spin_locked(pmd_lockptr(mm, pmdp));
	if (!pmd_huge_pte(mm, pmdp))
		INIT_LIST_HEAD(lh);
	else
		list_add(lh, (struct list_head *)pmd_huge_pte(mm, pmdp));
	pmd_huge_pte(mm, pmdp) = pgtable;
}

/* First in, first out; and a table again. */
pgtable_t pgtable_trans_huge_withdraw(struct mm_struct *mm, pmd_t *pmdp)
{
	pgtable_t pgtable = pmd_huge_pte(mm, pmdp);
	struct list_head *lh = (struct list_head *)pgtable;

	assert_spin_locked(pmd_lockptr(mm, pmdp));
	if (list_empty(lh)) {
		pmd_huge_pte(mm, pmdp) = NULL;
	} else {
		pmd_huge_pte(mm, pmdp) = (pgtable_t)lh->next;
		list_del(lh);
	}
	set_pte(pgtable, __pte(_PAGE_INVALID));
	set_pte(pgtable + 1, __pte(_PAGE_INVALID));
	return pgtable;
}
