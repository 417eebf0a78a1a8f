// SPDX-License-Identifier: Apache-2.0
/*
 * How many gathers are open on an mm. Counted up before the first entry
 * changes, under that entry's lock or earlier; down after the flush. Who reads
 * it must hold the lock of the entries it asks about.
 */
#ifndef _LINUX_MM_INLINE_H
#define _LINUX_MM_INLINE_H

#include <linux/atomic.h>
#include <linux/mm_types.h>

static inline void inc_tlb_flush_pending(struct mm_struct *mm)
{
	atomic_add(1, &mm->tlb_flush_pending);
}

static inline void dec_tlb_flush_pending(struct mm_struct *mm)
{
	atomic_sub(1, &mm->tlb_flush_pending);
}

static inline bool mm_tlb_flush_pending(struct mm_struct *mm)
{
	return atomic_read(&mm->tlb_flush_pending) != 0;
}

static inline bool mm_tlb_flush_nested(struct mm_struct *mm)
{
	return atomic_read(&mm->tlb_flush_pending) > 1;
}

#endif
