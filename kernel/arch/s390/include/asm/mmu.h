// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_S390_MMU_H
#define _ASM_S390_MMU_H

#include <linux/cpumask.h>
#include <linux/spinlock.h>

typedef struct {
	spinlock_t lock;
	/* CPUs that have the address space in a control register; mm_cpumask() lets go of them later. */
	cpumask_t cpu_attach_mask;
	/* Flushes under way: a CPU that attaches waits for them. */
	atomic_t flush_count;
	/* Entries were invalidated without a flush, as nobody else was attached. */
	unsigned int flush_mm;
} mm_context_t;

#endif
