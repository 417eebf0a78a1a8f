// SPDX-License-Identifier: Apache-2.0
#include <linux/mm.h>
#include <asm/tlb.h>

/* The series left this architecture's own collapse alone: nothing is recorded. */
void __flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned int stride_shift, bool freed_tables, struct mmu_gather *tlb)
{
	(void)freed_tables, (void)tlb;
	flush_tlb_mm_range(mm, start, end, 1U << stride_shift, true);
}
