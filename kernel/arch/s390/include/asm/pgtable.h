// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_S390_PGTABLE_H
#define _ASM_S390_PGTABLE_H

#include <linux/mm_types.h>

#define PTRS_PER_PTE 256
#define PTRS_PER_PMD 2048
#define PTRS_PER_PUD 2048
#define PTRS_PER_P4D 2048
#define PTRS_PER_PGD 2048
#define PMD_SHIFT 20
#define PUD_SHIFT 31
#define P4D_SHIFT 42
#define PGDIR_SHIFT 53

#define p4d_addr_end(addr, end) ({ \
	unsigned long __boundary = ((addr) + (1UL << P4D_SHIFT)) & ~((1UL << P4D_SHIFT) - 1); \
	__boundary - 1 < (end) - 1 ? __boundary : (end); \
})

/* -- reading ---------------------------------------------------------------- */

static inline int pte_none(pte_t pte) { return pte_val(pte) == _PAGE_INVALID; }
static inline int pte_present(pte_t pte) { return (pte_val(pte) & _PAGE_PRESENT) != 0; }
static inline int pte_write(pte_t pte) { return (pte_val(pte) & _PAGE_WRITE) != 0; }
static inline int pte_dirty(pte_t pte) { return (pte_val(pte) & _PAGE_DIRTY) != 0; }
static inline int pte_young(pte_t pte) { return (pte_val(pte) & _PAGE_YOUNG) != 0; }
static inline int pte_special(pte_t pte) { return (pte_val(pte) & _PAGE_SPECIAL) != 0; }
static inline int pte_protnone(pte_t pte)
{
	return pte_present(pte) && !(pte_val(pte) & _PAGE_READ);
}
/* Invalidating an entry takes it out of all TLBs. */
#define pte_accessible(mm, pte) ((void)(mm), pte_present(pte))

/* An invalidated entry is neither none nor bad: whoever meets it goes on to its table. */
static inline int pmd_none(pmd_t pmd) { return pmd_val(pmd) == _SEGMENT_ENTRY_EMPTY; }
static inline int pmd_present(pmd_t pmd) { return pmd_val(pmd) != _SEGMENT_ENTRY_EMPTY; }
static inline bool pmd_leaf(pmd_t pmd) { return (pmd_val(pmd) & _SEGMENT_ENTRY_LARGE) != 0; }
static inline int pmd_trans_huge(pmd_t pmd)
{
	return (pmd_val(pmd) & _SEGMENT_ENTRY_LARGE) != 0;
}
static inline int pmd_bad(pmd_t pmd)
{
	if ((pmd_val(pmd) & _SEGMENT_ENTRY_TYPE_MASK) > 0 || pmd_leaf(pmd))
		return 1;
	return (pmd_val(pmd) & ~_SEGMENT_ENTRY_BITS) != 0;
}
static inline int pmd_write(pmd_t pmd) { return (pmd_val(pmd) & _SEGMENT_ENTRY_WRITE) != 0; }
static inline int pmd_dirty(pmd_t pmd) { return (pmd_val(pmd) & _SEGMENT_ENTRY_DIRTY) != 0; }
static inline int pmd_young(pmd_t pmd) { return (pmd_val(pmd) & _SEGMENT_ENTRY_YOUNG) != 0; }
static inline int pmd_protnone(pmd_t pmd)
{
	return pmd_leaf(pmd) && !(pmd_val(pmd) & _SEGMENT_ENTRY_READ);
}

/* A level that this mm does not have: its type is below the one that the level's entries have. */
static inline int pgd_folded(pgd_t pgd)
{
	return (pgd_val(pgd) & _REGION_ENTRY_TYPE_MASK) < _REGION_ENTRY_TYPE_R1;
}
static inline int p4d_folded(p4d_t p4d)
{
	return (p4d_val(p4d) & _REGION_ENTRY_TYPE_MASK) < _REGION_ENTRY_TYPE_R2;
}
static inline int pud_folded(pud_t pud)
{
	return (pud_val(pud) & _REGION_ENTRY_TYPE_MASK) < _REGION_ENTRY_TYPE_R3;
}
static inline int pgd_none(pgd_t pgd)
{
	return !pgd_folded(pgd) && (pgd_val(pgd) & _REGION_ENTRY_INVALID) != 0;
}
#define pgd_leaf(pgd) ((void)(pgd), 0)
static inline int p4d_present(p4d_t p4d)
{
	return p4d_folded(p4d) || (p4d_val(p4d) & _REGION_ENTRY_ORIGIN) != 0;
}
#define p4d_leaf(p4d) ((void)(p4d), 0)
static inline int pud_present(pud_t pud)
{
	return pud_folded(pud) || (pud_val(pud) & _REGION_ENTRY_ORIGIN) != 0;
}
static inline bool pud_leaf(pud_t pud)
{
	return (pud_val(pud) & _REGION_ENTRY_TYPE_MASK) == _REGION_ENTRY_TYPE_R3 &&
	       (pud_val(pud) & _REGION3_ENTRY_LARGE) != 0;
}

