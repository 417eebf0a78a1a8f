// SPDX-License-Identifier: Apache-2.0
/* The files of powerpc, for kernel/kernel.c. */
#include "mm/pgtable-frag.c"
#include "mm/pgtable.c"

DEFINE_PER_CPU(struct task_struct *, current_task);
