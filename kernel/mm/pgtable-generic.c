// SPDX-License-Identifier: Apache-2.0
#include <linux/khugepaged.h>
#include <linux/mm.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

enum collapse_sync collapse_sync = COLLAPSE_SYNC_MAINLINE;
bool collapse_without_freed_tables;

/* The PMD held garbage: say so, and let nobody walk into it again. */
void pmd_clear_bad(pmd_t *pmd)
{
	shootdown_warn();
	pmd_clear(pmd);
}

#ifndef __HAVE_ARCH_PTEP_CLEAR_FLUSH
/* Atomic, so that what the hardware last wrote into the entry is in what is returned. */
pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long address, pte_t *ptep)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t pte = ptep_get_and_clear(mm, address, ptep);

	if (pte_accessible(mm, pte))
		flush_tlb_page(vma, address);
	return pte;
}
#endif

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#ifndef __HAVE_ARCH_PMDP_HUGE_CLEAR_FLUSH
pmd_t pmdp_huge_clear_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	VM_BUG_ON(pmd_present(*pmdp) && !pmd_trans_huge(*pmdp));
	pmd = pmdp_huge_get_and_clear(vma->vm_mm, address, pmdp);
	flush_pmd_tlb_range(vma, address, address + HPAGE_PMD_SIZE);
	return pmd;
}
#endif

#ifndef __HAVE_ARCH_PMDP_INVALIDATE
/* Not present for the hardware, but never none for the software: nobody takes the slot for free. */
pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t old;

	VM_WARN_ON_ONCE(!pmd_present(*pmdp));
	old = pmdp_establish(vma, address, pmdp, pmd_mkinvalid(*pmdp));
	flush_pmd_tlb_range(vma, address, address + HPAGE_PMD_SIZE);
	return old;
}
#endif

#ifndef pmdp_collapse_flush
/* Caller holds the PMD's lock, interrupts on. The table's PTEs go with it. */
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	VM_BUG_ON(pmd_trans_huge(*pmdp));
	pmd = pmdp_huge_get_and_clear(vma->vm_mm, address, pmdp);

	if (collapse_without_freed_tables) {
		__flush_tlb_mm_range(vma->vm_mm, address, address + HPAGE_PMD_SIZE, PAGE_SHIFT,
				     false, NULL);
		return pmd;
	}
	/* By pages, not by huge page: what was cached are the small entries. */
	flush_tlb_range(vma, address, address + HPAGE_PMD_SIZE);
	return pmd;
}

/*
 * The clear and the flush of the first mail: the gather learns whether IPIs
 * were sent. For who uses one gather for several PMDs, with
 * tlb_gather_remove_table_sync_one() after each.
 */
pmd_t pmdp_collapse_flush_gather(struct mmu_gather *tlb, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	VM_BUG_ON(pmd_trans_huge(*pmdp));
	pmd = pmdp_huge_get_and_clear(tlb->mm, address, pmdp);
	__flush_tlb_mm_range(tlb->mm, address, address + HPAGE_PMD_SIZE, PAGE_SHIFT,
			     !collapse_without_freed_tables, tlb);
	return pmd;
}

/*
 * pmdp_collapse_flush() and the wait for walkers in one: "[PATCH RESEND v3 2/2]
 * mm: introduce pmdp_collapse_flush_sync() to skip redundant IPI", January 2026.
 * All of it under the PMD's lock; as tlb_finish_mmu() is, which may flush once
 * more if another gather is open on the mm.
 */
pmd_t pmdp_collapse_flush_sync(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	struct mmu_gather tlb;
	pmd_t pmd;

	tlb_gather_mmu(&tlb, vma->vm_mm);
	pmd = pmdp_collapse_flush_gather(&tlb, address, pmdp);
	tlb_gather_remove_table_sync_one(&tlb);
	tlb_finish_mmu(&tlb);
	return pmd;
}

/* In the shape of the reply: for the VMA, by huge pages, and the locks dropped before the wait. */
pmd_t pmdp_collapse_flush_sync_unlock(struct vm_area_struct *vma, unsigned long address,
				      pmd_t *pmdp, spinlock_t *ptl, spinlock_t *pml)
{
	struct mmu_gather tlb;
	pmd_t pmd;

	tlb_gather_mmu_vma(&tlb, vma);
	tlb_change_page_size(&tlb, HPAGE_PMD_SIZE);
	pmd = pmdp_collapse_flush_gather(&tlb, address, pmdp);
	if (ptl)
		spin_unlock(ptl);
	if (pml)
		spin_unlock(pml);
	tlb_gather_remove_table_sync_one(&tlb);
	tlb_finish_mmu(&tlb);
	return pmd;
}
#else
/* An architecture that flushes its own way: nothing says that IPIs were sent, so wait. */
pmd_t pmdp_collapse_flush_sync(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd = pmdp_collapse_flush(vma, address, pmdp);

	tlb_remove_table_sync_one();
	return pmd;
}

pmd_t pmdp_collapse_flush_sync_unlock(struct vm_area_struct *vma, unsigned long address,
				      pmd_t *pmdp, spinlock_t *ptl, spinlock_t *pml)
{
	pmd_t pmd = pmdp_collapse_flush(vma, address, pmdp);

	if (ptl)
		spin_unlock(ptl);
	if (pml)
		spin_unlock(pml);
	tlb_remove_table_sync_one();
	return pmd;
}
#endif
#endif

