// SPDX-License-Identifier: Apache-2.0
/*
 * mmu_gather: what one operation has torn down and not yet flushed or freed.
 * It lies on its caller's stack and belongs to nobody else. After
 * include/asm-generic/tlb.h, 6.12. Departs: flags are bytes, not bits; batches
 * are small; no delayed rmap.
 */
#ifndef _ASM_GENERIC_TLB_H
#define _ASM_GENERIC_TLB_H

#include <linux/mm.h>
#include <asm/tlbflush.h>

/* Tables on their way out together. The kernel fills a page; two are enough to fill one here. */
#define MAX_TABLE_BATCH 2
struct mmu_table_batch {
#ifdef CONFIG_MMU_GATHER_RCU_TABLE_FREE
	struct rcu_head rcu;
#endif
	unsigned int nr;
	void *tables[];
};

/* User pages on their way out: some in the gather itself, more in pages of their own. */
#define MMU_GATHER_BUNDLE 2
#define MAX_GATHER_BATCH 2
#define MAX_GATHER_BATCH_COUNT 1
struct mmu_gather_batch {
	struct mmu_gather_batch *next;
	unsigned int nr;
	unsigned int max;
	struct page *pages[MMU_GATHER_BUNDLE];
};

struct mmu_gather {
	struct mm_struct *mm;
	struct mmu_table_batch *batch;
	unsigned long start;
	unsigned long end;
	/* The whole mm goes, or a flush has to be as wide as if it did. */
	bool fullmm;
	/* The top level changed where only a full flush tells the hardware (PAE). */
	bool need_flush_all;
	/* Tables were unlinked since the last flush: lazy CPUs must hear of it. */
	bool freed_tables;
	/* At which levels entries were cleared since the last flush. */
	bool cleared_ptes;
	bool cleared_pmds;
	bool cleared_puds;
	bool cleared_p4ds;
	bool vma_exec;
	bool vma_huge;
	bool vma_pfn;
	/* hugetlb: shared PMD tables were let go; of some we were the last sharer. */
	bool unshared_tables;
	bool fully_unshared_tables;
	/*
	 * Since the last clear a flush was done by waited IPIs (the series of
	 * January 2026, v3). Set by the architecture's flush, see
	 * __flush_tlb_mm_range(); read by tlb_gather_remove_table_sync_one().
	 */
	bool tlb_flush_sent_ipi;
	unsigned int batch_count;
	unsigned int page_size;
	struct mmu_gather_batch *active;
	struct mmu_gather_batch local;
};

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_gather_mmu_vma(struct mmu_gather *tlb, struct vm_area_struct *vma);
void tlb_finish_mmu(struct mmu_gather *tlb);
void tlb_flush_mmu(struct mmu_gather *tlb);
void tlb_remove_table(struct mmu_gather *tlb, void *table);
#ifndef CONFIG_MMU_GATHER_NO_GATHER
bool __tlb_remove_page_size(struct mmu_gather *tlb, struct page *page, int page_size);
#endif

/* Without RCU for tables the flush IPI itself is what walkers are waited for with. */
#ifdef CONFIG_MMU_GATHER_RCU_TABLE_FREE
void tlb_remove_table_sync_one(void);
#else
static inline void tlb_remove_table_sync_one(void) { }
#endif
/* Set in setup(): tables for which there is no batch wait for a grace period, as after 1fb3d8c20bfa. */
extern bool table_fallback_sync_rcu;
void tlb_gather_remove_table_sync_one(struct mmu_gather *tlb);

/*
 * flush_tlb_mm_range() as v3 of the series has it: where `tlb` is given and
 * tables are freed, the native flush and the flush of this CPU alone set
 * tlb->tlb_flush_sent_ipi.
 */
void __flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned int stride_shift, bool freed_tables, struct mmu_gather *tlb);

/* Does the architecture's page-table walker need a flush before a table is freed? */
#ifndef tlb_needs_table_invalidate
#define tlb_needs_table_invalidate() true
#endif

