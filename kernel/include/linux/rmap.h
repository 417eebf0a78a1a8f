// SPDX-License-Identifier: Apache-2.0
/* Who maps a page: the lock of an anon_vma, and pages' map counts. */
#ifndef _LINUX_RMAP_H
#define _LINUX_RMAP_H

#include <linux/mm_types.h>

/* One lock for all VMAs that may map the same anonymous pages. */
struct anon_vma {
	struct anon_vma *root;
	struct rw_semaphore rwsem;
};

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
