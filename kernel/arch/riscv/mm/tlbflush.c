// SPDX-License-Identifier: Apache-2.0
/* After arch/riscv/mm/tlbflush.c, 6.12. */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <asm/tlb.h>
#include <scenario/shootdown/remote-flush.h>

static bool is_in_cpumask(struct mm_struct *mm, unsigned int cpu)
{
	return READ_ONCE(cpumask_bits(mm_cpumask(mm))[0]) & (1UL << cpu);
}

/*
 * A fence for one ASID. With addresses it orders reads of leaf entries alone;
 * for all of the mm, of those that lead to tables as well.
 */
static void sfence_vma_asid(unsigned int cpu, unsigned long start, unsigned long size,
			    unsigned int asid)
{
	if (size == FLUSH_TLB_MAX_SIZE)
		shootdown_remote_flush_range(cpu, asid, 0, -1UL, SHOOTDOWN_UPPER_ALL);
	else
		shootdown_remote_flush_range(cpu, asid, start, start + size - 1,
					     SHOOTDOWN_UPPER_NONE);
}

/*
 * A call to the firmware, which interrupts the CPUs of the mask in machine mode:
 * no masking of the kernel's holds it off, and no walker is waited for.
 */
static void sbi_remote_sfence_vma_asid(struct mm_struct *mm, unsigned long start,
				       unsigned long size, unsigned int asid)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (is_in_cpumask(mm, cpu))
			sfence_vma_asid(cpu, start, size, asid);
}

/*
 * The border: a waited IPI to each other CPU of the mask, as on_each_cpu_mask()
 * would send it. What its handler does, the sender does here once all have
 * answered: until then they may still use what they had, which is more than
 * the handler leaves them.
 */
void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int stride, bool tables);

static void ipi_remote_sfence_vma_asid(struct mm_struct *mm, unsigned long start,
				       unsigned long size, unsigned int asid)
{
	unsigned long mask = READ_ONCE(cpumask_bits(mm_cpumask(mm))[0]);
	unsigned int cpu;

	flush_tlb_mm_range(mm, start, start + size, PAGE_SIZE, true);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (mask & (1UL << cpu))
			sfence_vma_asid(cpu, start, size, asid);
}

static void __flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long size)
{
	unsigned int asid = mm_asid(mm);

	/* Stays on this CPU: it may be the only one that has to be told. */
	preempt_disable();
	if (riscv_use_sbi_for_rfence())
		sbi_remote_sfence_vma_asid(mm, start, size, asid);
	else
		ipi_remote_sfence_vma_asid(mm, start, size, asid);
	preempt_enable();
	mmu_notifier_arch_invalidate_secondary_tlbs(mm, start, start + size);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	__flush_tlb_range(mm, 0, FLUSH_TLB_MAX_SIZE);
}

void flush_tlb_mm_leaves(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	__flush_tlb_range(mm, start, end - start);
}

void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	__flush_tlb_range(vma->vm_mm, start, end - start);
}

void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr)
{
	__flush_tlb_range(vma->vm_mm, addr & PAGE_MASK, PAGE_SIZE);
}

/* The series left this architecture's own collapse alone: nothing is recorded. */
void __flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned int stride_shift, bool freed_tables, struct mmu_gather *tlb)
{
	(void)stride_shift, (void)freed_tables, (void)tlb;
	__flush_tlb_range(mm, start, end - start);
}
