// SPDX-License-Identifier: Apache-2.0
/* Who maps a page: the lock of an anon_vma, and pages' map counts. */
#ifndef _LINUX_RMAP_H
#define _LINUX_RMAP_H

#include <linux/atomic.h>
#include <linux/mm_types.h>

/* One lock for all VMAs that may map the same anonymous pages. */
struct anon_vma {
	struct anon_vma *root;
	struct rw_semaphore rwsem;
};

pmd_t *mm_find_pmd(struct mm_struct *mm, unsigned long address);
void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address);
void folio_add_anon_rmap_pte(struct folio *folio, struct page *page, struct vm_area_struct *vma);
void folio_remove_rmap_pte(struct folio *folio, struct page *page, struct vm_area_struct *vma);
void folio_add_file_rmap_pte(struct folio *folio, struct page *page, struct vm_area_struct *vma);
void folio_add_file_rmap_pmd(struct folio *folio, struct page *page, struct vm_area_struct *vma);

/* The count in memory is one less, as in the kernel. */
static inline int folio_mapcount(const struct folio *folio)
{
	return atomic_read(&folio->page._mapcount) + 1;
}

static inline void anon_vma_lock_write(struct anon_vma *anon_vma)
{
	down_write(&anon_vma->root->rwsem);
}
static inline void anon_vma_unlock_write(struct anon_vma *anon_vma)
{
	up_write(&anon_vma->root->rwsem);
}
static inline void anon_vma_lock_read(struct anon_vma *anon_vma)
{
	down_read(&anon_vma->root->rwsem);
}
static inline void anon_vma_unlock_read(struct anon_vma *anon_vma)
{
	up_read(&anon_vma->root->rwsem);
}

#endif
