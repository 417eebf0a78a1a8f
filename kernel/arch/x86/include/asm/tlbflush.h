// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_TLBFLUSH_H
#define _ASM_X86_TLBFLUSH_H

#include <linux/mm_types.h>

#define TLB_FLUSH_ALL (-1UL)

/*
 * The border: how CPUs are told, and whether this waits for one that has
 * interrupts off, is the platform's.
 */
void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int stride_shift, bool freed_tables);

/* Says that tables may have gone, so lazy CPUs are told too. */
#define flush_tlb_range(vma, start, end) \
	flush_tlb_mm_range((vma)->vm_mm, start, end, PAGE_SHIFT, true)
#define flush_tlb_page(vma, address) \
	flush_tlb_mm_range((vma)->vm_mm, address, (address) + PAGE_SIZE, PAGE_SHIFT, false)
#define flush_tlb_mm(mm) flush_tlb_mm_range(mm, 0UL, TLB_FLUSH_ALL, 0UL, true)

/* The instructions: this CPU's TLB alone. */
void native_flush_tlb_local(void);
void native_flush_tlb_global(void);
void native_flush_tlb_one_user(unsigned long addr);

#endif
