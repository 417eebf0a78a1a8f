// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_MMU_H
#define _ASM_X86_MMU_H

#include <linux/types.h>

/* What flushing keeps in an mm. */
typedef struct {
	/* Never used twice: tells an mm from an earlier one at the same address. */
	u64 ctx_id;
	/* Counts flushes asked for; a CPU notes up to which it has caught up. */
	atomic64_t tlb_gen;
	/* In jiffies: when CPUs that no longer use the mm may be found and left out. */
	unsigned long next_trim_cpumask;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	/* One ASID on every CPU, which INVLPGB can name; 0 for none. */
	u16 global_asid;
	bool asid_transition;
#endif
} mm_context_t;

#endif
