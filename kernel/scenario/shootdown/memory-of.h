// SPDX-License-Identifier: Apache-2.0
/* What address-space.h leaves out: the VMA can be found, and has anonymous memory or a file. For the built-in kernel. */
#ifndef SHOOTDOWN_MEMORY_OF_H
#define SHOOTDOWN_MEMORY_OF_H

#include <linux/fs.h>
#include <linux/mmap_lock.h>
#include <linux/rmap.h>
#include <shootdown/address-space.h>

static struct address_space *mapping;

/* All of these only in setup(), after make_mm(). */
static inline void make_vma_found(void)
{
	mm->mmap = vma;
	mm->mm_users.counter = 1;
	vma->vm_flags = VM_READ | VM_WRITE;
	vma->vm_page_prot = PAGE_READONLY;
	shootdown_name(&mm->mmap_lock, sizeof(mm->mmap_lock), "mmap_lock");
}

static inline void make_anonymous(void)
{
	make_vma_found();
	vma->anon_vma = shootdown_alloc(sizeof(struct anon_vma), "anon_vma");
	vma->anon_vma->root = vma->anon_vma;
	shootdown_name(&vma->anon_vma->rwsem, sizeof(struct rw_semaphore), "anon_vma lock");
}

static inline void make_file(void)
{
	make_vma_found();
	vma->vm_flags |= VM_SHARED;
	mapping = shootdown_alloc(sizeof(struct address_space), "mapping");
	vma->vm_file = shootdown_alloc(sizeof(struct file), "file");
	vma->vm_file->f_mapping = mapping;
	vma_interval_tree_insert(vma, mapping);
	shootdown_name(&mapping->i_mmap_rwsem, sizeof(struct rw_semaphore), "i_mmap lock");
}

/* A page mapped once, by PTE number `index` of the VMA. */
static inline struct page *make_mapped_page(unsigned int index, const char *name)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	pte_t *pte = pte_offset_map(pmd, addr);

	set_pte(pte + index, mk_pte(page, PAGE_SHARED));
	pte_unmap(pte);
	if (vma->anon_vma)
		page->mapping = (void *)((unsigned long)vma->anon_vma + PAGE_MAPPING_ANON);
	else
		page->mapping = mapping;
	shootdown_name(lowmem_page_address(page), PAGE_SIZE, name);
	return page;
}

#endif
