// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_PGTABLE_H
#define _LINUX_PGTABLE_H

#include <linux/highmem.h>
#include <linux/irqflags.h>
#include <linux/mm_types.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

#define PMD_SIZE (1UL << PMD_SHIFT)
#define PMD_MASK (~(PMD_SIZE - 1))
#define PGDIR_SIZE (1UL << PGDIR_SHIFT)
#define PGDIR_MASK (~(PGDIR_SIZE - 1))

static inline int pte_same(pte_t a, pte_t b) { return pte_val(a) == pte_val(b); }
static inline int pmd_same(pmd_t a, pmd_t b) { return pmd_val(a) == pmd_val(b); }

#define pte_page(pte) pfn_to_page(pte_pfn(pte))
#define pmd_page(pmd) pfn_to_page(pmd_pfn(pmd))
#define mk_pte(page, prot) pfn_pte(page_to_pfn(page), prot)

/*
 * Around loops over entries: what a hypervisor has to be told of meanwhile may
 * wait until the mode is left. So a flush that must be done now comes after that.
 */
#ifndef arch_enter_lazy_mmu_mode
static inline void arch_enter_lazy_mmu_mode(void) { }
static inline void arch_leave_lazy_mmu_mode(void) { }
#endif

#ifndef pte_access_permitted
static inline bool pte_access_permitted(pte_t pte, bool write)
{
	return pte_present(pte) && (!write || pte_write(pte));
}
#endif
#ifndef pmd_access_permitted
static inline bool pmd_access_permitted(pmd_t pmd, bool write)
{
	return pmd_present(pmd) && (!write || pmd_write(pmd));
}
#endif

static inline unsigned long pte_index(unsigned long address)
{
	return (address >> PAGE_SHIFT) & (PTRS_PER_PTE - 1);
}
static inline unsigned long pmd_index(unsigned long address)
{
	return (address >> PMD_SHIFT) & (PTRS_PER_PMD - 1);
}
#define pgd_index(address) (((address) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))
/* As in the kernel: an architecture's own definition is a macro of its own name. */
#ifndef pmd_pgtable
#define pmd_pgtable(pmd) pmd_page(pmd)
#endif

static inline pgd_t *pgd_offset_pgd(pgd_t *pgd, unsigned long address)
{
	return pgd + pgd_index(address);
}
#ifndef pgd_offset
#define pgd_offset(mm, address) pgd_offset_pgd((mm)->pgd, (address))
#endif

#ifndef pmd_offset
static inline pmd_t *pmd_offset(pud_t *pud, unsigned long address)
{
	return pud_pgtable(*pud) + pmd_index(address);
}
#endif

#ifdef PUD_SHIFT
#define PUD_SIZE (1UL << PUD_SHIFT)
#define PUD_MASK (~(PUD_SIZE - 1))

static inline unsigned long pud_index(unsigned long address)
{
	return (address >> PUD_SHIFT) & (PTRS_PER_PUD - 1);
}

#ifndef pud_offset
static inline pud_t *pud_offset(p4d_t *p4d, unsigned long address)
{
	return p4d_pgtable(*p4d) + pud_index(address);
}
#endif

static inline unsigned long pud_addr_end(unsigned long addr, unsigned long end)
{
	unsigned long boundary = (addr + PUD_SIZE) & PUD_MASK;

	return boundary - 1 < end - 1 ? boundary : end;
}
#endif

/* From a copy of the parent's entry: a lockless walker reads each entry once. */
#ifndef p4d_offset_lockless
#define p4d_offset_lockless(pgdp, pgd, address) p4d_offset(&(pgd), address)
#endif
#ifndef pud_offset_lockless
#define pud_offset_lockless(p4dp, p4d, address) pud_offset(&(p4d), address)
#endif
#ifndef pmd_offset_lockless
#define pmd_offset_lockless(pudp, pud, address) pmd_offset(&(pud), address)
#endif

#define pgd_addr_end(addr, end) ({ \
	unsigned long __boundary = ((addr) + PGDIR_SIZE) & PGDIR_MASK; \
	__boundary - 1 < (end) - 1 ? __boundary : (end); \
})
#define pmd_addr_end(addr, end) ({ \
	unsigned long __boundary = ((addr) + PMD_SIZE) & PMD_MASK; \
	__boundary - 1 < (end) - 1 ? __boundary : (end); \
})

static inline pte_t ptep_get(pte_t *ptep) { return READ_ONCE(*ptep); }
static inline pmd_t pmdp_get(pmd_t *pmdp) { return READ_ONCE(*pmdp); }
static inline pud_t pudp_get(pud_t *pudp) { return READ_ONCE(*pudp); }
static inline p4d_t p4dp_get(p4d_t *p4dp) { return READ_ONCE(*p4dp); }
static inline pgd_t pgdp_get(pgd_t *pgdp) { return READ_ONCE(*pgdp); }

#ifdef CONFIG_GUP_GET_PXX_LOW_HIGH
/*
 * Low, high, low again. Equal lows vouch for the high half only if the entry
 * cannot go from one table through none to another with the same low half
 * meanwhile; whoever changes entries has to wait for readers to ensure that.
 */
