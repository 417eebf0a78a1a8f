// SPDX-License-Identifier: Apache-2.0
/* The files of s390, for kernel/kernel.c. */
#include "mm/pgalloc.c"
#include "mm/pgtable.c"

DEFINE_PER_CPU(struct task_struct *, current_task);
