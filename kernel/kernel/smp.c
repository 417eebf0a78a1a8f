// SPDX-License-Identifier: Apache-2.0
/* The names by which CPUs are called. After kernel/smp.c, 6.12. */
#include <linux/smp.h>

#define SCF_WAIT (1U << 0)
#define SCF_RUN_LOCAL (1U << 1)

/* What all of them come to; the machine's. */
void smp_call_function_many_cond(const struct cpumask *mask, smp_call_func_t func, void *info,
				 unsigned int scf_flags, smp_cond_func_t cond_func);

/* All CPUs are online, always. */
static const struct cpumask *cpu_online_mask(struct cpumask *mask)
{
	mask->bits[0] = (1UL << nr_cpu_ids) - 1;
	return mask;
}

void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func, void *info,
			    bool wait)
{
	smp_call_function_many_cond(mask, func, info, wait ? SCF_WAIT : 0, NULL);
}

void smp_call_function(smp_call_func_t func, void *info, int wait)
{
	struct cpumask online;

	preempt_disable();
	smp_call_function_many(cpu_online_mask(&online), func, info, wait);
	preempt_enable();
}

int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait)
{
	struct cpumask one = { { 1UL << cpu } };

	preempt_disable();
	smp_call_function_many_cond(&one, func, info, (wait ? SCF_WAIT : 0) | SCF_RUN_LOCAL, NULL);
	preempt_enable();
	return 0;
}

void on_each_cpu_cond_mask(smp_cond_func_t cond_func, smp_call_func_t func, void *info,
			   bool wait, const struct cpumask *mask)
{
	preempt_disable();
	smp_call_function_many_cond(mask, func, info, (wait ? SCF_WAIT : 0) | SCF_RUN_LOCAL,
				    cond_func);
	preempt_enable();
}

void on_each_cpu(smp_call_func_t func, void *info, int wait)
{
	struct cpumask online;

	on_each_cpu_cond_mask(NULL, func, info, wait, cpu_online_mask(&online));
}
