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
#include <scenario/shootdown/remote-flush.h>

/* Above so many pages the whole PID is flushed: by tlbie, and by tlbiel of this CPU alone. */
#define SINGLE_PAGE_FLUSH_CEILING 33
#define LOCAL_SINGLE_PAGE_FLUSH_CEILING 256

/* Which CPUs a flush has to reach: none, this one by tlbiel, all by tlbie. */
enum tlb_flush_type {
	FLUSH_TYPE_NONE,
	FLUSH_TYPE_LOCAL,
	FLUSH_TYPE_GLOBAL,
};

/*
 * Preemption is off. Departs: no trimming of mm_cpumask(), no coprocessors, tlbie
 * wherever another CPU may have it (not by IPI), and on hash nothing but the
 * time that it takes.
 */
static enum tlb_flush_type flush_type_needed(struct mm_struct *mm)
{
	int active = atomic_read(&mm->context.active_cpus);

	if (active == 0)
		return FLUSH_TYPE_NONE;
	if (active == 1 && cpumask_bits(mm_cpumask(mm))[0] & (1UL << smp_processor_id()))
		return FLUSH_TYPE_LOCAL;
	return FLUSH_TYPE_GLOBAL;
}

static bool is_reached(unsigned int cpu, enum tlb_flush_type type)
{
	return type == FLUSH_TYPE_GLOBAL ||
	       (type == FLUSH_TYPE_LOCAL && (int)cpu == smp_processor_id());
}

static void flush_pid(struct mm_struct *mm, enum tlb_flush_type type, bool also_pwc)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (is_reached(cpu, type))
			shootdown_remote_flush_range(cpu, mm_asid(mm), 0, -1UL,
						     also_pwc ? SHOOTDOWN_UPPER_ALL :
								SHOOTDOWN_UPPER_NONE);
}

/* An instruction each in the kernel: leaves of one size. */
static void flush_va_range(struct mm_struct *mm, enum tlb_flush_type type, unsigned long start,
			   unsigned long end, unsigned int shift)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (is_reached(cpu, type))
			shootdown_remote_flush_leaves(cpu, mm_asid(mm), start, end - 1, shift);
}

/* Of the PID, whatever the address: RIC = 1. No leaf is that high. */
static void flush_pwc(struct mm_struct *mm, enum tlb_flush_type type)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (is_reached(cpu, type))
			shootdown_remote_flush_range(cpu, mm_asid(mm), -1UL, -1UL,
						     SHOOTDOWN_UPPER_ALL);
}

static void flush_whole(struct mm_struct *mm, bool also_pwc)
{
	preempt_disable();
	smp_mb();
	flush_pid(mm, flush_type_needed(mm), also_pwc);
	preempt_enable();
}

/* radix__flush_all_mm(): RIC = 2. */
void flush_all_mm(struct mm_struct *mm)
{
	flush_whole(mm, true);
}

/* radix__flush_tlb_mm(): RIC = 0, what leads to tables stays. */
void flush_tlb_mm(struct mm_struct *mm)
{
	flush_whole(mm, false);
}

static bool exceeds_ceiling(enum tlb_flush_type type, unsigned long pages)
{
	return pages > (type == FLUSH_TYPE_GLOBAL ? SINGLE_PAGE_FLUSH_CEILING :
						    LOCAL_SINGLE_PAGE_FLUSH_CEILING);
}

/* __radix__flush_tlb_range_psize(): of one page size, and the page-walk cache if tables went. */
static void flush_tlb_range_psize(struct mm_struct *mm, unsigned long start, unsigned long end,
				  unsigned int shift, bool also_pwc)
{
	enum tlb_flush_type type;

	preempt_disable();
	smp_mb();
	type = flush_type_needed(mm);
	if (end == TLB_FLUSH_ALL || exceeds_ceiling(type, (end - start) >> shift)) {
		flush_pid(mm, type, also_pwc);
	} else {
		if (also_pwc)
			flush_pwc(mm, type);
		flush_va_range(mm, type, start, end, shift);
	}
	preempt_enable();
}

void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long start = addr & PAGE_MASK;

	flush_tlb_range_psize(vma->vm_mm, start, start + PAGE_SIZE, PAGE_SHIFT, false);
}

/* radix__flush_pmd_tlb_range() */
void flush_pmd_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	flush_tlb_range_psize(vma->vm_mm, start, end, PMD_SHIFT, false);
}

/*
 * __radix__flush_tlb_range(): small pages. Above the ceiling the PID with its
 * page-walk cache, which moving a table relies on: with pages of 4 KiB a range as
 * wide as a huge page always is.
 */
void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	enum tlb_flush_type type;

	preempt_disable();
	smp_mb();
	type = flush_type_needed(mm);
	if (end == TLB_FLUSH_ALL || exceeds_ceiling(type, (end - start) >> PAGE_SHIFT))
		flush_pid(mm, type, true);
	else
		flush_va_range(mm, type, start, end, PAGE_SHIFT);
	preempt_enable();
}

/* radix__tlb_flush() */
void tlb_flush_gathered(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int page_size, bool whole, bool freed_tables)
{
	if (whole)
		flush_all_mm(mm);
	else if (page_size == PAGE_SIZE || page_size == PMD_SIZE)
		flush_tlb_range_psize(mm, start, end,
				      page_size == PAGE_SIZE ? PAGE_SHIFT : PMD_SHIFT, freed_tables);
	else
		flush_whole(mm, freed_tables);
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

/* Not valid to the hardware, present to the software; what the hardware noted is returned. */
pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp)
{
	pmd_t old;

	VM_WARN_ON_ONCE(!pmd_present(*pmdp));
	old = __pmd(pte_update((pte_t *)pmdp, _PAGE_PRESENT, _PAGE_INVALID));
	flush_pmd_tlb_range(vma, addr, addr + HPAGE_PMD_SIZE);
	return old;
}

/*
 * Radix: the list is in the table itself, over its first two entries. Hash keeps
 * the table beside the PMD table; here in its descriptor.
 */
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pgtable)
{
	struct list_head *lh = (struct list_head *)pgtable;

	assert_spin_locked(pmd_lockptr(mm, pmdp));
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

	assert_spin_locked(pmd_lockptr(mm, pmdp));
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
