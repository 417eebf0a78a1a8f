// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_PAGE_H
#define _ASM_X86_PAGE_H

#include <linux/types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PFN_PHYS(pfn) ((phys_addr_t)(pfn) << PAGE_SHIFT)
#define PHYS_PFN(phys) ((unsigned long)((phys) >> PAGE_SHIFT))

struct page;

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

#define __PHYSICAL_MASK ((phys_addr_t)0x000fffffffffffffULL)
#define pfn_to_page(pfn) (vmemmap + (pfn))
#define page_to_pfn(page) ((unsigned long)((page) - vmemmap))
#else
extern struct page *mem_map;

#define PAGE_OFFSET 0xc0000000UL

static inline unsigned long __phys_addr(unsigned long address)
{
	return address - PAGE_OFFSET;
}

#define __PHYSICAL_MASK ((phys_addr_t)0x000fffffffffffffULL)
#define pfn_to_page(pfn) (mem_map + (pfn))
#define page_to_pfn(page) ((unsigned long)((page) - mem_map))
#endif

#define PHYSICAL_PAGE_MASK (__PHYSICAL_MASK & ~(phys_addr_t)(PAGE_SIZE - 1))

#define __pa(address) __phys_addr((unsigned long)(address))
/* The direct map: on 32 bits what lies above 4 GiB is cut off, as in the kernel. */
#define __va(phys) ((void *)((unsigned long)(phys) + PAGE_OFFSET))
#define virt_to_page(address) pfn_to_page(__pa(address) >> PAGE_SHIFT)
#define page_to_phys(page) PFN_PHYS(page_to_pfn(page))

#endif
