// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_ARM64_PGTABLE_H
#define _ASM_ARM64_PGTABLE_H

#include <linux/mm_types.h>
#include <asm-generic/pgtable-4level.h>
#include <asm/tlbflush.h>

static inline pte_t pmd_pte(pmd_t pmd) { return __pte(pmd_val(pmd)); }
static inline pmd_t pte_pmd(pte_t pte) { return __pmd(pte_val(pte)); }

static inline unsigned long pte_pfn(pte_t pte)
{
	return (pte_val(pte) & PTE_ADDR_MASK) >> PAGE_SHIFT;
}
static inline unsigned long pmd_pfn(pmd_t pmd)
{
	return (pmd_val(pmd) & PTE_ADDR_MASK) >> PAGE_SHIFT;
}
static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte(PFN_PHYS(pfn) | pgprot_val(prot));
}
static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	return __pmd(PFN_PHYS(pfn) | pgprot_val(prot));
}

static inline int pte_none(pte_t pte) { return !pte_val(pte); }
static inline int pte_valid(pte_t pte) { return (pte_val(pte) & PTE_VALID) != 0; }
static inline int pte_present_invalid(pte_t pte)
{
	return (pte_val(pte) & (PTE_VALID | PTE_PRESENT_INVALID)) == PTE_PRESENT_INVALID;
}
static inline int pte_present(pte_t pte) { return pte_valid(pte) || pte_present_invalid(pte); }
static inline int pte_user(pte_t pte) { return (pte_val(pte) & PTE_USER) != 0; }
static inline int pte_user_exec(pte_t pte) { return !(pte_val(pte) & PTE_UXN); }
static inline int pte_rdonly(pte_t pte) { return (pte_val(pte) & PTE_RDONLY) != 0; }
static inline int pte_write(pte_t pte) { return (pte_val(pte) & PTE_WRITE) != 0; }
static inline int pte_young(pte_t pte) { return (pte_val(pte) & PTE_AF) != 0; }
static inline int pte_special(pte_t pte) { return (pte_val(pte) & PTE_SPECIAL) != 0; }
static inline int pte_sw_dirty(pte_t pte) { return (pte_val(pte) & PTE_DIRTY) != 0; }
static inline int pte_hw_dirty(pte_t pte) { return pte_write(pte) && !pte_rdonly(pte); }
static inline int pte_dirty(pte_t pte) { return pte_sw_dirty(pte) || pte_hw_dirty(pte); }

/* Invalid to the CPU and present to the kernel; a huge entry being split is so, too. */
static inline int pte_protnone(pte_t pte)
{
	return pte_present_invalid(pte) && !pte_user(pte) && !pte_user_exec(pte);
}

static inline pte_t pte_mkyoung(pte_t pte) { return __pte(pte_val(pte) | PTE_AF); }
static inline pte_t pte_mkold(pte_t pte) { return __pte(pte_val(pte) & ~PTE_AF); }
static inline pte_t pte_mkspecial(pte_t pte) { return __pte(pte_val(pte) | PTE_SPECIAL); }
static inline pte_t pte_mkclean(pte_t pte)
{
	return __pte((pte_val(pte) & ~PTE_DIRTY) | PTE_RDONLY);
}
static inline pte_t pte_mkdirty(pte_t pte)
{
	pteval_t val = pte_val(pte) | PTE_DIRTY;

	return __pte(pte_write(pte) ? val & ~PTE_RDONLY : val);
}
static inline pte_t pte_mkwrite_novma(pte_t pte)
{
	pteval_t val = pte_val(pte) | PTE_WRITE;

	return __pte(pte_sw_dirty(pte) ? val & ~PTE_RDONLY : val);
}
/* What hardware has noted of a write must not go with the right to write. */
static inline pte_t pte_wrprotect(pte_t pte)
{
	pteval_t val = pte_val(pte);

	if (pte_hw_dirty(pte))
		val |= PTE_DIRTY;
	return __pte((val & ~PTE_WRITE) | PTE_RDONLY);
}
/* Says nothing of what the entry was: of one that is not present it makes one that is. */
static inline pte_t pte_mkinvalid(pte_t pte)
{
	return __pte((pte_val(pte) | PTE_PRESENT_INVALID) & ~PTE_VALID);
}

static inline int pmd_none(pmd_t pmd) { return !pmd_val(pmd); }
static inline int pmd_present(pmd_t pmd) { return pte_present(pmd_pte(pmd)); }
static inline int pmd_valid(pmd_t pmd) { return pte_valid(pmd_pte(pmd)); }
static inline int pmd_table(pmd_t pmd)
{
	return (pmd_val(pmd) & PMD_TYPE_MASK) == PMD_TYPE_TABLE;
}
static inline int pmd_leaf(pmd_t pmd) { return pmd_present(pmd) && !pmd_table(pmd); }
static inline int pmd_bad(pmd_t pmd) { return !pmd_table(pmd); }
static inline int pmd_trans_huge(pmd_t pmd)
{
	/* An entry that is present and not valid is looked at as if it were valid. */
	return pmd_val(pmd) && pmd_present(pmd) && !pmd_table(__pmd(pmd_val(pmd) | PTE_VALID));
}
static inline int pmd_write(pmd_t pmd) { return pte_write(pmd_pte(pmd)); }
static inline int pmd_young(pmd_t pmd) { return pte_young(pmd_pte(pmd)); }
static inline int pmd_dirty(pmd_t pmd) { return pte_dirty(pmd_pte(pmd)); }
static inline int pmd_protnone(pmd_t pmd) { return pte_protnone(pmd_pte(pmd)); }
static inline pmd_t pmd_mkhuge(pmd_t pmd) { return __pmd(pmd_val(pmd) & ~PMD_TABLE_BIT); }
static inline pmd_t pmd_mkinvalid(pmd_t pmd) { return pte_pmd(pte_mkinvalid(pmd_pte(pmd))); }
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

