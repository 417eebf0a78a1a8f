// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_PGTABLE_H
#define _ASM_RISCV_PGTABLE_H

#include <linux/mm_types.h>
#include <asm-generic/pgtable-4level.h>
#include <asm/tlbflush.h>

#define __page_val_to_pfn(val) (((val) & _PAGE_PFN_MASK) >> _PAGE_PFN_SHIFT)
#define pfn_to_virt(pfn) __va(PFN_PHYS(pfn))

static inline pte_t pmd_pte(pmd_t pmd) { return __pte(pmd_val(pmd)); }
static inline pmd_t pte_pmd(pte_t pte) { return __pmd(pte_val(pte)); }

static inline unsigned long pte_pfn(pte_t pte) { return __page_val_to_pfn(pte_val(pte)); }
static inline unsigned long pmd_pfn(pmd_t pmd) { return __page_val_to_pfn(pmd_val(pmd)); }
static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte((pfn << _PAGE_PFN_SHIFT) | pgprot_val(prot));
}
static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	return __pmd((pfn << _PAGE_PFN_SHIFT) | pgprot_val(prot));
}

static inline int pte_none(pte_t pte) { return pte_val(pte) == 0; }
static inline int pte_present(pte_t pte)
{
	return (pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROT_NONE)) != 0;
}
static inline int pte_write(pte_t pte) { return (pte_val(pte) & _PAGE_WRITE) != 0; }
static inline int pte_dirty(pte_t pte) { return (pte_val(pte) & _PAGE_DIRTY) != 0; }
static inline int pte_young(pte_t pte) { return (pte_val(pte) & _PAGE_ACCESSED) != 0; }
static inline int pte_special(pte_t pte) { return (pte_val(pte) & _PAGE_SPECIAL) != 0; }
static inline int pte_protnone(pte_t pte)
{
	return (pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROT_NONE)) == _PAGE_PROT_NONE;
}

static inline pte_t pte_mkyoung(pte_t pte) { return __pte(pte_val(pte) | _PAGE_ACCESSED); }
static inline pte_t pte_mkold(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_ACCESSED); }
static inline pte_t pte_mkdirty(pte_t pte) { return __pte(pte_val(pte) | _PAGE_DIRTY); }
static inline pte_t pte_mkclean(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_DIRTY); }
static inline pte_t pte_mkspecial(pte_t pte) { return __pte(pte_val(pte) | _PAGE_SPECIAL); }
static inline pte_t pte_mkwrite_novma(pte_t pte) { return __pte(pte_val(pte) | _PAGE_WRITE); }
static inline pte_t pte_wrprotect(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_WRITE); }

static inline int pmd_none(pmd_t pmd) { return pmd_val(pmd) == 0; }
static inline int pmd_present(pmd_t pmd)
{
	/* A huge PMD that is being split has lost the present bit, not its rights. */
	return (pmd_val(pmd) & (_PAGE_PRESENT | _PAGE_PROT_NONE | _PAGE_LEAF)) != 0;
}
static inline int pmd_leaf(pmd_t pmd) { return pmd_present(pmd) && (pmd_val(pmd) & _PAGE_LEAF); }
static inline int pmd_trans_huge(pmd_t pmd) { return pmd_leaf(pmd); }
static inline int pmd_bad(pmd_t pmd) { return !pmd_present(pmd) || (pmd_val(pmd) & _PAGE_LEAF); }
static inline int pmd_write(pmd_t pmd) { return pte_write(pmd_pte(pmd)); }
static inline int pmd_young(pmd_t pmd) { return pte_young(pmd_pte(pmd)); }
static inline int pmd_dirty(pmd_t pmd) { return pte_dirty(pmd_pte(pmd)); }
static inline int pmd_protnone(pmd_t pmd) { return pte_protnone(pmd_pte(pmd)); }
/* Huge is what has rights. */
static inline pmd_t pmd_mkhuge(pmd_t pmd) { return pmd; }
static inline pmd_t pmd_mkinvalid(pmd_t pmd)
{
	return __pmd(pmd_val(pmd) & ~(_PAGE_PRESENT | _PAGE_PROT_NONE));
}
static inline pmd_t pmd_wrprotect(pmd_t pmd) { return pte_pmd(pte_wrprotect(pmd_pte(pmd))); }
static inline pmd_t pmd_mkdirty(pmd_t pmd) { return pte_pmd(pte_mkdirty(pmd_pte(pmd))); }
static inline pte_t pte_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	(void)vma;
	return pte_mkwrite_novma(pte);
}
static inline pmd_t pmd_mkwrite(pmd_t pmd, struct vm_area_struct *vma)
{
	(void)vma;
	return pte_pmd(pte_mkwrite_novma(pmd_pte(pmd)));
}
static inline pmd_t pmd_mkyoung(pmd_t pmd) { return pte_pmd(pte_mkyoung(pmd_pte(pmd))); }

