// SPDX-License-Identifier: Apache-2.0
#include <linux/mm.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

/* The PMD held garbage: say so, and let nobody walk into it again. */
void pmd_clear_bad(pmd_t *pmd)
{
	shootdown_warn();
	pmd_clear(pmd);
}

/* Caller holds the PMD's lock, interrupts on. The table's PTEs go with it. */
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	VM_BUG_ON(pmd_trans_huge(*pmdp));
	pmd = pmdp_huge_get_and_clear(vma->vm_mm, address, pmdp);

	/* By pages, not by huge page: what was cached are the small entries. */
	flush_tlb_range(vma, address, address + HPAGE_PMD_SIZE);
	return pmd;
}

/* A huge PMD keeps a table in store, for the day it is split. */
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pgtable)
{
	BUG_ON(!spin_is_locked(pmd_lockptr(mm, pmdp)));

	if (!pmd_huge_pte(mm, pmdp))
		INIT_LIST_HEAD(&pgtable->lru);
	else
		list_add(&pgtable->lru, &pmd_huge_pte(mm, pmdp)->lru);
	pmd_huge_pte(mm, pmdp) = pgtable;
}

/* First in, first out. */
pgtable_t pgtable_trans_huge_withdraw(struct mm_struct *mm, pmd_t *pmdp)
{
	pgtable_t pgtable;

	BUG_ON(!spin_is_locked(pmd_lockptr(mm, pmdp)));

	pgtable = pmd_huge_pte(mm, pmdp);
	if (list_empty(&pgtable->lru)) {
		pmd_huge_pte(mm, pmdp) = NULL;
	} else {
		pmd_huge_pte(mm, pmdp) = container_of(pgtable->lru.next, struct page, lru);
		list_del(&pgtable->lru);
	}
	return pgtable;
}

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
