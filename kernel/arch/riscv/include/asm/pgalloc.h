// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_PGALLOC_H
#define _ASM_RISCV_PGALLOC_H

#include <asm-generic/pgalloc.h>

#define virt_to_pfn(address) PHYS_PFN(__pa(address))

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmd, pgtable_t pte)
{
	unsigned long pfn = virt_to_pfn(lowmem_page_address(pte));

	(void)mm;
	set_pmd(pmd, __pmd((pfn << _PAGE_PFN_SHIFT) | _PAGE_TABLE));
}

static inline void pud_populate(struct mm_struct *mm, pud_t *pud, pmd_t *pmd)
{
	(void)mm;
	set_pud(pud, __pud((virt_to_pfn(pmd) << _PAGE_PFN_SHIFT) | _PAGE_TABLE));
}

static inline void p4d_populate(struct mm_struct *mm, p4d_t *p4d, pud_t *pud)
{
	(void)mm;
	set_p4d(p4d, __p4d((virt_to_pfn(pud) << _PAGE_PFN_SHIFT) | _PAGE_TABLE));
}

#endif
