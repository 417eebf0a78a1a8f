// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_GENERIC_MEMORY_MODEL_H
#define _ASM_GENERIC_MEMORY_MODEL_H

#include <linux/types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PFN_PHYS(pfn) ((phys_addr_t)(pfn) << PAGE_SHIFT)
#define PHYS_PFN(phys) ((unsigned long)((phys) >> PAGE_SHIFT))

struct page;

/* SPARSEMEM_VMEMMAP: asm/page.h says where the array of all pages would begin. */
#ifdef vmemmap
#define pfn_to_page(pfn) (vmemmap + (pfn))
#define page_to_pfn(page) ((unsigned long)((page) - vmemmap))
#else
extern struct page *mem_map;

#define pfn_to_page(pfn) (mem_map + (pfn))
#define page_to_pfn(page) ((unsigned long)((page) - mem_map))
#endif

/* Whether there is a page of that number: the machine knows of each. No step. */
int shootdown_has_page(const struct page *page);
#define pfn_valid(pfn) shootdown_has_page(pfn_to_page(pfn))

#define virt_to_page(address) pfn_to_page(__pa(address) >> PAGE_SHIFT)
#define page_to_phys(page) PFN_PHYS(page_to_pfn(page))

#endif
