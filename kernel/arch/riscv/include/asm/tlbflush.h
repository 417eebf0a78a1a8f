// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_TLBFLUSH_H
#define _ASM_RISCV_TLBFLUSH_H

#include <linux/mm_types.h>
#include <linux/scenario_platform.h>

#define FLUSH_TLB_MAX_SIZE (-1UL)
#define TLB_FLUSH_ALL FLUSH_TLB_MAX_SIZE

/* Decided at boot: do remote fences go through the firmware, or by IPI? */
#define riscv_use_sbi_for_rfence() (scenario_platform == P_sbi)

/* The instruction: this CPU's TLB alone. For all of an ASID, entries that lead to tables too; for an address, leaves. */
void local_flush_tlb_all_asid(unsigned long asid);
void local_flush_tlb_page_asid(unsigned long addr, unsigned long asid);

/* The whole mm, entries that lead to tables too; the others are sure of leaves only. */
void flush_tlb_mm(struct mm_struct *mm);
void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int page_size);
void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);
void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr);

#define flush_pmd_tlb_range flush_pmd_tlb_range
void flush_pmd_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);

#endif
