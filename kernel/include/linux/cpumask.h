// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_CPUMASK_H
#define _LINUX_CPUMASK_H

#include <linux/types.h>

typedef struct cpumask {
	unsigned long bits[BITS_TO_LONGS(CONFIG_NR_CPUS)];
} cpumask_t;

#define cpumask_bits(maskp) ((maskp)->bits)

/* Departs: the kernel points into a table of masks. */
#define cpumask_of(cpu) (&(const cpumask_t){ { 1UL << (cpu) } })

/* CONFIG_NR_CPUS are one word. */
static inline bool cpumask_equal(const cpumask_t *one, const cpumask_t *other)
{
	return one->bits[0] == other->bits[0];
}
static inline void cpumask_copy(cpumask_t *to, const cpumask_t *from)
{
	to->bits[0] = from->bits[0];
}

#endif
