// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_POWERPC_PGTABLE_H
#define _ASM_POWERPC_PGTABLE_H

#include <linux/mm_types.h>

/* Departs: the top table has 512 entries, not 8192. */
#define PGDIR_SHIFT 39
#define PTRS_PER_PGD 512
#define PUD_SHIFT 30
#define PTRS_PER_PUD 512
#define PMD_SHIFT 21
#define PTRS_PER_PMD 512
#define PTRS_PER_PTE 512

#include <asm-generic/pgtable-nop4d.h>

/* -- reading: flags are looked at as they lie in memory ---------------------- */

static inline int pte_none(pte_t pte) { return pte_raw(pte) == 0; }
static inline int pte_present(pte_t pte)
{
	return (pte_val(pte) & (_PAGE_PRESENT | _PAGE_INVALID)) != 0;
}
static inline int pte_hw_valid(pte_t pte)
{
	return (pte_val(pte) & (_PAGE_PRESENT | _PAGE_PTE)) == (_PAGE_PRESENT | _PAGE_PTE);
}
static inline int pte_write(pte_t pte) { return (pte_val(pte) & _PAGE_WRITE) != 0; }
static inline int pte_read(pte_t pte) { return (pte_val(pte) & _PAGE_READ) != 0; }
static inline int pte_dirty(pte_t pte) { return (pte_val(pte) & _PAGE_DIRTY) != 0; }
static inline int pte_young(pte_t pte) { return (pte_val(pte) & _PAGE_ACCESSED) != 0; }
static inline int pte_special(pte_t pte) { return (pte_val(pte) & _PAGE_SPECIAL) != 0; }
static inline int pte_protnone(pte_t pte)
{
	return pte_present(pte) && !(pte_val(pte) & (_PAGE_READ | _PAGE_WRITE | _PAGE_EXEC));
}
#define pte_accessible(mm, pte) ((void)(mm), pte_hw_valid(pte))

static inline int pmd_none(pmd_t pmd) { return pmd_raw(pmd) == 0; }
static inline int pmd_present(pmd_t pmd)
{
	return (pmd_val(pmd) & (_PAGE_PRESENT | _PAGE_INVALID)) != 0;
}
static inline int pmd_leaf(pmd_t pmd) { return (pmd_val(pmd) & _PAGE_PTE) != 0; }
static inline int pmd_trans_huge(pmd_t pmd) { return pmd_present(pmd) && pmd_leaf(pmd); }
static inline int pmd_bad(pmd_t pmd) { return (pmd_val(pmd) & RADIX_PMD_BAD_BITS) != 0; }
static inline int pmd_write(pmd_t pmd) { return (pmd_val(pmd) & _PAGE_WRITE) != 0; }
static inline int pmd_young(pmd_t pmd) { return (pmd_val(pmd) & _PAGE_ACCESSED) != 0; }
static inline int pmd_dirty(pmd_t pmd) { return (pmd_val(pmd) & _PAGE_DIRTY) != 0; }
static inline int pmd_protnone(pmd_t pmd) { return pte_protnone(__pte(pmd_val(pmd))); }

static inline int pud_present(pud_t pud) { return (pud_val(pud) & _PAGE_PRESENT) != 0; }
static inline int pud_leaf(pud_t pud) { return (pud_val(pud) & _PAGE_PTE) != 0; }
static inline int p4d_present(p4d_t p4d) { return (p4d_val(p4d) & _PAGE_PRESENT) != 0; }

#define pte_access_permitted pte_access_permitted
#define pmd_access_permitted pmd_access_permitted
static inline bool pte_access_permitted(pte_t pte, bool write)
{
	return pte_present(pte) && pte_read(pte) && (!write || pte_write(pte));
}
static inline bool pmd_access_permitted(pmd_t pmd, bool write)
{
	return pte_access_permitted(__pte(pmd_val(pmd)), write);
}

/* -- from entry to table or page --------------------------------------------- */

static inline unsigned long pte_pfn(pte_t pte)
{
	return (pte_val(pte) & PTE_RPN_MASK) >> PAGE_SHIFT;
}
static inline unsigned long pmd_pfn(pmd_t pmd)
{
	return (pmd_val(pmd) & PTE_RPN_MASK) >> PAGE_SHIFT;
}
static inline unsigned long pmd_page_vaddr(pmd_t pmd)
{
	return (unsigned long)__va(pmd_val(pmd) & ~PMD_MASKED_BITS);
}
#define pmd_pgtable(pmd) ((pgtable_t)pmd_page_vaddr(pmd))
static inline pmd_t *pud_pgtable(pud_t pud) { return __va(pud_val(pud) & ~PMD_MASKED_BITS); }
static inline pud_t *p4d_pgtable(p4d_t p4d) { return __va(p4d_val(p4d) & ~PMD_MASKED_BITS); }

