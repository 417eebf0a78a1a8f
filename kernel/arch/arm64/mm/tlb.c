// SPDX-License-Identifier: Apache-2.0
/* After asm/tlbflush.h, 6.12, where these are inline. */
#include <linux/mm.h>
#include <asm/tlb.h>

/* Once per CPU that the broadcast reaches; the order is nobody's to see before the DSB. */
static void tlbi(unsigned long addr, bool whole)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (whole)
			shootdown_remote_flush(cpu);
		else
			shootdown_remote_flush_page(cpu, addr);
	}
}

void flush_tlb_mm(struct mm_struct *mm)
{
	(void)mm;
	dsb(ishst);
	tlbi(0, true);
	dsb(ish);
}

void flush_tlb_page(struct vm_area_struct *vma, unsigned long uaddr)
{
	(void)vma;
	dsb(ishst);
	tlbi(uaddr, false);
	dsb(ish);
}

/*
 * Departs: an invalidation of the last level alone also drops what leads to
 * it, see docs/warts.md.
 */
void __flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       unsigned long stride, bool last_level)
{
	unsigned long addr;

	(void)last_level;
	if (end - start >= MAX_DVM_OPS * stride) {
		flush_tlb_mm(vma->vm_mm);
		return;
	}
	dsb(ishst);
	for (addr = start; addr < end; addr += stride)
		tlbi(addr, false);
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
