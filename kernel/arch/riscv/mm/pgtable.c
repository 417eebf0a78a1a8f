// SPDX-License-Identifier: Apache-2.0
#include <linux/mm.h>
#include <asm/tlbflush.h>

/*
 * A leaf will take the place of a table. An sfence.vma with an address reaches
 * leaf entries only, so the whole mm is flushed, table entries with it.
 */
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd = pmdp_huge_get_and_clear(vma->vm_mm, address, pmdp);

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	VM_BUG_ON(pmd_trans_huge(pmdp_get(pmdp)));
	flush_tlb_mm(vma->vm_mm);
	return pmd;
}
