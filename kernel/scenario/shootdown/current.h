// SPDX-License-Identifier: Apache-2.0
/* Which mm a CPU's running task has, for what asks current->mm. */
#ifndef SHOOTDOWN_CURRENT_H
#define SHOOTDOWN_CURRENT_H

#include <linux/percpu.h>
#include <linux/sched.h>
#include <asm/current.h>
#include <shootdown/scenario.h>

/* Only in setup(). */
static inline void run_with_mm(int cpu, struct mm_struct *mm)
{
	struct task_struct *task = shootdown_alloc(sizeof(struct task_struct), "task");

	task->mm = mm;
	task->active_mm = mm;
#ifdef CONFIG_X86
	per_cpu(pcpu_hot, cpu).current_task = task;
#else
	per_cpu(current_task, cpu) = task;
#endif
}

#endif
