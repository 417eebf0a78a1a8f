// SPDX-License-Identifier: Apache-2.0
/* What follows from being x86_64 or i386 with PAE, as in arch/x86/Kconfig. */
#ifndef _ASM_X86_KCONFIG_H
#define _ASM_X86_KCONFIG_H

#if defined(CONFIG_X86_64) == defined(CONFIG_X86_PAE)
#error "define exactly one of CONFIG_X86_64 and CONFIG_X86_PAE"
#endif

#define CONFIG_X86 1
#define CONFIG_SPLIT_PMD_PTLOCKS 1
/* Set where asm/pgtable.h has all that mm/ asks for. */
#define CONFIG_ARCH_HAS_ENTRY_HELPERS 1
#define CONFIG_ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH 1

#ifdef CONFIG_X86_64
#define CONFIG_64BIT 1
#define CONFIG_HUGETLB_PMD_PAGE_TABLE_SHARING 1
#define CONFIG_PGTABLE_LEVELS 4
/* HIGHPTE depends on HIGHMEM, which 64-bit kernels do not have. */
#undef CONFIG_HIGHPTE
#else
#define CONFIG_X86_32 1
/* A test folds one away: what reads entries in halves then is mips32's. */
#ifndef CONFIG_PGTABLE_LEVELS
#define CONFIG_PGTABLE_LEVELS 3
#endif
#define CONFIG_HIGHMEM 1
#define CONFIG_GUP_GET_PXX_LOW_HIGH 1
#if defined(CONFIG_HIGHPTE) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#error "x86 dropped CONFIG_HIGHPTE in 6.15: use --config HIGHPTE=n, or an older --era"
#endif
#endif

/*
 * Up to 6.14 x86 selects this only with PARAVIRT; without it
 * tlb_remove_table_sync_one() is empty and the flush IPI is the only wait.
 */
#if defined(CONFIG_PARAVIRT) || LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define CONFIG_MMU_GATHER_RCU_TABLE_FREE 1
#endif
/* One flush for adjacent VMAs. */
#define CONFIG_MMU_GATHER_MERGE_VMAS 1
/* Since 6.14, 64 bits only: a table for which there is no batch goes to RCU by itself. */
#if defined(CONFIG_X86_64) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define CONFIG_PT_RECLAIM 1
#endif

#endif
