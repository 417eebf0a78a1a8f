// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_HUGE_MM_H
#define _LINUX_HUGE_MM_H

#include <linux/mm.h>

/* Entries of a table that loops look at. The kernel has 512; more than one is enough to be a loop. */
#ifndef HPAGE_PMD_NR
#define HPAGE_PMD_NR 2
#endif

static inline pmd_t maybe_pmd_mkwrite(pmd_t pmd, struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_WRITE ? pmd_mkwrite(pmd, vma) : pmd;
}

#define mk_pmd(page, prot) pfn_pmd(page_to_pfn(page), prot)
#define mk_huge_pmd(page, prot) pmd_mkhuge(mk_pmd(page, prot))

#endif
