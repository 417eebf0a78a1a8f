// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_SMP_H
#define _LINUX_SMP_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

typedef void (*smp_call_func_t)(void *info);
typedef bool (*smp_cond_func_t)(int cpu, void *info);

/* To every other online CPU; with `wait`, returns when all handlers have run. */
void smp_call_function(smp_call_func_t func, void *info, int wait);
/* To the others of the mask; preemption is off. */
void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func, void *info,
			    bool wait);
int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait);

/* The same and here, if this CPU is in the mask: with interrupts off. */
void on_each_cpu_cond_mask(smp_cond_func_t cond_func, smp_call_func_t func, void *info,
			   bool wait, const struct cpumask *mask);
#define on_each_cpu_mask(mask, func, info, wait) on_each_cpu_cond_mask(NULL, func, info, wait, mask)
void on_each_cpu(smp_call_func_t func, void *info, int wait);

#endif
