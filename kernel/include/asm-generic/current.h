// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_GENERIC_CURRENT_H
#define _ASM_GENERIC_CURRENT_H

#include <linux/percpu.h>

struct task_struct;

/*
 * Departs from architectures that keep the running task in a register: here it
 * is the CPU's own variable, which nobody else reads.
 */
DECLARE_PER_CPU(struct task_struct *, current_task);

static __always_inline struct task_struct *get_current(void)
{
	return per_cpu(current_task, shootdown_cpu());
}

#define current get_current()

#endif
