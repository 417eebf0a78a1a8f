// SPDX-License-Identifier: Apache-2.0
/*
 * Radix: tlbie reaches the TLBs of all CPUs and waits for hardware, for no
 * software. Hash: TLBs hold what the hash table holds; nothing here looks at it.
 */
#ifndef _ASM_POWERPC_TLBFLUSH_H
#define _ASM_POWERPC_TLBFLUSH_H

#include <linux/mm_types.h>

#define TLB_FLUSH_ALL (-1UL)

/* The whole address space: with the page-walk cache, and without it. */
void flush_all_mm(struct mm_struct *mm);
void flush_tlb_mm(struct mm_struct *mm);

/* Leaves alone, by their size, but for a wide range: who clears an entry that leads to a table needs more. */
void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr);
void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);
#define flush_pmd_tlb_range flush_pmd_tlb_range
void flush_pmd_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);

/* A gather's: of pages of that size, or of the whole; and the page-walk cache where tables went. */
void tlb_flush_gathered(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int page_size, bool whole, bool freed_tables);

#endif
