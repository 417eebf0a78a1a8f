// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_TLBFLUSH_H
#define _ASM_RISCV_TLBFLUSH_H

#include <linux/mm_types.h>
#include <linux/scenario_platform.h>

#define TLB_FLUSH_ALL (-1UL)

/* Decided at boot: do remote fences go through the firmware, or by IPI? */
#define riscv_use_sbi_for_rfence() (scenario_platform == P_sbi)

/*
 * The border: whether the other CPUs are told by an IPI, which waits for one
 * that has interrupts off, or by the firmware, is the platform's.
 */
void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int page_size, bool tables);

#define flush_tlb_mm(mm) flush_tlb_mm_range(mm, 0, TLB_FLUSH_ALL, PAGE_SIZE, true)
#define flush_tlb_range(vma, start, end) \
	flush_tlb_mm_range((vma)->vm_mm, start, end, PAGE_SIZE, true)
#define flush_tlb_page(vma, address) \
	flush_tlb_mm_range((vma)->vm_mm, address, (address) + PAGE_SIZE, PAGE_SIZE, true)
#define flush_pmd_tlb_range(vma, start, end) \
	flush_tlb_mm_range((vma)->vm_mm, start, end, PMD_SIZE, true)

#endif
