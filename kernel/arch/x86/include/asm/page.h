// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_PAGE_H
#define _ASM_X86_PAGE_H

#include <linux/types.h>

#ifdef CONFIG_X86_64
extern unsigned long page_offset_base;
extern unsigned long vmemmap_base;
extern unsigned long phys_base;

#define PAGE_OFFSET page_offset_base
#define __START_KERNEL_map 0xffffffff80000000UL
#define vmemmap ((struct page *)vmemmap_base)

/* The kernel's image has a second mapping, above the direct map. */
static inline unsigned long __phys_addr(unsigned long address)
{
	if (address >= __START_KERNEL_map)
		return address - __START_KERNEL_map + phys_base;
	return address - PAGE_OFFSET;
}
#else
#define PAGE_OFFSET 0xc0000000UL

static inline unsigned long __phys_addr(unsigned long address)
{
	return address - PAGE_OFFSET;
}
#endif

#define __PHYSICAL_MASK ((phys_addr_t)0x000fffffffffffffULL)
#define PHYSICAL_PAGE_MASK (__PHYSICAL_MASK & ~(phys_addr_t)(PAGE_SIZE - 1))

#define __pa(address) __phys_addr((unsigned long)(address))
/* The direct map: on 32 bits what lies above 4 GiB is cut off, as in the kernel. */
#define __va(phys) ((void *)((unsigned long)(phys) + PAGE_OFFSET))

#include <asm-generic/memory_model.h>

#endif