/* Not fully_unshared_tables, which a flush does not settle, nor what the VMA is. */
static inline void __tlb_reset_range(struct mmu_gather *tlb)
{
	if (tlb->fullmm) {
		tlb->start = tlb->end = ~0UL;
	} else {
		tlb->start = ~0UL;
		tlb->end = 0;
	}
	tlb->freed_tables = 0;
	tlb->cleared_ptes = 0;
	tlb->cleared_pmds = 0;
	tlb->cleared_puds = 0;
	tlb->cleared_p4ds = 0;
	tlb->unshared_tables = 0;
}

static inline void __tlb_adjust_range(struct mmu_gather *tlb, unsigned long address,
				      unsigned long range_size)
{
	if (address < tlb->start)
		tlb->start = address;
	if (address + range_size > tlb->end)
		tlb->end = address + range_size;
}

static inline unsigned long tlb_get_unmap_shift(struct mmu_gather *tlb)
{
	if (tlb->cleared_ptes)
		return PAGE_SHIFT;
	if (tlb->cleared_pmds)
		return PMD_SHIFT;
#ifdef PUD_SHIFT
	if (tlb->cleared_puds)
		return PUD_SHIFT;
#endif
	return PAGE_SHIFT;
}

/* x86, and whoever has no better: by range, wide if the gather says so. */
#ifndef tlb_flush
static inline void tlb_flush(struct mmu_gather *tlb)
{
	unsigned long start = 0, end = TLB_FLUSH_ALL;

	if (!tlb->fullmm && !tlb->need_flush_all) {
		start = tlb->start;
		end = tlb->end;
	}
	flush_tlb_mm_range(tlb->mm, start, end, tlb_get_unmap_shift(tlb), tlb->freed_tables);
}
#endif

/* A second call does nothing: whatever was recorded is forgotten with the first. */
static inline void tlb_flush_mmu_tlbonly(struct mmu_gather *tlb)
{
	if (!(tlb->freed_tables || tlb->cleared_ptes || tlb->cleared_pmds || tlb->cleared_puds ||
	      tlb->cleared_p4ds || tlb->unshared_tables))
		return;
	tlb_flush(tlb);
	__tlb_reset_range(tlb);
}

static inline void tlb_change_page_size(struct mmu_gather *tlb, unsigned int page_size)
{
#ifdef CONFIG_MMU_GATHER_PAGE_SIZE
	/* What was gathered is flushed by its own size. */
	if (tlb->page_size != page_size && !tlb->fullmm && !tlb->need_flush_all)
		tlb_flush_mmu(tlb);
#endif
	tlb->page_size = page_size;
}

static inline void tlb_remove_page_size(struct mmu_gather *tlb, struct page *page, int page_size)
{
	if (__tlb_remove_page_size(tlb, page, page_size))
		tlb_flush_mmu(tlb);
}
static inline bool __tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	return __tlb_remove_page_size(tlb, page, PAGE_SIZE);
}
static inline void tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	tlb_remove_page_size(tlb, page, PAGE_SIZE);
}

/* -- a VMA at a time -------------------------------------------------------- */

static inline void tlb_update_vma_flags(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	tlb->vma_huge = (vma->vm_flags & VM_HUGETLB) != 0;
	tlb->vma_exec = (vma->vm_flags & VM_EXEC) != 0;
	tlb->vma_pfn |= (vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP)) != 0;
}
static inline void tlb_start_vma(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	if (!tlb->fullmm)
		tlb_update_vma_flags(tlb, vma);
}
/*
 * What has no struct page has no rmap to wait for either: flush before the VMA
 * is unlinked. Architectures that do not merge VMAs always flush here.
 */
static inline void tlb_end_vma(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	(void)vma;
	if (tlb->fullmm)
		return;
#ifdef CONFIG_MMU_GATHER_MERGE_VMAS
	if (!tlb->vma_pfn)
		return;
#endif
	tlb_flush_mmu_tlbonly(tlb);
}

/* -- what was cleared, by level --------------------------------------------- */

