// SPDX-License-Identifier: Apache-2.0
/*
 * What nearly every scenario needs of the built-in kernel, as one translation
 * unit: one compile per configuration. The rest is paths.c, which is compiled
 * and linked where something calls what neither this nor the machine has.
 * What both call and do not define are the machine's intrinsics.
 */
#include "kernel/smp.c"
#include "mm/pgtable-generic.c"
#include "mm/mmu_gather.c"
#include "mm/memory.c"
#include "mm/mmu_notifier.c"
#include "mm/gup.c"

#if defined(CONFIG_X86)
#include "arch/x86/kernel.c"
#elif defined(CONFIG_ARM64)
#include "arch/arm64/kernel.c"
#elif defined(CONFIG_RISCV)
#include "arch/riscv/kernel.c"
#elif defined(CONFIG_S390)
#include "arch/s390/kernel.c"
#elif defined(CONFIG_PPC64)
#include "arch/powerpc/kernel.c"
#endif
