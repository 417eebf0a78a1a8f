// SPDX-License-Identifier: Apache-2.0
/* Of a file, what reverse mapping needs: its mappings and their lock. */
#ifndef _LINUX_FS_H
#define _LINUX_FS_H

#include <linux/mm_types.h>

/* Departs: the interval tree is a list; every VMA of a file here maps all of it. */
struct address_space {
	struct rw_semaphore i_mmap_rwsem;
	struct vm_area_struct *i_mmap;
	/* The page cache. */
	struct folio *folio;
};

struct file {
	struct address_space *f_mapping;
};

static inline void i_mmap_lock_write(struct address_space *mapping)
{
	down_write(&mapping->i_mmap_rwsem);
}
static inline int i_mmap_trylock_write(struct address_space *mapping)
{
	return down_write_trylock(&mapping->i_mmap_rwsem);
}
static inline void i_mmap_unlock_write(struct address_space *mapping)
{
	up_write(&mapping->i_mmap_rwsem);
}
static inline void i_mmap_lock_read(struct address_space *mapping)
{
	down_read(&mapping->i_mmap_rwsem);
}
static inline void i_mmap_unlock_read(struct address_space *mapping)
{
	up_read(&mapping->i_mmap_rwsem);
}
#define i_mmap_assert_write_locked(mapping) rwsem_assert_held_write(&(mapping)->i_mmap_rwsem)

static inline void vma_interval_tree_insert(struct vm_area_struct *vma,
					    struct address_space *mapping)
{
	vma->shared_next = mapping->i_mmap;
	mapping->i_mmap = vma;
}

#define vma_interval_tree_foreach(vma, mapping) \
	for ((vma) = (mapping)->i_mmap; (vma); (vma) = (vma)->shared_next)

#endif
