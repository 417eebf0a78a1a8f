// SPDX-License-Identifier: Apache-2.0
/* After mm/mmu_gather.c, 6.12; what older and newer kernels do otherwise asks LINUX_VERSION_CODE. */
#include <linux/kernel.h>
#include <linux/khugepaged.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <asm/tlb.h>

/* -- pages ------------------------------------------------------------------- */

#ifndef CONFIG_MMU_GATHER_NO_GATHER
/* Room for more pages: false where the caller must flush instead. */
static bool tlb_next_batch(struct mmu_gather *tlb)
{
	struct mmu_gather_batch *batch = tlb->active->next;

	if (batch) {
		tlb->active = batch;
		return true;
	}
	if (tlb->batch_count == MAX_GATHER_BATCH_COUNT)
		return false;
	batch = (void *)__get_free_page(GFP_NOWAIT);
	if (!batch)
		return false;
	tlb->batch_count++;
	batch->next = NULL;
	batch->nr = 0;
	batch->max = MAX_GATHER_BATCH;
	tlb->active->next = batch;
	tlb->active = batch;
	return true;
}

/* May sleep, so never under a lock that spins: free_pages_and_swap_cache() reschedules. */
static void tlb_batch_pages_flush(struct mmu_gather *tlb)
{
	for (struct mmu_gather_batch *batch = &tlb->local; batch && batch->nr; batch = batch->next) {
		for (unsigned int i = 0; i < batch->nr; i++)
			put_page(batch->pages[i]);
		batch->nr = 0;
		cond_resched();
	}
	tlb->active = &tlb->local;
}

static void tlb_batch_list_free(struct mmu_gather *tlb)
{
	struct mmu_gather_batch *next;

	for (struct mmu_gather_batch *batch = tlb->local.next; batch; batch = next) {
		next = batch->next;
		free_page((unsigned long)batch);
	}
	tlb->local.next = NULL;
}

/* True: full, the caller has to flush before it goes on. */
bool __tlb_remove_page_size(struct mmu_gather *tlb, struct page *page, int page_size)
{
	struct mmu_gather_batch *batch = tlb->active;

	WARN_ON_ONCE(!tlb->end);
	WARN_ON_ONCE(tlb->page_size != (unsigned int)page_size);
	batch->pages[batch->nr++] = page;
	if (batch->nr == batch->max) {
		if (!tlb_next_batch(tlb))
			return true;
		batch = tlb->active;
	}
	WARN_ON_ONCE(batch->nr > batch->max);
	return false;
}
#else
/* Pages went at once. */
static void tlb_batch_pages_flush(struct mmu_gather *tlb) { (void)tlb; }
static void tlb_batch_list_free(struct mmu_gather *tlb) { (void)tlb; }
#endif

/* -- page tables --------------------------------------------------------------- */

#ifdef CONFIG_MMU_GATHER_RCU_TABLE_FREE

static void __tlb_remove_table_free(struct mmu_table_batch *batch)
{
	for (unsigned int i = 0; i < batch->nr; i++)
		__tlb_remove_table(batch->tables[i]);
	free_page((unsigned long)batch);
}

/* Running at all is the message: its CPU had interrupts on since the send. */
static void tlb_remove_table_smp_sync(void *arg)
{
	(void)arg;
}

/*
 * Waits for every walk that other CPUs began with interrupts off. No grace
 * period: a reader inside rcu_read_lock() alone is not waited for.
 */
void tlb_remove_table_sync_one(void)
{
	smp_call_function(tlb_remove_table_smp_sync, NULL, 1);
}

static void tlb_remove_table_rcu(struct rcu_head *head)
{
	__tlb_remove_table_free(container_of(head, struct mmu_table_batch, rcu));
}

static void tlb_remove_table_free(struct mmu_table_batch *batch)
{
	call_rcu(&batch->rcu, tlb_remove_table_rcu);
}

/* The flush comes first: what is freed after a grace period may still be cached. */
static void tlb_table_invalidate(struct mmu_gather *tlb)
{
	if (tlb_needs_table_invalidate())
		tlb_flush_mmu_tlbonly(tlb);
}

bool table_fallback_sync_rcu;

/* A grace period, not to be waited for where memory is freed if that can be helped: it sleeps. */
static __maybe_unused void tlb_remove_table_sync_rcu(void)
{
	synchronize_rcu();
}

/*
 * No page for a batch. 6.1 and 6.12 wait for walkers and free at once; with
 * PT_RECLAIM (6.14) the table's own head goes to RCU; without it the version
 * after 1fb3d8c20bfa waits for a grace period, and so may sleep.
 */
