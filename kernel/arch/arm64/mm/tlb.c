// SPDX-License-Identifier: Apache-2.0
/* After asm/tlbflush.h, 6.12, where these are inline. */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <asm/tlb.h>
#include <scenario/shootdown/remote-flush.h>

/*
 * Once per CPU that the broadcast reaches. In which order they are reached is
 * nobody's to see: a CPU that is still to be reached may do all that one that
 * has been may do, and more.
 */
static void tlbi(unsigned int asid, unsigned long first, unsigned long last,
		 enum shootdown_upper upper)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		shootdown_remote_flush_range(cpu, asid, first, last, upper);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	dsb(ishst);
	tlbi(mm_asid(mm), 0, -1UL, SHOOTDOWN_UPPER_ALL);
	dsb(ish);
	mmu_notifier_arch_invalidate_secondary_tlbs(mm, 0, -1UL);
}

void flush_tlb_page(struct vm_area_struct *vma, unsigned long uaddr)
{
	unsigned long start = uaddr & PAGE_MASK;

	dsb(ishst);
	/* VALE1IS: what leads to the entry stays. */
	tlbi(mm_asid(vma->vm_mm), start, start + PAGE_SIZE - 1, SHOOTDOWN_UPPER_NONE);
	mmu_notifier_arch_invalidate_secondary_tlbs(vma->vm_mm, start, start + PAGE_SIZE);
	dsb(ish);
}

void __flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       unsigned long stride, bool last_level)
{
	if (end - start >= MAX_DVM_OPS * stride) {
		flush_tlb_mm(vma->vm_mm);
		return;
	}
	dsb(ishst);
	tlbi(mm_asid(vma->vm_mm), start, end - 1,
	     last_level ? SHOOTDOWN_UPPER_NONE : SHOOTDOWN_UPPER_PATH);
	mmu_notifier_arch_invalidate_secondary_tlbs(vma->vm_mm, start, end);
	dsb(ish);
}

/* No flush sends IPIs, so none is ever recorded. */
void __flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned int stride_shift, bool freed_tables, struct mmu_gather *tlb)
{
	struct vm_area_struct vma = { .vm_mm = mm };

	(void)tlb;
	__flush_tlb_range(&vma, start, end, 1UL << stride_shift, !freed_tables);
}
