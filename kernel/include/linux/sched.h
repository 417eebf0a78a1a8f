// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <asm/current.h>

struct mm_struct;

struct task_struct {
	struct mm_struct *mm;
	struct mm_struct *active_mm;
};

#endif
