// SPDX-License-Identifier: Apache-2.0
/* After arch/riscv/mm/tlbflush.c, 6.12. Departs: no strides of hugetlb, no kernel mappings, no batches. */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <asm/tlb.h>
#include <scenario/shootdown/remote-flush.h>

/* Above this many strides one fence of all is the cheaper one. */
static const unsigned long tlb_flush_all_threshold = 64;

/* A fence for an address orders reads of leaf entries alone; one for the ASID, those of tables too. */
static void local_flush_tlb_range_threshold_asid(unsigned long start, unsigned long size,
						 unsigned long stride, unsigned long asid)
{
	unsigned long count = (size + stride - 1) / stride;

	if (count > tlb_flush_all_threshold) {
		local_flush_tlb_all_asid(asid);
		return;
	}
	for (unsigned long i = 0; i < count; i++)
		local_flush_tlb_page_asid(start + i * stride, asid);
}

static void local_flush_tlb_range_asid(unsigned long start, unsigned long size,
				       unsigned long stride, unsigned long asid)
{
	if (size <= stride)
		local_flush_tlb_page_asid(start, asid);
	else if (size == FLUSH_TLB_MAX_SIZE)
		local_flush_tlb_all_asid(asid);
	else
		local_flush_tlb_range_threshold_asid(start, size, stride, asid);
}

struct flush_tlb_range_data {
	unsigned long asid;
	unsigned long start;
	unsigned long size;
	unsigned long stride;
};

static void __ipi_flush_tlb_range_asid(void *info)
{
	const struct flush_tlb_range_data *d = info;

	local_flush_tlb_range_asid(d->start, d->size, d->stride, d->asid);
}

/*
 * A call to the firmware, which interrupts the CPUs of the mask in machine mode:
 * no masking of the kernel's holds it off, and no walker is waited for. What it
 * fences beyond what it was asked for, it alone knows: here nothing.
 */
static void sbi_remote_sfence_vma_asid(const struct cpumask *cmask, unsigned long start,
				       unsigned long size, unsigned long asid)
{
	unsigned int cpu;

	for_each_cpu(cpu, cmask) {
		if (size == FLUSH_TLB_MAX_SIZE)
			shootdown_remote_flush_range(cpu, asid, 0, -1UL, SHOOTDOWN_UPPER_ALL);
		else
			shootdown_remote_flush_range(cpu, asid, start, start + size - 1,
						     SHOOTDOWN_UPPER_NONE);
	}
}

static void __flush_tlb_range(struct mm_struct *mm, const struct cpumask *cmask,
			      unsigned long start, unsigned long size, unsigned long stride)
{
	unsigned long asid = mm_asid(mm);
	unsigned int cpu;

	/* Nobody has it loaded: it is flushed before somebody has. */
	if (cpumask_empty(cmask))
		return;
	/* Stays on this CPU: it may be the only one that has to be told. */
	cpu = get_cpu();
	if (cpumask_any_but(cmask, cpu) >= nr_cpu_ids) {
		local_flush_tlb_range_asid(start, size, stride, asid);
	} else if (riscv_use_sbi_for_rfence()) {
		sbi_remote_sfence_vma_asid(cmask, start, size, asid);
	} else {
		struct flush_tlb_range_data ftd = {
			.asid = asid, .start = start, .size = size, .stride = stride,
		};

		on_each_cpu_mask(cmask, __ipi_flush_tlb_range_asid, &ftd, true);
	}
	put_cpu();
	mmu_notifier_arch_invalidate_secondary_tlbs(mm, start, start + size);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	__flush_tlb_range(mm, mm_cpumask(mm), 0, FLUSH_TLB_MAX_SIZE, PAGE_SIZE);
}

void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int page_size)
{
	__flush_tlb_range(mm, mm_cpumask(mm), start, end - start, page_size);
}

void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	flush_tlb_mm_range(vma->vm_mm, start, end, PAGE_SIZE);
}

void flush_pmd_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	flush_tlb_mm_range(vma->vm_mm, start, end, PMD_SIZE);
}

void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr)
{
	__flush_tlb_range(vma->vm_mm, mm_cpumask(vma->vm_mm), addr, PAGE_SIZE, PAGE_SIZE);
}

/* The series left this architecture's own collapse alone: nothing is recorded. */
void __flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned int stride_shift, bool freed_tables, struct mmu_gather *tlb)
{
	(void)freed_tables, (void)tlb;
	flush_tlb_mm_range(mm, start, end, 1U << stride_shift);
}
