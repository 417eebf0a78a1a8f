// SPDX-License-Identifier: Apache-2.0
/*
 * The built-in kernel as one translation unit: one compile per configuration.
 * What it calls and does not define are the machine's intrinsics.
 */
#include "mm/pgtable-generic.c"
#include "mm/mmu_gather.c"
#include "mm/memory.c"
#include "mm/gup.c"
#include "arch/x86/mm/pgtable.c"

DEFINE_PER_CPU(struct pcpu_hot, pcpu_hot);
