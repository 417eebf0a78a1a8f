// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_ARM64_PAGE_H
#define _ASM_ARM64_PAGE_H

#include <linux/types.h>

#define VA_BITS 48
/* The linear map is the lower half of the kernel's addresses. */
#define PAGE_OFFSET (-(1UL << VA_BITS))
#define VMEMMAP_START 0xfffffdffc0000000UL

/* Where memory begins; boot sets it. */
extern s64 memstart_addr;
#define PHYS_OFFSET ((phys_addr_t)memstart_addr)

#define vmemmap ((struct page *)VMEMMAP_START - (memstart_addr >> 12))

#define __pa(address) ((phys_addr_t)((unsigned long)(address) - PAGE_OFFSET) + PHYS_OFFSET)
#define __va(phys) ((void *)((unsigned long)((phys) - PHYS_OFFSET) | PAGE_OFFSET))

#include <asm-generic/memory_model.h>

#endif