/* The page, what the hardware noted of it, and the software's bits stay. */
#define _PAGE_CHG_MASK \
	(~(_PAGE_PRESENT | _PAGE_READ | _PAGE_WRITE | _PAGE_EXEC | _PAGE_USER | _PAGE_GLOBAL))
static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	return __pte((pte_val(pte) & _PAGE_CHG_MASK) | pgprot_val(newprot));
}
static inline pmd_t pmd_modify(pmd_t pmd, pgprot_t newprot)
{
	return pte_pmd(pte_modify(pmd_pte(pmd), newprot));
}

static inline int pud_present(pud_t pud) { return (pud_val(pud) & _PAGE_PRESENT) != 0; }
static inline int pud_leaf(pud_t pud) { return pud_present(pud) && (pud_val(pud) & _PAGE_LEAF); }
static inline int p4d_present(p4d_t p4d) { return (p4d_val(p4d) & _PAGE_PRESENT) != 0; }

static inline unsigned long pmd_page_vaddr(pmd_t pmd)
{
	return (unsigned long)pfn_to_virt(__page_val_to_pfn(pmd_val(pmd)));
}
static inline pmd_t *pud_pgtable(pud_t pud) { return pfn_to_virt(__page_val_to_pfn(pud_val(pud))); }
static inline pud_t *p4d_pgtable(p4d_t p4d) { return pfn_to_virt(__page_val_to_pfn(p4d_val(p4d))); }

static inline void set_pte(pte_t *ptep, pte_t pte) { WRITE_ONCE(*ptep, pte); }
static inline void set_pmd(pmd_t *pmdp, pmd_t pmd) { WRITE_ONCE(*pmdp, pmd); }
static inline void set_pud(pud_t *pudp, pud_t pud) { WRITE_ONCE(*pudp, pud); }
static inline void set_p4d(p4d_t *p4dp, p4d_t p4d) { WRITE_ONCE(*p4dp, p4d); }
static inline void pmd_clear(pmd_t *pmdp) { set_pmd(pmdp, __pmd(0)); }
static inline void pud_clear(pud_t *pudp) { set_pud(pudp, __pud(0)); }

static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	set_pte(ptep, __pte(0));
}
static inline void set_pmd_at(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t pmd)
{
	(void)mm, (void)addr;
	set_pmd(pmdp, pmd);
}

/* Can a TLB have it? PROT_NONE can only be there until a flush that is still to come. */
static inline bool pte_accessible(struct mm_struct *mm, pte_t pte)
{
	if (pte_val(pte) & _PAGE_PRESENT)
		return true;
	return (pte_val(pte) & _PAGE_PROT_NONE) && atomic_read(&mm->tlb_flush_pending);
}

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	return __pte(__atomic_exchange_n(&ptep->pte, 0, __ATOMIC_SEQ_CST));
}
static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	__atomic_fetch_and(&ptep->pte, ~_PAGE_WRITE, __ATOMIC_SEQ_CST);
}
static inline pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp)
{
	(void)mm, (void)addr;
	return __pmd(__atomic_exchange_n(&pmdp->pmd, 0, __ATOMIC_SEQ_CST));
}
static inline pmd_t pmdp_establish(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp,
				   pmd_t pmd)
{
	(void)vma, (void)addr;
	return __pmd(__atomic_exchange_n(&pmdp->pmd, pmd_val(pmd), __ATOMIC_SEQ_CST));
}

/* A leaf takes the place of a table, and an address alone flushes leaves only. */
#define pmdp_collapse_flush pmdp_collapse_flush
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);

#include <asm-generic/pgtable-modify.h>

#endif