static inline void tlb_flush_pte_range(struct mmu_gather *tlb, unsigned long address,
				       unsigned long size)
{
	__tlb_adjust_range(tlb, address, size);
	tlb->cleared_ptes = 1;
}
static inline void tlb_flush_pmd_range(struct mmu_gather *tlb, unsigned long address,
				       unsigned long size)
{
	__tlb_adjust_range(tlb, address, size);
	tlb->cleared_pmds = 1;
}
static inline void tlb_flush_pud_range(struct mmu_gather *tlb, unsigned long address,
				       unsigned long size)
{
	__tlb_adjust_range(tlb, address, size);
	tlb->cleared_puds = 1;
}
static inline void tlb_flush_p4d_range(struct mmu_gather *tlb, unsigned long address,
				       unsigned long size)
{
	__tlb_adjust_range(tlb, address, size);
	tlb->cleared_p4ds = 1;
}

#define tlb_remove_tlb_entry(tlb, ptep, address) \
	((void)(ptep), tlb_flush_pte_range(tlb, address, PAGE_SIZE))
#define tlb_remove_pmd_tlb_entry(tlb, pmdp, address) \
	((void)(pmdp), tlb_flush_pmd_range(tlb, address, PMD_SIZE))

/* The entry above the table was cleared: recorded before the table is handed on. */
#ifndef pte_free_tlb
#define pte_free_tlb(tlb, ptep, address) do { \
	tlb_flush_pmd_range(tlb, address, PAGE_SIZE); \
	(tlb)->freed_tables = 1; \
	__pte_free_tlb(tlb, ptep, address); \
} while (0)
#endif
#ifndef pmd_free_tlb
#define pmd_free_tlb(tlb, pmdp, address) do { \
	tlb_flush_pud_range(tlb, address, PAGE_SIZE); \
	(tlb)->freed_tables = 1; \
	__pmd_free_tlb(tlb, pmdp, address); \
} while (0)
#endif
#ifndef pud_free_tlb
#define pud_free_tlb(tlb, pudp, address) do { \
	tlb_flush_p4d_range(tlb, address, PAGE_SIZE); \
	(tlb)->freed_tables = 1; \
	__pud_free_tlb(tlb, pudp, address); \
} while (0)
#endif

/* -- hugetlb: PMD tables that several processes share ------------------------ */

#ifdef CONFIG_HUGETLB_PMD_PAGE_TABLE_SHARING
static inline int ptdesc_pmd_pts_count(struct ptdesc *ptdesc)
{
	return atomic_read(&ptdesc->pt_share_count);
}
static inline bool ptdesc_pmd_is_shared(struct ptdesc *ptdesc)
{
	return ptdesc_pmd_pts_count(ptdesc) != 0;
}
static inline void ptdesc_pmd_pts_inc(struct ptdesc *ptdesc)
{
	atomic_add(1, &ptdesc->pt_share_count);
}
static inline void ptdesc_pmd_pts_dec(struct ptdesc *ptdesc)
{
	atomic_sub(1, &ptdesc->pt_share_count);
}

/* A PUD entry that led to a shared table was cleared; the other sharers keep the table. */
static inline void tlb_unshare_pmd_ptdesc(struct mmu_gather *tlb, struct ptdesc *pt,
					  unsigned long address)
{
	WARN_ON_ONCE(!ptdesc_pmd_is_shared(pt));
	ptdesc_pmd_pts_dec(pt);
	/* All that the entry led to: huge pages, so PMD entries. */
	tlb_flush_pmd_range(tlb, address & PUD_MASK, PUD_SIZE);
	if (!ptdesc_pmd_is_shared(pt))
		tlb->fully_unshared_tables = true;
	tlb->unshared_tables = true;
}

/* Before i_mmap_rwsem is dropped: until then nobody can use the tables for anything else. */
static inline void tlb_flush_unshared_tables(struct mmu_gather *tlb)
{
	if (tlb->unshared_tables)
		tlb_flush_mmu_tlbonly(tlb);
	/* Whoever left earlier relies on the last sharer's wait for walkers. */
	if (tlb->fully_unshared_tables) {
		tlb_remove_table_sync_one();
		tlb->fully_unshared_tables = false;
	}
}
#endif

#endif