/*
 * The rights change; the page, and that it was written to, stay. What hardware
 * has noted of a write becomes the kernel's own note.
 */
static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	const pteval_t mask = PTE_USER | PTE_PXN | PTE_UXN | PTE_RDONLY | PTE_PRESENT_INVALID |
			      PTE_VALID | PTE_WRITE;

	if (pte_hw_dirty(pte))
		pte = __pte(pte_val(pte) | PTE_DIRTY);
	pte = __pte((pte_val(pte) & ~mask) | (pgprot_val(newprot) & mask));
	return pte_sw_dirty(pte) && pte_write(pte) ? pte_mkdirty(pte) : pte;
}
static inline pmd_t pmd_modify(pmd_t pmd, pgprot_t newprot)
{
	return pte_pmd(pte_modify(pmd_pte(pmd), newprot));
}

static inline int pud_present(pud_t pud) { return pte_present(__pte(pud_val(pud))); }
static inline int pud_leaf(pud_t pud)
{
	return pud_present(pud) && !(pud_val(pud) & PUD_TABLE_BIT);
}
static inline int p4d_present(p4d_t p4d) { return p4d_val(p4d) != 0; }

#define pte_access_permitted pte_access_permitted
#define pmd_access_permitted pmd_access_permitted
/* Readable by user space; writable, dirty or not, if asked to write. */
static inline bool pte_access_permitted(pte_t pte, bool write)
{
	return (pte_val(pte) & (PTE_VALID | PTE_USER)) == (PTE_VALID | PTE_USER) &&
	       (!write || pte_write(pte));
}
static inline bool pmd_access_permitted(pmd_t pmd, bool write)
{
	return pte_access_permitted(pmd_pte(pmd), write);
}

static inline unsigned long pmd_page_vaddr(pmd_t pmd)
{
	return (unsigned long)__va(pmd_val(pmd) & PTE_ADDR_MASK);
}
static inline pmd_t *pud_pgtable(pud_t pud) { return __va(pud_val(pud) & PTE_ADDR_MASK); }
static inline pud_t *p4d_pgtable(p4d_t p4d) { return __va(p4d_val(p4d) & PTE_ADDR_MASK); }

/* A valid user entry needs no barrier here: the fault that follows is harmless. */
static inline void set_pte(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(*ptep, pte);
	if (pte_valid(pte) && !pte_user(pte)) {
		dsb(ishst);
		isb();
	}
}
static inline void set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	WRITE_ONCE(*pmdp, pmd);
	if (pmd_valid(pmd)) {
		dsb(ishst);
		isb();
	}
}
static inline void set_pud(pud_t *pudp, pud_t pud)
{
	WRITE_ONCE(*pudp, pud);
	if (pte_valid(__pte(pud_val(pud)))) {
		dsb(ishst);
		isb();
	}
}
static inline void set_p4d(p4d_t *p4dp, p4d_t p4d)
{
	WRITE_ONCE(*p4dp, p4d);
	dsb(ishst);
	isb();
}
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
	set_pte((pte_t *)pmdp, pmd_pte(pmd));
}

/* Can a TLB have it? What is not valid only until a flush that is still to come. */
static inline bool pte_accessible(struct mm_struct *mm, pte_t pte)
{
	return atomic_read(&mm->tlb_flush_pending) ? pte_present(pte) : pte_valid(pte);
}

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	return __pte(__atomic_exchange_n(&ptep->pte, 0, __ATOMIC_RELAXED));
}
/* A write that hardware notes meanwhile is kept: the swap fails and is made again. */
static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	pteval_t old = pte_val(READ_ONCE(*ptep));

	(void)mm, (void)addr;
	while (!__atomic_compare_exchange_n(&ptep->pte, &old, pte_val(pte_wrprotect(__pte(old))),
					    false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}
static inline pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp)
{
	(void)mm, (void)addr;
	return __pmd(__atomic_exchange_n(&pmdp->pmd, 0, __ATOMIC_RELAXED));
}
static inline pmd_t pmdp_establish(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp,
				   pmd_t pmd)
{
	(void)vma, (void)addr;
	return __pmd(__atomic_exchange_n(&pmdp->pmd, pmd_val(pmd), __ATOMIC_RELAXED));
}

#include <asm-generic/pgtable-modify.h>

#endif