/* -- from entry to table ------------------------------------------------------ */

#define pgd_deref(pgd) __va(pgd_val(pgd) & _REGION_ENTRY_ORIGIN)
#define p4d_deref(p4d) __va(p4d_val(p4d) & _REGION_ENTRY_ORIGIN)
#define pud_deref(pud) __va(pud_val(pud) & _REGION_ENTRY_ORIGIN)

static inline unsigned long pmd_deref(pmd_t pmd)
{
	unsigned long mask = pmd_leaf(pmd) ? _SEGMENT_ENTRY_ORIGIN_LARGE : _SEGMENT_ENTRY_ORIGIN;

	return (unsigned long)__va(pmd_val(pmd) & mask);
}
static inline unsigned long pmd_page_vaddr(pmd_t pmd) { return pmd_deref(pmd); }
static inline unsigned long pmd_pfn(pmd_t pmd) { return __pa(pmd_deref(pmd)) >> PAGE_SHIFT; }
static inline unsigned long pte_pfn(pte_t pte) { return pte_val(pte) >> PAGE_SHIFT; }
#define pmd_pgtable(pmd) \
	((pgtable_t)__va(pmd_val(pmd) & -(sizeof(pte_t) * PTRS_PER_PTE)))

/*
 * The top table's first entry says which level it is of. The index is always
 * added here; below, only where there is a table to index.
 */
static inline pgd_t *pgd_offset_raw(pgd_t *pgd, unsigned long address)
{
	unsigned long type = (pgd_val(*pgd) & _REGION_ENTRY_TYPE_MASK) >> 2;

	return pgd + ((address >> (type * 11 + 20)) & (PTRS_PER_PGD - 1));
}
#define pgd_offset(mm, address) pgd_offset_raw(READ_ONCE((mm)->pgd), address)

static inline p4d_t *p4d_offset_lockless(pgd_t *pgdp, pgd_t pgd, unsigned long address)
{
	if (pgd_folded(pgd))
		return (p4d_t *)pgdp;
	return (p4d_t *)pgd_deref(pgd) + ((address >> P4D_SHIFT) & (PTRS_PER_P4D - 1));
}
#define p4d_offset_lockless p4d_offset_lockless
static inline p4d_t *p4d_offset(pgd_t *pgdp, unsigned long address)
{
	return p4d_offset_lockless(pgdp, *pgdp, address);
}

static inline pud_t *pud_offset_lockless(p4d_t *p4dp, p4d_t p4d, unsigned long address)
{
	if (p4d_folded(p4d))
		return (pud_t *)p4dp;
	return (pud_t *)p4d_deref(p4d) + ((address >> PUD_SHIFT) & (PTRS_PER_PUD - 1));
}
#define pud_offset_lockless pud_offset_lockless
static inline pud_t *pud_offset(p4d_t *p4dp, unsigned long address)
{
	return pud_offset_lockless(p4dp, *p4dp, address);
}
#define pud_offset pud_offset

static inline pmd_t *pmd_offset_lockless(pud_t *pudp, pud_t pud, unsigned long address)
{
	if (pud_folded(pud))
		return (pmd_t *)pudp;
	return (pmd_t *)pud_deref(pud) + ((address >> PMD_SHIFT) & (PTRS_PER_PMD - 1));
}
#define pmd_offset_lockless pmd_offset_lockless
static inline pmd_t *pmd_offset(pud_t *pudp, unsigned long address)
{
	return pmd_offset_lockless(pudp, *pudp, address);
}
#define pmd_offset pmd_offset

/* -- making ------------------------------------------------------------------- */

