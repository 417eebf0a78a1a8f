// SPDX-License-Identifier: Apache-2.0
/* The files of arm64, for kernel/kernel.c. */
#include "mm/tlb.c"

DEFINE_PER_CPU(struct task_struct *, current_task);
