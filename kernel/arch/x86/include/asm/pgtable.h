// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_PGTABLE_H
#define _ASM_X86_PGTABLE_H

#include <linux/atomic.h>
#include <linux/mm_types.h>
#include <asm/paravirt.h>

#ifdef CONFIG_X86_PAE
#include <asm/pgtable-3level.h>
#else
#include <asm/pgtable_64.h>
#endif

#define set_pte(ptep, pte) native_set_pte(ptep, pte)
#define set_pmd(pmdp, pmd) native_set_pmd(pmdp, pmd)

static inline pteval_t pte_flags(pte_t pte) { return native_pte_val(pte) & PTE_FLAGS_MASK; }
static inline pmdval_t pmd_flags(pmd_t pmd) { return native_pmd_val(pmd) & PTE_FLAGS_MASK; }
static inline unsigned long pte_pfn(pte_t pte)
{
	return (unsigned long)((native_pte_val(pte) & PTE_PFN_MASK) >> PAGE_SHIFT);
}
static inline unsigned long pmd_pfn(pmd_t pmd)
{
	return (unsigned long)((native_pmd_val(pmd) & PTE_PFN_MASK) >> PAGE_SHIFT);
}

static inline int pte_none(pte_t pte)
{
	/* Only the low word counts on 32 bits: half an entry is still none. */
	return !((unsigned long)pte_val(pte) & ~(unsigned long)_PAGE_KNL_ERRATUM_MASK);
}
static inline int pte_present(pte_t pte)
{
	return (pte_flags(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE)) != 0;
}
static inline int pte_write(pte_t pte) { return (pte_flags(pte) & _PAGE_RW) != 0; }
static inline int pte_special(pte_t pte) { return (pte_flags(pte) & _PAGE_SPECIAL) != 0; }
static inline int pte_protnone(pte_t pte)
{
	return (pte_flags(pte) & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE;
}

static inline int pmd_none(pmd_t pmd)
{
	return !((unsigned long)native_pmd_val(pmd) & ~(unsigned long)_PAGE_KNL_ERRATUM_MASK);
}
static inline int pmd_present(pmd_t pmd)
{
	/* A huge PMD that is being split has lost the present bit, not PSE. */
	return (pmd_flags(pmd) & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_PSE)) != 0;
}
static inline int pmd_leaf(pmd_t pmd) { return (pmd_flags(pmd) & _PAGE_PSE) != 0; }
static inline int pmd_trans_huge(pmd_t pmd) { return (pmd_flags(pmd) & _PAGE_PSE) != 0; }
static inline int pmd_write(pmd_t pmd) { return (pmd_flags(pmd) & _PAGE_RW) != 0; }
static inline int pmd_bad(pmd_t pmd)
{
	return (pmd_flags(pmd) & ~(_PAGE_USER | _PAGE_ACCESSED)) !=
	       (_KERNPG_TABLE & ~_PAGE_ACCESSED);
}
static inline int pmd_protnone(pmd_t pmd)
{
	return (pmd_flags(pmd) & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE;
}

/* -- entries with other flags -------------------------------------------------- */

static inline int pte_dirty(pte_t pte) { return (pte_flags(pte) & _PAGE_DIRTY) != 0; }
static inline int pte_young(pte_t pte) { return (pte_flags(pte) & _PAGE_ACCESSED) != 0; }
static inline pte_t pte_set_flags(pte_t pte, pteval_t set) { return __pte(pte_val(pte) | set); }
static inline pte_t pte_clear_flags(pte_t pte, pteval_t clear)
{
	return __pte(pte_val(pte) & ~clear);
}
static inline pte_t pte_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	(void)vma;
	return pte_set_flags(pte, _PAGE_RW);
}
static inline pte_t pte_wrprotect(pte_t pte) { return pte_clear_flags(pte, _PAGE_RW); }
static inline pte_t pte_mkdirty(pte_t pte) { return pte_set_flags(pte, _PAGE_DIRTY); }
static inline pte_t pte_mkclean(pte_t pte) { return pte_clear_flags(pte, _PAGE_DIRTY); }
static inline pte_t pte_mkyoung(pte_t pte) { return pte_set_flags(pte, _PAGE_ACCESSED); }
static inline pte_t pte_mkold(pte_t pte) { return pte_clear_flags(pte, _PAGE_ACCESSED); }

/* The page, and what the hardware noted of it, stay. */
#define _PAGE_CHG_MASK (PTE_PFN_MASK | _PAGE_SPECIAL | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_PSE)
static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	return __pte((pte_val(pte) & _PAGE_CHG_MASK) | (pgprot_val(newprot) & ~_PAGE_CHG_MASK));
}

static inline int pmd_dirty(pmd_t pmd) { return (pmd_flags(pmd) & _PAGE_DIRTY) != 0; }
static inline int pmd_young(pmd_t pmd) { return (pmd_flags(pmd) & _PAGE_ACCESSED) != 0; }
static inline pmd_t pmd_wrprotect(pmd_t pmd) { return __pmd(pmd_val(pmd) & ~_PAGE_RW); }
static inline pmd_t pmd_modify(pmd_t pmd, pgprot_t newprot)
{
	return __pmd((pmd_val(pmd) & _PAGE_CHG_MASK) | (pgprot_val(newprot) & ~_PAGE_CHG_MASK));
}

