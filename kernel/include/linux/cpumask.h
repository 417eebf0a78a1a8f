// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_CPUMASK_H
#define _LINUX_CPUMASK_H

#include <linux/types.h>

typedef struct cpumask {
	unsigned long bits[BITS_TO_LONGS(CONFIG_NR_CPUS)];
} cpumask_t;

#define cpumask_bits(maskp) ((maskp)->bits)

#endif
