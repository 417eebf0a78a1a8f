// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/mm_types.h>
#include <linux/page_ref.h>
#include <linux/pgtable.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>

#define PAGE_MAPPING_ANON 0x1UL

static inline struct page *compound_head_page(const struct page *page)
{
	unsigned long head = READ_ONCE(page->compound_head);

	return (struct page *)(unlikely(head & 1) ? head - 1 : (unsigned long)page);
}
#define page_folio(p) ((struct folio *)compound_head_page(p))

/* Frees the page: its last reference is gone. */
void __folio_put(struct folio *folio);

static inline void folio_put(struct folio *folio)
{
	if (folio_ref_sub_and_test(folio, 1))
		__folio_put(folio);
}

static inline void folio_put_refs(struct folio *folio, int refs)
{
	if (folio_ref_sub_and_test(folio, refs))
		__folio_put(folio);
}

static inline void get_page(struct page *page)
{
	atomic_add(1, &((struct page *)page_folio(page))->_refcount);
}

static inline void put_page(struct page *page)
{
	folio_put(page_folio(page));
}

/* The first VMA that ends above the address. */
static inline struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma;

	for (vma = mm->mmap; vma && vma->vm_end <= address; vma = vma->vm_next)
		;
	return vma;
}

int get_user_pages_fast_only(unsigned long start, int nr_pages, unsigned int gup_flags,
			     struct page **pages);
int pin_user_pages_fast_only(unsigned long start, int nr_pages, unsigned int gup_flags,
			     struct page **pages);
void unpin_user_page(struct page *page);
void folio_add_pin(struct folio *folio);

/* References that one pin is. So many of another kind look like a pin. */
#define GUP_PIN_COUNTING_BIAS 1024
static inline bool folio_maybe_dma_pinned(struct folio *folio)
{
	return folio_ref_count(folio) >= GUP_PIN_COUNTING_BIAS;
}

/* NULL, as 0, only where the mask lets it fail. */
static inline unsigned long __get_free_page(gfp_t gfp)
{
	struct page *page = alloc_page(gfp);

	return page ? (unsigned long)lowmem_page_address(page) : 0;
}
#define free_page(address) __free_page(virt_to_page((void *)(address)))

/* -- page tables as pages ------------------------------------------------- */

static inline struct ptdesc *page_ptdesc(struct page *page) { return (struct ptdesc *)page; }
static inline struct page *ptdesc_page(struct ptdesc *ptdesc) { return (struct page *)ptdesc; }
static inline struct ptdesc *virt_to_ptdesc(const void *address)
{
	return page_ptdesc(virt_to_page(address));
}
static inline void *ptdesc_address(struct ptdesc *ptdesc)
{
	return lowmem_page_address(ptdesc_page(ptdesc));
}

static inline struct ptdesc *pagetable_alloc(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp | __GFP_COMP, order);

	return page ? page_ptdesc(page) : NULL;
}
static inline void pagetable_free(struct ptdesc *ptdesc)
{
	__free_pages(ptdesc_page(ptdesc), 0);
}

static inline spinlock_t *ptlock_ptr(struct ptdesc *ptdesc) { return &ptdesc->ptl; }
static inline bool ptlock_init(struct ptdesc *ptdesc)
{
	spin_lock_init(ptlock_ptr(ptdesc));
	return true;
}
static inline bool pagetable_pte_ctor(struct ptdesc *ptdesc) { return ptlock_init(ptdesc); }
static inline void pagetable_pte_dtor(struct ptdesc *ptdesc) { (void)ptdesc; }
static inline bool pagetable_pmd_ctor(struct ptdesc *ptdesc)
{
	ptdesc->pmd_huge_pte = NULL;
	return ptlock_init(ptdesc);
}

static inline spinlock_t *pte_lockptr(struct mm_struct *mm, pmd_t *pmd)
{
	(void)mm;
	return ptlock_ptr(page_ptdesc(pmd_page(*pmd)));
}

