// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_POWERPC_MMU_H
#define _ASM_POWERPC_MMU_H

#include <linux/scenario_platform.h>
#include <linux/types.h>

typedef struct {
	/* How many CPUs are in mm_cpumask(). */
	atomic_t active_cpus;
} mm_context_t;

/* Which kind of MMU the machine was booted with. */
#define radix_enabled() (scenario_platform != P_hash)

#endif
