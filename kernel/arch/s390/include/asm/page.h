// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_S390_PAGE_H
#define _ASM_S390_PAGE_H

#include <linux/types.h>

/* Boot decides where things lie; without KASLR memory is mapped where it is. */
struct vm_layout {
	unsigned long kaslr_offset;
	unsigned long kaslr_offset_phys;
	unsigned long identity_base;
	unsigned long identity_size;
};
extern struct vm_layout vm_layout;

#define __kaslr_offset vm_layout.kaslr_offset
#define __kaslr_offset_phys vm_layout.kaslr_offset_phys
#define __identity_base vm_layout.identity_base
#define PAGE_OFFSET __identity_base

extern struct page *vmemmap;
#define vmemmap vmemmap

/* The kernel's image has a mapping of its own, above all memory. */
static inline unsigned long __pa_nodebug(unsigned long address)
{
	if (address < __kaslr_offset)
		return address - __identity_base;
	return address - __kaslr_offset + __kaslr_offset_phys;
}

#define __pa(address) __pa_nodebug((unsigned long)(address))
#define __va(phys) ((void *)((unsigned long)(phys) + __identity_base))

#include <asm-generic/memory_model.h>

#define HPAGE_SHIFT 20
#define HPAGE_SIZE (1UL << HPAGE_SHIFT)
#define HPAGE_MASK (~(HPAGE_SIZE - 1))

#endif
