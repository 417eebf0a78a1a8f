// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_PGTABLE_64_H
#define _ASM_X86_PGTABLE_64_H

#include <linux/compiler.h>

#define PGDIR_SHIFT 39
#define PTRS_PER_PGD 512
#define PUD_SHIFT 30
#define PTRS_PER_PUD 512
#define PUD_SIZE (1UL << PUD_SHIFT)
#define PUD_MASK (~(PUD_SIZE - 1))
#define PMD_SHIFT 21
#define PTRS_PER_PMD 512

/* Four levels; the fifth is decided at boot and is off here. */
typedef struct { pgd_t pgd; } p4d_t;
typedef struct { pudval_t pud; } pud_t;

#define p4d_val(x) pgd_val((x).pgd)
#define pud_val(x) ((x).pud)
#define pgd_none(pgd) ((void)(pgd), 0)
#define pgd_leaf(pgd) ((void)(pgd), 0)
#define p4d_leaf(p4d) ((void)(p4d), 0)
#define p4d_addr_end(addr, end) (end)

static inline p4d_t *p4d_offset(pgd_t *pgd, unsigned long address)
{
	(void)address;
	return (p4d_t *)pgd;
}

static inline int p4d_present(p4d_t p4d)
{
	return (p4d_val(p4d) & _PAGE_PRESENT) != 0;
}

static inline pud_t *p4d_pgtable(p4d_t p4d)
{
	return __va(p4d_val(p4d) & PTE_PFN_MASK);
}

static inline unsigned long pud_index(unsigned long address)
{
	return (address >> PUD_SHIFT) & (PTRS_PER_PUD - 1);
}

static inline pud_t *pud_offset(p4d_t *p4d, unsigned long address)
{
	return p4d_pgtable(*p4d) + pud_index(address);
}

static inline unsigned long pud_addr_end(unsigned long addr, unsigned long end)
{
	unsigned long boundary = (addr + PUD_SIZE) & PUD_MASK;

	return boundary - 1 < end - 1 ? boundary : end;
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

static inline pmd_t native_pmdp_get_and_clear(pmd_t *pmdp)
{
	return native_make_pmd(__atomic_exchange_n(&pmdp->pmd, 0, __ATOMIC_SEQ_CST));
}

#endif