#ifdef CONFIG_PT_RECLAIM
static void __tlb_remove_table_one_rcu(struct rcu_head *head)
{
	__tlb_remove_table(container_of(head, struct ptdesc, pt_rcu_head));
}
static void tlb_remove_table_one(void *table)
{
	call_rcu(&((struct ptdesc *)table)->pt_rcu_head, __tlb_remove_table_one_rcu);
}
#else
static void tlb_remove_table_one(void *table)
{
	if (table_fallback_sync_rcu)
		tlb_remove_table_sync_rcu();
	else
		tlb_remove_table_sync_one();
	__tlb_remove_table(table);
}
#endif

static void tlb_table_flush(struct mmu_gather *tlb)
{
	if (!tlb->batch)
		return;
	tlb_table_invalidate(tlb);
	tlb_remove_table_free(tlb->batch);
	tlb->batch = NULL;
}

void tlb_remove_table(struct mmu_gather *tlb, void *table)
{
	struct mmu_table_batch *batch = tlb->batch;

	if (!batch) {
		batch = (void *)__get_free_page(GFP_NOWAIT);
		if (!batch) {
			tlb_table_invalidate(tlb);
			tlb_remove_table_one(table);
			return;
		}
		batch->nr = 0;
		tlb->batch = batch;
	}
	batch->tables[batch->nr++] = table;
	if (batch->nr == MAX_TABLE_BATCH)
		tlb_table_flush(tlb);
}
#endif

/*
 * The first mail's question, v3 of the series of January 2026: is the wait for
 * walkers already behind us? Skipped once for each flush that sent IPIs.
 */
void tlb_gather_remove_table_sync_one(struct mmu_gather *tlb)
{
	if (tlb->tlb_flush_sent_ipi) {
		if (collapse_sync != COLLAPSE_SYNC_FLAG_KEPT)
			tlb->tlb_flush_sent_ipi = false;
		return;
	}
	tlb_remove_table_sync_one();
}

/* -- the gather itself ----------------------------------------------------------- */

static void tlb_flush_mmu_free(struct mmu_gather *tlb)
{
#ifdef CONFIG_MMU_GATHER_RCU_TABLE_FREE
	tlb_table_flush(tlb);
#endif
	tlb_batch_pages_flush(tlb);
}

void tlb_flush_mmu(struct mmu_gather *tlb)
{
	tlb_flush_mmu_tlbonly(tlb);
	tlb_flush_mmu_free(tlb);
}

static void __tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, bool fullmm)
{
	tlb->mm = mm;
	tlb->fullmm = fullmm;
	tlb->need_flush_all = 0;
	tlb->local.next = NULL;
	tlb->local.nr = 0;
	tlb->local.max = MMU_GATHER_BUNDLE;
	tlb->active = &tlb->local;
	tlb->batch_count = 0;
	tlb->batch = NULL;
	tlb->page_size = PAGE_SIZE;
	tlb->vma_exec = tlb->vma_huge = tlb->vma_pfn = 0;
	tlb->fully_unshared_tables = 0;
	tlb->tlb_flush_sent_ipi = 0;
	__tlb_reset_range(tlb);
	inc_tlb_flush_pending(mm);
}

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm)
{
	__tlb_gather_mmu(tlb, mm, false);
}

/* The whole address space goes: nobody runs in it any more. */
void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm)
{
	__tlb_gather_mmu(tlb, mm, true);
}

/* For one VMA, without tlb_start_vma(); a hugetlb one brings its page size. */
void tlb_gather_mmu_vma(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	tlb_gather_mmu(tlb, vma->vm_mm);
	tlb_update_vma_flags(tlb, vma);
	if (vma->vm_flags & VM_HUGETLB)
		tlb_change_page_size(tlb, PMD_SIZE);
}

/*
 * Another gather open on the same mm may have cleared entries that this one
 * then took for none: so this one flushes everything, tables included.
 */
void tlb_finish_mmu(struct mmu_gather *tlb)
{
	WARN_ON_ONCE(tlb->fully_unshared_tables);
	if (mm_tlb_flush_nested(tlb->mm)) {
		tlb->fullmm = 1;
		__tlb_reset_range(tlb);
		tlb->freed_tables = 1;
	}
	tlb_flush_mmu(tlb);
	tlb_batch_list_free(tlb);
	dec_tlb_flush_pending(tlb->mm);
}
