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

/* What asks for more entry helpers than walking and collapsing do. */
#ifdef CONFIG_ARCH_HAS_ENTRY_HELPERS
#include "mm/fault.c"
#include "mm/fork.c"
#include "mm/huge_memory.c"
#include "mm/hugetlb.c"
#include "mm/ksm.c"
#include "mm/mprotect.c"
#include "mm/mremap.c"
#include "mm/reclaim.c"
#include "mm/vma.c"
#include "mm/zap.c"
#endif
#include "mm/gup.c"

#if defined(CONFIG_X86)
#include "arch/x86/kernel.c"
#elif defined(CONFIG_ARM64)
#include "arch/arm64/kernel.c"
#elif defined(CONFIG_RISCV)
#include "arch/riscv/kernel.c"
#endif
