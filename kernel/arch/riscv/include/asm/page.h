// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_PAGE_H
#define _ASM_RISCV_PAGE_H

#include <linux/types.h>

/* Sv48; boot would choose. */
#define PAGE_OFFSET 0xffffaf8000000000UL
#define VMEMMAP_START 0xffff8d8000000000UL

/* The frame that the array of pages begins with; boot sets it. */
extern unsigned long vmemmap_start_pfn;
#define vmemmap ((struct page *)VMEMMAP_START - vmemmap_start_pfn)

/* Departs: kernel_map.va_pa_offset, with memory from physical address 0. */
#define __pa(address) ((phys_addr_t)(address) - PAGE_OFFSET)
#define __va(phys) ((void *)((unsigned long)(phys) + PAGE_OFFSET))

#include <asm-generic/memory_model.h>

#endif
