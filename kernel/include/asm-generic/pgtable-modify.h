// SPDX-License-Identifier: Apache-2.0
/* Changing entries that are in use, where the architecture has no better way. */
#ifndef _ASM_GENERIC_PGTABLE_MODIFY_H
#define _ASM_GENERIC_PGTABLE_MODIFY_H

static inline void set_pte_at(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t pte)
{
	(void)mm, (void)addr;
	set_pte(ptep, pte);
}

#ifndef __HAVE_ARCH_PTEP_MODIFY_PROT_TRANSACTION
/* Not there meanwhile, so that the hardware notes nothing in it that would be lost. */
static inline pte_t ptep_modify_prot_start(struct vm_area_struct *vma, unsigned long addr,
					   pte_t *ptep)
{
	return ptep_get_and_clear(vma->vm_mm, addr, ptep);
}
static inline void ptep_modify_prot_commit(struct vm_area_struct *vma, unsigned long addr,
					   pte_t *ptep, pte_t old_pte, pte_t pte)
{
	(void)old_pte;
	set_pte_at(vma->vm_mm, addr, ptep, pte);
}
#endif

/* A fault gives an entry more rights: what TLBs have of it costs another fault at most. */
#ifndef ptep_set_access_flags
#define ptep_set_access_flags(vma, addr, ptep, entry) \
	set_pte_at((vma)->vm_mm, addr, ptep, entry)
#endif

#ifndef pte_needs_flush
static inline bool pte_needs_flush(pte_t oldpte, pte_t newpte)
{
	(void)oldpte, (void)newpte;
	return true;
}
#endif

#ifndef pmdp_invalidate_ad
/* Without hardware that is known to leave such entries alone, the flush stays. */
#define pmdp_invalidate_ad(vma, addr, pmdp) pmdp_invalidate(vma, addr, pmdp)
#endif

#endif