static inline struct page *pmd_pgtable_page(pmd_t *pmd)
{
	unsigned long mask = ~(PTRS_PER_PMD * sizeof(pmd_t) - 1);

	return virt_to_page((void *)((unsigned long)pmd & mask));
}
static inline struct ptdesc *pmd_ptdesc(pmd_t *pmd)
{
	return page_ptdesc(pmd_pgtable_page(pmd));
}
static inline spinlock_t *pmd_lockptr(struct mm_struct *mm, pmd_t *pmd)
{
	(void)mm;
	return ptlock_ptr(pmd_ptdesc(pmd));
}
#define pmd_huge_pte(mm, pmd) (pmd_ptdesc(pmd)->pmd_huge_pte)

static inline spinlock_t *pmd_lock(struct mm_struct *mm, pmd_t *pmd)
{
	spinlock_t *ptl = pmd_lockptr(mm, pmd);

	spin_lock(ptl);
	return ptl;
}

static inline void mm_inc_nr_ptes(struct mm_struct *mm)
{
	atomic_long_add(PTRS_PER_PTE * sizeof(pte_t), &mm->pgtables_bytes);
}
static inline void mm_dec_nr_ptes(struct mm_struct *mm)
{
	atomic_long_sub(PTRS_PER_PTE * sizeof(pte_t), &mm->pgtables_bytes);
}

static inline void mm_inc_nr_pmds(struct mm_struct *mm)
{
	atomic_long_add(PTRS_PER_PMD * sizeof(pmd_t), &mm->pgtables_bytes);
}
static inline void mm_dec_nr_pmds(struct mm_struct *mm)
{
	atomic_long_sub(PTRS_PER_PMD * sizeof(pmd_t), &mm->pgtables_bytes);
}

#ifdef PUD_SHIFT
static inline void mm_inc_nr_puds(struct mm_struct *mm)
{
	atomic_long_add(PTRS_PER_PUD * sizeof(pud_t), &mm->pgtables_bytes);
}
static inline void mm_dec_nr_puds(struct mm_struct *mm)
{
	atomic_long_sub(PTRS_PER_PUD * sizeof(pud_t), &mm->pgtables_bytes);
}
#else
static inline void mm_inc_nr_puds(struct mm_struct *mm) { (void)mm; }
static inline void mm_dec_nr_puds(struct mm_struct *mm) { (void)mm; }
#endif

/* -- reaching a PTE ------------------------------------------------------- */

int __pte_alloc(struct mm_struct *mm, pmd_t *pmd);
#define pte_alloc(mm, pmd) (unlikely(pmd_none(*(pmd))) && __pte_alloc(mm, pmd))

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
pte_t *__pte_offset_map(pmd_t *pmd, unsigned long addr, pmd_t *pmdvalp);
/* Its name in later kernels, whose __pte_offset_map() only adds what a checker of locks wants. */
#define ___pte_offset_map __pte_offset_map
static inline pte_t *pte_offset_map(pmd_t *pmd, unsigned long addr)
{
	return __pte_offset_map(pmd, addr, NULL);
}

pte_t *pte_offset_map_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			     spinlock_t **ptlp);
pte_t *pte_offset_map_ro_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				spinlock_t **ptlp);
pte_t *pte_offset_map_rw_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				pmd_t *pmdvalp, spinlock_t **ptlp);
pte_t *__pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			     spinlock_t **ptlp);
static inline pte_t *pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
					 spinlock_t **ptlp)
{
	return __pte_offset_map_lock(mm, pmd, addr, ptlp);
}
#else
/* Up to 6.4 a map cannot fail, and nobody looks at the PMD again. */
static inline pte_t *pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
					 spinlock_t **ptlp)
{
	spinlock_t *ptl = pte_lockptr(mm, pmd);
	pte_t *pte = pte_offset_map(pmd, addr);

	*ptlp = ptl;
	spin_lock(ptl);
	return pte;
}
/* What callers wrote out then. */
static inline pte_t *pte_offset_map_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
					   spinlock_t **ptlp)
{
	*ptlp = pte_lockptr(mm, pmd);
	return pte_offset_map(pmd, addr);
}
#endif
#define pte_unmap_unlock(pte, ptl) do { \
	spin_unlock(ptl); \
	pte_unmap(pte); \
} while (0)

#endif
