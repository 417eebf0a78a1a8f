// SPDX-License-Identifier: Apache-2.0
/* The files of riscv, for kernel/kernel.c. */
#include "mm/pgtable.c"
#include "mm/tlbflush.c"

DEFINE_PER_CPU(struct task_struct *, current_task);
