// SPDX-License-Identifier: Apache-2.0
/*
 * The built-in kernel as one translation unit: one compile per configuration.
 * What it calls and does not define are the machine's intrinsics.
 */
#include "mm/pgtable-generic.c"
#include "mm/mmu_gather.c"
#include "mm/memory.c"
#include "mm/gup.c"

#ifdef CONFIG_X86
#include "arch/x86/kernel.c"
#endif