static inline pte_t pte_mkold(pte_t pte)
{
	return __pte((pte_val(pte) & ~_PAGE_YOUNG) | _PAGE_INVALID);
}
static inline pte_t pte_mkyoung(pte_t pte)
{
	unsigned long val = pte_val(pte) | _PAGE_YOUNG;

	return __pte(val & _PAGE_READ ? val & ~_PAGE_INVALID : val);
}
static inline pte_t pte_mkclean(pte_t pte)
{
	return __pte((pte_val(pte) & ~_PAGE_DIRTY) | _PAGE_PROTECT);
}
static inline pte_t pte_mkdirty(pte_t pte)
{
	unsigned long val = pte_val(pte) | _PAGE_DIRTY;

	return __pte(val & _PAGE_WRITE ? val & ~_PAGE_PROTECT : val);
}
static inline pte_t pte_mkwrite_novma(pte_t pte)
{
	unsigned long val = pte_val(pte) | _PAGE_WRITE;

	return __pte(val & _PAGE_DIRTY ? val & ~_PAGE_PROTECT : val);
}
static inline pte_t pte_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	(void)vma;
	return pte_mkwrite_novma(pte);
}
static inline pte_t pte_wrprotect(pte_t pte)
{
	return __pte((pte_val(pte) & ~_PAGE_WRITE) | _PAGE_PROTECT);
}
static inline pte_t pte_mkspecial(pte_t pte) { return __pte(pte_val(pte) | _PAGE_SPECIAL); }

/* Read and written is noted by faults: a new entry is young, or it would be invalid. */
static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return pte_mkyoung(__pte(PFN_PHYS(pfn) | pgprot_val(prot)));
}

/* A page's protection as that of a segment, whose bits lie elsewhere. */
static inline unsigned long massage_pgprot_pmd(pgprot_t prot)
{
	unsigned long val = pgprot_val(prot);

	if (!(val & _PAGE_READ))
		return pgprot_val(SEGMENT_NONE);
	return val & _PAGE_WRITE ? pgprot_val(SEGMENT_RW) : pgprot_val(SEGMENT_RO);
}
static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	return __pmd(PFN_PHYS(pfn) + massage_pgprot_pmd(prot));
}
static inline pmd_t pmd_mkhuge(pmd_t pmd)
{
	return __pmd(pmd_val(pmd) | _SEGMENT_ENTRY_LARGE | _SEGMENT_ENTRY_YOUNG |
		     _SEGMENT_ENTRY_PROTECT);
}
static inline pmd_t pmd_mkwrite(pmd_t pmd, struct vm_area_struct *vma)
{
	unsigned long val = pmd_val(pmd) | _SEGMENT_ENTRY_WRITE;

	(void)vma;
	return __pmd(val & _SEGMENT_ENTRY_DIRTY ? val & ~_SEGMENT_ENTRY_PROTECT : val);
}
static inline pmd_t pmd_mkdirty(pmd_t pmd)
{
	unsigned long val = pmd_val(pmd) | _SEGMENT_ENTRY_DIRTY;

	return __pmd(val & _SEGMENT_ENTRY_WRITE ? val & ~_SEGMENT_ENTRY_PROTECT : val);
}
static inline pmd_t pmd_mkyoung(pmd_t pmd)
{
	unsigned long val = pmd_val(pmd) | _SEGMENT_ENTRY_YOUNG;

	return __pmd(val & _SEGMENT_ENTRY_READ ? val & ~_SEGMENT_ENTRY_INVALID : val);
}
static inline pmd_t pmd_wrprotect(pmd_t pmd)
{
	return __pmd((pmd_val(pmd) & ~_SEGMENT_ENTRY_WRITE) | _SEGMENT_ENTRY_PROTECT);
}
static inline pmd_t pmd_mkinvalid(pmd_t pmd)
{
	return __pmd(pmd_val(pmd) | _SEGMENT_ENTRY_INVALID);
}

/* What a fault has noted stays, and says what the hardware may use of the new protection. */
#define _PAGE_CHG_MASK (PAGE_MASK | _PAGE_SPECIAL | _PAGE_DIRTY | _PAGE_YOUNG)
static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	unsigned long val = (pte_val(pte) & _PAGE_CHG_MASK) | pgprot_val(newprot);

	if ((val & _PAGE_YOUNG) && (val & _PAGE_READ))
		val &= ~_PAGE_INVALID;
	if ((val & _PAGE_DIRTY) && (val & _PAGE_WRITE))
		val &= ~_PAGE_PROTECT;
	return __pte(val);
}
static inline pmd_t pmd_modify(pmd_t pmd, pgprot_t newprot)
{
	unsigned long val = pmd_val(pmd) & (_SEGMENT_ENTRY_ORIGIN_LARGE | _SEGMENT_ENTRY_DIRTY |
					    _SEGMENT_ENTRY_YOUNG | _SEGMENT_ENTRY_LARGE);

	val |= massage_pgprot_pmd(newprot);
	if (!(val & _SEGMENT_ENTRY_DIRTY))
		val |= _SEGMENT_ENTRY_PROTECT;
	if (!(val & _SEGMENT_ENTRY_YOUNG))
		val |= _SEGMENT_ENTRY_INVALID;
	return __pmd(val);
}

