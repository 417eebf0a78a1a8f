// SPDX-License-Identifier: Apache-2.0
/*
 * The built-in kernel as one translation unit: one compile per configuration.
 * What it calls and does not define are the machine's intrinsics.
 */
#include "mm/pgtable-generic.c"
#include "mm/mmu_gather.c"
#include "mm/filemap.c"
#include "mm/khugepaged.c"
#include "mm/memory.c"
#include "mm/mmu_notifier.c"
#include "mm/rmap.c"
#include "mm/gup.c"

#ifdef CONFIG_X86
#include "arch/x86/kernel.c"
#endif
