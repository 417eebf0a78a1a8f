// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

#include <linux/types.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <asm/mmu.h>
#include <asm/pgtable_types.h>

/*
 * One per page frame. What overlays what is part of the question: a table's
 * rcu_head lies over the list it is deposited with, and its lock lies in it.
 * struct ptdesc below names the same bytes for a page table.
 */
struct page {
	unsigned long flags;
	union {
		struct {
			struct list_head lru;
			void *mapping;
			unsigned long index;
			unsigned long private;
		};
		unsigned long compound_head;
		struct rcu_head rcu_head;
	};
	union {
		unsigned int page_type;
		atomic_t _mapcount;
	};
	atomic_t _refcount;
#ifdef CONFIG_64BIT
	unsigned long memcg_data;
#endif
} __aligned(2 * sizeof(long));

struct ptdesc {
	unsigned long __page_flags;
	union {
		struct rcu_head pt_rcu_head;
		struct list_head pt_list;
		struct {
			unsigned long _pt_pad_1;
			pgtable_t pmd_huge_pte;
		};
	};
	unsigned long __page_mapping;
	union {
		struct mm_struct *pt_mm;
		/* hugetlb: in how many other address spaces this PMD table is. */
		atomic_t pt_share_count;
	};
	union {
		unsigned long _pt_pad_2;
		spinlock_t ptl;
	};
	unsigned int __page_type;
	atomic_t __page_refcount;
#ifdef CONFIG_64BIT
	unsigned long pt_memcg_data;
#endif
} __aligned(2 * sizeof(long));

static_assert(sizeof(struct ptdesc) == sizeof(struct page), "ptdesc overlays page");
static_assert(offsetof(struct ptdesc, pt_rcu_head) == offsetof(struct page, rcu_head), "rcu");
static_assert(offsetof(struct ptdesc, pt_list) == offsetof(struct page, lru), "lru");
static_assert(offsetof(struct ptdesc, __page_refcount) == offsetof(struct page, _refcount), "ref");

/* Every folio here is one page. */
struct folio {
	struct page page;
};

struct mmu_notifier_subscriptions;

struct mm_struct {
	pgd_t *pgd;
	/* The VMAs, by address; a tree in the kernel. */
	struct vm_area_struct *mmap;
	atomic_t mm_users;
	spinlock_t page_table_lock;
	struct rw_semaphore mmap_lock;
	atomic_long_t pgtables_bytes;
	/* Gathers that are open: entries may have changed that are not yet flushed. */
	atomic_t tlb_flush_pending;
	/* Batched unmaps, pending below, flushed above: see flush_tlb_batched_pending(). */
	atomic_t tlb_flush_batched;
	/* Odd while fork write-protects. */
	seqcount_t write_protect_seq;
	struct mmu_notifier_subscriptions *notifier_subscriptions;
	mm_context_t context;
	/* mm_cpumask(): the allocation ends with it. */
	unsigned long cpu_bitmap[];
};

struct anon_vma;
struct file;

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct mm_struct *vm_mm;
	struct vm_area_struct *vm_next;
	/* Where in its file it begins, in pages. */
	unsigned long vm_pgoff;
	pgprot_t vm_page_prot;
	unsigned long vm_flags;
	struct anon_vma *anon_vma;
	struct file *vm_file;
	/* Next VMA of the same file, in place of the interval tree's node. */
	struct vm_area_struct *shared_next;
};

#define VM_READ 0x1UL
#define VM_WRITE 0x2UL
#define VM_EXEC 0x4UL
#define VM_SHARED 0x8UL
#define VM_UFFD_MISSING 0x200UL
#define VM_PFNMAP 0x400UL
#define VM_UFFD_WP 0x1000UL
#define VM_HUGETLB 0x400000UL
#define VM_MIXEDMAP 0x10000000UL

static __always_inline struct cpumask *mm_cpumask(struct mm_struct *mm)
{
	return (struct cpumask *)&mm->cpu_bitmap;
}

enum {
	FOLL_WRITE = 1 << 0,
	FOLL_GET = 1 << 1,
	FOLL_LONGTERM = 1 << 8,
	FOLL_PIN = 1 << 19,
};

#endif
