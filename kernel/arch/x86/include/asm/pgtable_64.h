// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_PGTABLE_64_H
#define _ASM_X86_PGTABLE_64_H

#include <linux/compiler.h>
#include <asm-generic/pgtable-4level.h>

static inline int p4d_present(p4d_t p4d)
{
	return (p4d_val(p4d) & _PAGE_PRESENT) != 0;
}

static inline pud_t *p4d_pgtable(p4d_t p4d)
{
	return __va(p4d_val(p4d) & PTE_PFN_MASK);
}

static inline void p4d_clear(p4d_t *p4dp)
{
	WRITE_ONCE(*p4dp, __p4d(0));
}

static inline void native_set_pte(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(*ptep, pte);
}

static inline void native_set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	WRITE_ONCE(*pmdp, pmd);
}

static inline void native_pte_clear(pte_t *ptep)
{
	native_set_pte(ptep, native_make_pte(0));
}

static inline pte_t native_ptep_get_and_clear(pte_t *ptep)
{
	return native_make_pte(__atomic_exchange_n(&ptep->pte, 0, __ATOMIC_SEQ_CST));
}

static inline pmd_t pmdp_establish(struct vm_area_struct *vma, unsigned long address,
				   pmd_t *pmdp, pmd_t pmd)
{
	(void)vma, (void)address;
	return native_make_pmd(__atomic_exchange_n(&pmdp->pmd, pmd.pmd, __ATOMIC_SEQ_CST));
}

static inline pmd_t native_pmdp_get_and_clear(pmd_t *pmdp)
{
	return native_make_pmd(__atomic_exchange_n(&pmdp->pmd, 0, __ATOMIC_SEQ_CST));
}

#endif
