// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_POWERPC_PAGE_H
#define _ASM_POWERPC_PAGE_H

#include <linux/types.h>

#define PAGE_OFFSET 0xc000000000000000UL
#define VMEMMAP_BASE 0xc00c000000000000UL
#define vmemmap ((struct page *)VMEMMAP_BASE)

#define __pa(address) ((unsigned long)(address) & 0x0fffffffffffffffUL)
#define __va(phys) ((void *)((unsigned long)(phys) | PAGE_OFFSET))

#include <asm-generic/memory_model.h>

#endif
