// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_TLBFLUSH_H
#define _ASM_RISCV_TLBFLUSH_H

#include <linux/mm_types.h>
#include <linux/scenario_platform.h>

#define FLUSH_TLB_MAX_SIZE (-1UL)
#define TLB_FLUSH_ALL FLUSH_TLB_MAX_SIZE

/* Decided at boot: do remote fences go through the firmware, or by IPI? */
#define riscv_use_sbi_for_rfence() (scenario_platform == P_sbi)

/* The whole mm, entries that lead to tables too; else leaves only, whatever the range. */
void flush_tlb_mm(struct mm_struct *mm);
void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);
void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr);
void flush_tlb_mm_leaves(struct mm_struct *mm, unsigned long start, unsigned long end);

#define flush_pmd_tlb_range(vma, start, end) flush_tlb_range(vma, start, end)

#endif