/* -- making ------------------------------------------------------------------ */

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte(PFN_PHYS(pfn) | pgprot_val(prot) | _PAGE_PTE);
}
static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	return __pmd(PFN_PHYS(pfn) | pgprot_val(prot) | _PAGE_PTE);
}
static inline pte_t pte_mkyoung(pte_t pte) { return __pte(pte_val(pte) | _PAGE_ACCESSED); }
static inline pte_t pte_mkold(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_ACCESSED); }
static inline pte_t pte_mkdirty(pte_t pte) { return __pte(pte_val(pte) | _PAGE_DIRTY); }
static inline pte_t pte_mkclean(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_DIRTY); }
static inline pte_t pte_wrprotect(pte_t pte) { return __pte(pte_val(pte) & ~_PAGE_WRITE); }
static inline pte_t pte_mkspecial(pte_t pte) { return __pte(pte_val(pte) | _PAGE_SPECIAL); }
static inline pte_t pte_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	(void)vma;
	return __pte(pte_val(pte) | _PAGE_WRITE | _PAGE_READ);
}
static inline pmd_t pmd_mkhuge(pmd_t pmd) { return __pmd(pmd_val(pmd) | _PAGE_PTE); }
static inline pmd_t pmd_mkdirty(pmd_t pmd) { return __pmd(pmd_val(pmd) | _PAGE_DIRTY); }
static inline pmd_t pmd_mkyoung(pmd_t pmd) { return __pmd(pmd_val(pmd) | _PAGE_ACCESSED); }
static inline pmd_t pmd_wrprotect(pmd_t pmd) { return __pmd(pmd_val(pmd) & ~_PAGE_WRITE); }
static inline pmd_t pmd_mkinvalid(pmd_t pmd)
{
	return __pmd((pmd_val(pmd) & ~_PAGE_PRESENT) | _PAGE_INVALID);
}
static inline pmd_t pmd_mkwrite(pmd_t pmd, struct vm_area_struct *vma)
{
	(void)vma;
	return __pmd(pmd_val(pmd) | _PAGE_WRITE | _PAGE_READ);
}

/* The page, what the hardware noted of it, and the software's bits stay. */
#define _PAGE_CHG_MASK \
	(PTE_RPN_MASK | _PAGE_DIRTY | _PAGE_ACCESSED | _PAGE_SPECIAL | _PAGE_PTE)
static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	return __pte((pte_val(pte) & _PAGE_CHG_MASK) | pgprot_val(newprot));
}
static inline pmd_t pmd_modify(pmd_t pmd, pgprot_t newprot)
{
	return (pmd_t){ pte_raw(pte_modify((pte_t){ pmd_raw(pmd) }, newprot)) };
}

/* -- writing ----------------------------------------------------------------- */

static inline void set_pte(pte_t *ptep, pte_t pte) { WRITE_ONCE(*ptep, pte); }
static inline void set_pmd(pmd_t *pmdp, pmd_t pmd) { *pmdp = pmd; }
static inline void pmd_clear(pmd_t *pmdp) { *pmdp = __pmd(0); }
static inline void pud_clear(pud_t *pudp) { *pudp = __pud(0); }
static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	set_pte(ptep, __pte(0));
}
static inline void set_pmd_at(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t pmd)
{
	(void)mm, (void)addr;
	set_pte((pte_t *)pmdp, (pte_t){ pmd_raw(pmd) });
}

/* radix__pte_update(): an update with a reservation, whole. Returns what was there. */
static inline unsigned long pte_update(pte_t *ptep, unsigned long clr, unsigned long set)
{
	__be64 old = READ_ONCE(ptep->pte), new;

	do {
		new = cpu_to_be64((be64_to_cpu(old) & ~clr) | set);
	} while (!__atomic_compare_exchange_n(&ptep->pte, &old, new, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return be64_to_cpu(old);
}

static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	if (pte_write(*ptep))
		pte_update(ptep, _PAGE_WRITE, 0);
}

/* More rights need no flush: a fault makes the hardware read the entry again. No coprocessors. */
#define ptep_set_access_flags ptep_set_access_flags
static inline void ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr,
					 pte_t *ptep, pte_t entry)
{
	(void)vma, (void)addr;
	pte_update(ptep, 0, pte_val(entry) & (_PAGE_DIRTY | _PAGE_ACCESSED | _PAGE_READ |
					      _PAGE_WRITE | _PAGE_EXEC));
}

/* Present to the software still, and nothing that the hardware would note anything in. */
#define __HAVE_ARCH_PTEP_MODIFY_PROT_TRANSACTION
static inline pte_t ptep_modify_prot_start(struct vm_area_struct *vma, unsigned long addr,
					   pte_t *ptep)
{
	(void)vma, (void)addr;
	return __pte(pte_update(ptep, _PAGE_PRESENT, _PAGE_INVALID));
}
static inline void ptep_modify_prot_commit(struct vm_area_struct *vma, unsigned long addr,
					   pte_t *ptep, pte_t old_pte, pte_t pte)
{
	(void)vma, (void)addr, (void)old_pte;
	set_pte(ptep, pte);
}

/* No flush where only rights were added, or it was forgotten that the page was used. */
#define pte_needs_flush pte_needs_flush
static inline bool pte_needs_flush(pte_t oldpte, pte_t newpte)
{
	unsigned long delta = pte_val(oldpte) ^ pte_val(newpte);
	const unsigned long rights = _PAGE_READ | _PAGE_WRITE | _PAGE_EXEC;

	if (!radix_enabled() || delta & ~(rights | _PAGE_DIRTY | _PAGE_ACCESSED))
		return true;
	return (delta & ~_PAGE_ACCESSED & pte_val(oldpte)) != 0;
}

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	return (pte_t){ __atomic_exchange_n(&ptep->pte, 0, __ATOMIC_RELAXED) };
}
static inline pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp)
{
	(void)mm, (void)addr;
	return (pmd_t){ __atomic_exchange_n(&pmdp->pmd, 0, __ATOMIC_RELAXED) };
}

#define __HAVE_ARCH_PMDP_INVALIDATE
pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp);

#define __HAVE_ARCH_PGTABLE_DEPOSIT
#define __HAVE_ARCH_PGTABLE_WITHDRAW
#define pte_free_defer pte_free_defer

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
pmd_t radix__pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);
pmd_t hash__pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);

static inline pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address,
					pmd_t *pmdp)
{
	if (radix_enabled())
		return radix__pmdp_collapse_flush(vma, address, pmdp);
	return hash__pmdp_collapse_flush(vma, address, pmdp);
}
#define pmdp_collapse_flush pmdp_collapse_flush
#endif

#include <asm-generic/pgtable-modify.h>

#endif