#ifndef __HAVE_ARCH_PGTABLE_DEPOSIT
/* A huge PMD keeps a table in store, for the day it is split. */
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pgtable)
{
	assert_spin_locked(pmd_lockptr(mm, pmdp));

	if (!pmd_huge_pte(mm, pmdp))
		INIT_LIST_HEAD(&pgtable->lru);
	else
		list_add(&pgtable->lru, &pmd_huge_pte(mm, pmdp)->lru);
	pmd_huge_pte(mm, pmdp) = pgtable;
}
#endif

#ifndef __HAVE_ARCH_PGTABLE_WITHDRAW
/* First in, first out. */
pgtable_t pgtable_trans_huge_withdraw(struct mm_struct *mm, pmd_t *pmdp)
{
	pgtable_t pgtable;

	assert_spin_locked(pmd_lockptr(mm, pmdp));

	pgtable = pmd_huge_pte(mm, pmdp);
	if (list_empty(&pgtable->lru)) {
		pmd_huge_pte(mm, pmdp) = NULL;
	} else {
		pmd_huge_pte(mm, pmdp) = container_of(pgtable->lru.next, struct page, lru);
		list_del(&pgtable->lru);
	}
	return pgtable;
}
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#ifndef pte_free_defer
static void pte_free_now(struct rcu_head *head)
{
	pte_free(NULL, container_of(head, struct page, rcu_head));
}

/* Readers inside rcu_read_lock() keep an empty but valid table. */
void pte_free_defer(struct mm_struct *mm, pgtable_t pgtable)
{
	(void)mm;
	call_rcu(&pgtable->rcu_head, pte_free_now);
}
#endif

#ifdef CONFIG_GUP_GET_PXX_LOW_HIGH
/*
 * With interrupts off a waited IPI cannot end while the halves are read:
 * that is all pmdp_get_lockless_sync() relies on.
 */
static unsigned long pmdp_get_lockless_start(void)
{
	unsigned long irqflags;

	local_irq_save(irqflags);
	return irqflags;
}

static void pmdp_get_lockless_end(unsigned long irqflags)
{
	local_irq_restore(irqflags);
}
#else
static unsigned long pmdp_get_lockless_start(void) { return 0; }
static void pmdp_get_lockless_end(unsigned long irqflags) { (void)irqflags; }
#endif

/*
 * Maps the PTE of addr, or returns NULL where there is no table to map. On
 * success the caller is an RCU reader until pte_unmap(). Departs from the
 * kernel: a PMD that is neither none nor present would be a migration entry,
 * which nothing here makes; pmd_clear_bad() reports it.
 */
pte_t *__pte_offset_map(pmd_t *pmd, unsigned long addr, pmd_t *pmdvalp)
{
	unsigned long irqflags;
	pmd_t pmdval;

	rcu_read_lock();
	irqflags = pmdp_get_lockless_start();
	pmdval = pmdp_get_lockless(pmd);
	pmdp_get_lockless_end(irqflags);

	if (pmdvalp)
		*pmdvalp = pmdval;
	if (unlikely(pmd_none(pmdval) || pmd_trans_huge(pmdval)))
		goto no_table;
	if (unlikely(pmd_bad(pmdval))) {
		pmd_clear_bad(pmd);
		goto no_table;
	}
	return __pte_map(&pmdval, addr);

no_table:
	rcu_read_unlock();
	return NULL;
}

/* The lock's address comes from the same reading of the PMD as the PTE's. */
pte_t *pte_offset_map_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			     spinlock_t **ptlp)
{
	pmd_t pmdval;
	pte_t *pte = __pte_offset_map(pmd, addr, &pmdval);

	if (likely(pte))
		*ptlp = pte_lockptr(mm, &pmdval);
	return pte;
}

/* The same, split in two with 6.13: for whoever will only read ... */
pte_t *pte_offset_map_ro_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				spinlock_t **ptlp)
{
	return pte_offset_map_nolock(mm, pmd, addr, ptlp);
}

/* ... and for whoever may write, and must compare the PMD with *pmdvalp once the lock is his. */
pte_t *pte_offset_map_rw_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				pmd_t *pmdvalp, spinlock_t **ptlp)
{
	pte_t *pte = __pte_offset_map(pmd, addr, pmdvalp);

	if (likely(pte))
		*ptlp = pte_lockptr(mm, pmdvalp);
	return pte;
}

/* The table may have been retracted before its lock was ours: look again. */
pte_t *__pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			     spinlock_t **ptlp)
{
	for (;;) {
		pmd_t pmdval;
		pte_t *pte = __pte_offset_map(pmd, addr, &pmdval);
		spinlock_t *ptl;

		if (unlikely(!pte))
			return NULL;
		ptl = pte_lockptr(mm, &pmdval);
		spin_lock(ptl);
		if (likely(pmd_same(pmdval, pmdp_get_lockless(pmd)))) {
			*ptlp = ptl;
			return pte;
		}
		pte_unmap_unlock(pte, ptl);
	}
}
#endif