static inline pte_t ptep_get_lockless(pte_t *ptep)
{
	pte_t pte;

	do {
		pte.pte_low = ptep->pte_low;
		smp_rmb();
		pte.pte_high = ptep->pte_high;
		smp_rmb();
	} while (unlikely(pte.pte_low != ptep->pte_low));
	return pte;
}

/* With two levels the PMD is the top entry and read whole. */
#if CONFIG_PGTABLE_LEVELS > 2
static inline pmd_t pmdp_get_lockless(pmd_t *pmdp)
{
	pmd_t pmd;

	do {
		pmd.pmd_low = pmdp->pmd_low;
		smp_rmb();
		pmd.pmd_high = pmdp->pmd_high;
		smp_rmb();
	} while (unlikely(pmd.pmd_low != pmdp->pmd_low));
	return pmd;
}

#define pmdp_get_lockless pmdp_get_lockless
#define pmdp_get_lockless_sync() tlb_remove_table_sync_one()
#endif
#else
static inline pte_t ptep_get_lockless(pte_t *ptep) { return ptep_get(ptep); }
#endif

#ifndef pmdp_get_lockless
static inline pmd_t pmdp_get_lockless(pmd_t *pmdp) { return pmdp_get(pmdp); }
static inline void pmdp_get_lockless_sync(void) { }
#endif

static inline void ptep_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	ptep_get_and_clear(mm, addr, ptep);
}

static inline pte_t *pte_offset_kernel(pmd_t *pmd, unsigned long address)
{
	return (pte_t *)pmd_page_vaddr(*pmd) + pte_index(address);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
/* No RCU yet; but a mapping of high memory kept preemption off. */
#ifdef CONFIG_HIGHPTE
static inline pte_t *pte_offset_map(pmd_t *pmd, unsigned long address)
{
	preempt_disable();
	return (pte_t *)kmap_local_page(pmd_page(*pmd)) + pte_index(address);
}
#define pte_unmap(pte) do { \
	kunmap_local((pte)); \
	preempt_enable(); \
} while (0)
#else
#define pte_offset_map(pmd, address) pte_offset_kernel((pmd), (address))
static inline void pte_unmap(pte_t *pte) { (void)pte; }
#endif
#elif defined(CONFIG_HIGHPTE)
#define __pte_map(pmd, address) \
	((pte_t *)kmap_local_page(pmd_page(*(pmd))) + pte_index((address)))
#define pte_unmap(pte) do { \
	kunmap_local((pte)); \
	rcu_read_unlock(); \
} while (0)
#else
static inline pte_t *__pte_map(pmd_t *pmd, unsigned long address)
{
	return pte_offset_kernel(pmd, address);
}
static inline void pte_unmap(pte_t *pte)
{
	(void)pte;
	rcu_read_unlock();
}
#endif

struct vm_area_struct;
#ifndef __HAVE_ARCH_PTEP_CLEAR_FLUSH
pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long address, pte_t *ptep);
#endif

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#ifndef pmdp_collapse_flush
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);
#endif
pmd_t pmdp_collapse_flush_sync(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);
struct mmu_gather;
pmd_t pmdp_collapse_flush_gather(struct mmu_gather *tlb, unsigned long address, pmd_t *pmdp);
pmd_t pmdp_collapse_flush_sync_unlock(struct vm_area_struct *vma, unsigned long address,
				      pmd_t *pmdp, spinlock_t *ptl, spinlock_t *pml);
#ifndef __HAVE_ARCH_PMDP_HUGE_CLEAR_FLUSH
pmd_t pmdp_huge_clear_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);
#endif
#ifndef __HAVE_ARCH_PMDP_INVALIDATE
pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);
#endif
#else
/* There is nothing to collapse: a call that is left is a mistake of the caller's. */
static inline pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address,
					pmd_t *pmdp)
{
	(void)vma, (void)address;
	BUILD_BUG();
	return *pmdp;
}
static inline pmd_t pmdp_collapse_flush_sync(struct vm_area_struct *vma, unsigned long address,
					     pmd_t *pmdp)
{
	(void)vma, (void)address;
	BUILD_BUG();
	return *pmdp;
}
#define pmdp_collapse_flush pmdp_collapse_flush
#endif

/* No architecture here makes huge PUDs. */
static inline void pudp_set_wrprotect(struct mm_struct *mm, unsigned long address, pud_t *pudp)
{
	(void)mm, (void)address, (void)pudp;
	BUILD_BUG();
}

/* Huge entries and small ones go the same way unless the architecture knows better. */
#ifndef flush_pmd_tlb_range
#define flush_pmd_tlb_range(vma, start, end) flush_tlb_range(vma, start, end)
#endif
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pgtable);
pgtable_t pgtable_trans_huge_withdraw(struct mm_struct *mm, pmd_t *pmdp);
void pte_free_defer(struct mm_struct *mm, pgtable_t pgtable);
void pmd_clear_bad(pmd_t *pmd);

#define HPAGE_PMD_SIZE PMD_SIZE
#define HPAGE_PMD_MASK PMD_MASK

#endif
