// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_PERCPU_H
#define _LINUX_PERCPU_H

#include <linux/types.h>

/* The number of the CPU that runs; a primitive of the machine. */
int shootdown_cpu(void);

/*
 * An array by CPU number instead of a copy of one section for each CPU: the
 * memory is as private, or as shared, as the kernel's.
 */
#define DECLARE_PER_CPU(type, name) extern type name[CONFIG_NR_CPUS]
#define DEFINE_PER_CPU(type, name) type name[CONFIG_NR_CPUS]
#define per_cpu(var, cpu) ((var)[cpu])
#define this_cpu_ptr(var) (&(var)[shootdown_cpu()])
#define this_cpu_read(var) READ_ONCE((var)[shootdown_cpu()])

#endif
