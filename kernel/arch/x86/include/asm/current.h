// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_CURRENT_H
#define _ASM_X86_CURRENT_H

#include <linux/percpu.h>

struct task_struct;

struct pcpu_hot {
	struct task_struct *current_task;
};
DECLARE_PER_CPU(struct pcpu_hot, pcpu_hot);

static __always_inline struct task_struct *get_current(void)
{
	return per_cpu(pcpu_hot, shootdown_cpu()).current_task;
}

#define current get_current()

#endif
