// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_SMP_H
#define _LINUX_SMP_H

#include <linux/percpu.h>
#include <linux/types.h>

/* How many CPUs there are; boot counts them. */
extern unsigned int nr_cpu_ids;

#define smp_processor_id() shootdown_cpu()

typedef void (*smp_call_func_t)(void *info);

/* To every other online CPU; with `wait`, returns when all handlers have run. */
void smp_call_function(smp_call_func_t func, void *info, int wait);

#endif