/* -- writing: only what no TLB can have is stored over ------------------------- */

static inline void set_pte(pte_t *ptep, pte_t pte) { WRITE_ONCE(*ptep, pte); }
static inline void set_pmd(pmd_t *pmdp, pmd_t pmd) { WRITE_ONCE(*pmdp, pmd); }
static inline void set_pud(pud_t *pudp, pud_t pud) { WRITE_ONCE(*pudp, pud); }

static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm, (void)addr;
	set_pte(ptep, __pte(_PAGE_INVALID));
}
static inline void pmd_clear(pmd_t *pmdp) { set_pmd(pmdp, __pmd(_SEGMENT_ENTRY_EMPTY)); }
static inline void pud_clear(pud_t *pudp)
{
	if ((pud_val(*pudp) & _REGION_ENTRY_TYPE_MASK) == _REGION_ENTRY_TYPE_R3)
		set_pud(pudp, __pud(_REGION3_ENTRY_EMPTY));
}
static inline void set_pmd_at(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t pmd)
{
	(void)mm, (void)addr;
	set_pmd(pmdp, pmd);
}

/*
 * Direct: the entry is flushed here. Lazy: where only this CPU is attached it
 * is marked invalid, and the flush is owed (mm->context.flush_mm).
 */
pte_t ptep_xchg_direct(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t new);
pte_t ptep_xchg_lazy(struct mm_struct *mm, unsigned long addr, pte_t *ptep, pte_t new);
pmd_t pmdp_xchg_direct(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t new);
pmd_t pmdp_xchg_lazy(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t new);

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	return ptep_xchg_lazy(mm, addr, ptep, __pte(_PAGE_INVALID));
}

static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	pte_t pte = *ptep;

	if (pte_write(pte))
		ptep_xchg_lazy(mm, addr, ptep, pte_wrprotect(pte));
}

/* Even more rights may not be stored over an entry that a TLB can have. */
#define ptep_set_access_flags ptep_set_access_flags
static inline void ptep_set_access_flags(struct vm_area_struct *vma, unsigned long addr,
					 pte_t *ptep, pte_t entry)
{
	if (pte_val(*ptep) != pte_val(entry))
		ptep_xchg_direct(vma->vm_mm, addr, ptep, entry);
}

#define __HAVE_ARCH_PTEP_MODIFY_PROT_TRANSACTION
pte_t ptep_modify_prot_start(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep);
static inline void ptep_modify_prot_commit(struct vm_area_struct *vma, unsigned long addr,
					   pte_t *ptep, pte_t old_pte, pte_t pte)
{
	(void)vma, (void)addr, (void)old_pte;
	set_pte(ptep, pte);
}

#define __HAVE_ARCH_PTEP_CLEAR_FLUSH
static inline pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	return ptep_xchg_direct(vma->vm_mm, addr, ptep, __pte(_PAGE_INVALID));
}

static inline pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp)
{
	return pmdp_xchg_direct(mm, addr, pmdp, __pmd(_SEGMENT_ENTRY_EMPTY));
}

#define __HAVE_ARCH_PMDP_HUGE_CLEAR_FLUSH
static inline pmd_t pmdp_huge_clear_flush(struct vm_area_struct *vma, unsigned long addr,
					  pmd_t *pmdp)
{
	return pmdp_huge_get_and_clear(vma->vm_mm, addr, pmdp);
}

#define __HAVE_ARCH_PMDP_INVALIDATE
static inline pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp)
{
	return pmdp_xchg_direct(vma->vm_mm, addr, pmdp, pmd_mkinvalid(*pmdp));
}

#define __HAVE_ARCH_PGTABLE_DEPOSIT
#define __HAVE_ARCH_PGTABLE_WITHDRAW
#define pte_free_defer pte_free_defer

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
/* The flush is in the clear: what TLBs have by way of the entry goes with it. */
static inline pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address,
					pmd_t *pmdp)
{
	return pmdp_huge_get_and_clear(vma->vm_mm, address, pmdp);
}
#define pmdp_collapse_flush pmdp_collapse_flush
#endif

#include <asm-generic/pgtable-modify.h>

#endif