/* None needed where the old entry was in no TLB, or may be in one and does no harm there. */
#define pte_needs_flush pte_needs_flush
static inline bool pte_needs_flush(pte_t oldpte, pte_t newpte)
{
	pteval_t diff = pte_val(oldpte) ^ pte_val(newpte);

	if (!(pte_flags(oldpte) & _PAGE_PRESENT))
		return false;
	/* An accessed bit that goes is not worth it; dirty and present only matter when they go. */
	diff &= ~(_PAGE_ACCESSED | _PAGE_SPECIAL);
	diff &= ~(pte_val(newpte) & (_PAGE_DIRTY | _PAGE_PRESENT));
	return diff != 0;
}

/* Can a TLB have it? PROT_NONE can only be there until a flush that is still to come. */
static inline bool pte_accessible(struct mm_struct *mm, pte_t pte)
{
	if (pte_flags(pte) & _PAGE_PRESENT)
		return true;
	return (pte_flags(pte) & _PAGE_PROTNONE) && atomic_read(&mm->tlb_flush_pending);
}

static inline pmd_t pmd_mkinvalid(pmd_t pmd)
{
	return __pmd(pmd_val(pmd) & ~(_PAGE_PRESENT | _PAGE_PROTNONE));
}

static inline int pud_present(pud_t pud) { return (pud_val(pud) & _PAGE_PRESENT) != 0; }
static inline int pud_leaf(pud_t pud)
{
	return (pud_val(pud) & (_PAGE_PSE | _PAGE_PRESENT)) == (_PAGE_PSE | _PAGE_PRESENT);
}

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte(PFN_PHYS(pfn) | pgprot_val(prot));
}
static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	return __pmd(PFN_PHYS(pfn) | pgprot_val(prot));
}
static inline pmd_t pmd_mkdirty(pmd_t pmd) { return __pmd(pmd_val(pmd) | _PAGE_DIRTY); }
static inline pmd_t pmd_mkwrite(pmd_t pmd, struct vm_area_struct *vma)
{
	(void)vma;
	return __pmd(pmd_val(pmd) | _PAGE_RW);
}
static inline pmd_t pmd_mkhuge(pmd_t pmd) { return __pmd(pmd_val(pmd) | _PAGE_PSE); }

#define pte_access_permitted pte_access_permitted
#define pmd_access_permitted pmd_access_permitted
/* Writable by user space if asked to write; nothing here is supervisor-only. */
static inline bool pte_access_permitted(pte_t pte, bool write)
{
	pteval_t need = _PAGE_PRESENT | _PAGE_USER | (write ? _PAGE_RW : 0);

	return (pte_val(pte) & need) == need;
}
static inline bool pmd_access_permitted(pmd_t pmd, bool write)
{
	return pte_access_permitted(__pte(pmd_val(pmd)), write);
}

#define native_page_table(entry_value) __va((entry_value) & PTE_PFN_MASK)
static inline unsigned long pmd_page_vaddr(pmd_t pmd)
{
	return (unsigned long)native_page_table(native_pmd_val(pmd));
}
static inline pmd_t *pud_pgtable(pud_t pud) { return native_page_table(pud_val(pud)); }

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	return native_ptep_get_and_clear(ptep);
}
static inline pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp)
{
	(void)mm, (void)addr;
	return native_pmdp_get_and_clear(pmdp);
}
static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	native_pte_clear(ptep);
}
/* A dirty bit that the hardware sets meanwhile is kept: the swap fails and is made again. */
static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	unsigned long *word = (unsigned long *)ptep;
	unsigned long old = READ_ONCE(*word);

	(void)mm, (void)addr;
	while (!__atomic_compare_exchange_n(word, &old, old & ~(unsigned long)_PAGE_RW, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}
#define pmdp_invalidate_ad pmdp_invalidate_ad
/* No flush: what the hardware may still note in a cached entry cannot reach this one. */
static inline pmd_t pmdp_invalidate_ad(struct vm_area_struct *vma, unsigned long addr,
				       pmd_t *pmdp)
{
	VM_WARN_ON_ONCE(!pmd_present(*pmdp));
	return pmdp_establish(vma, addr, pmdp, pmd_mkinvalid(*pmdp));
}
static inline void pud_clear(pud_t *pudp)
{
	/* 64 bits at once where a plain store has them. */
#ifdef CONFIG_X86_64
	WRITE_ONCE(*(u64 *)pudp, 0);
#else
	native_xchg64(pudp, 0);
#endif
}
static inline void pmd_clear(pmd_t *pmdp)
{
#ifdef CONFIG_X86_PAE
	/* The present bit goes first. */
	WRITE_ONCE(pmdp->pmd_low, 0);
	smp_wmb();
	WRITE_ONCE(pmdp->pmd_high, 0);
#else
	native_set_pmd(pmdp, native_make_pmd(0));
#endif
}
static inline void set_pmd_at(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t pmd)
{
	(void)mm, (void)addr;
	set_pmd(pmdp, pmd);
}

#include <asm-generic/pgtable-modify.h>

#endif
