// SPDX-License-Identifier: Apache-2.0
/* powerpc, 64 bits, little-endian, book3s64: radix, and hash where the platform says so; pages of 4 KiB. */
#ifndef _ASM_POWERPC_KCONFIG_H
#define _ASM_POWERPC_KCONFIG_H

/* Set where asm/pgtable.h has all that mm/ asks for. */
#define CONFIG_ARCH_HAS_ENTRY_HELPERS 1

#define CONFIG_64BIT 1
#define CONFIG_PGTABLE_LEVELS 4
#define CONFIG_SPLIT_PMD_PTLOCKS 1
#define CONFIG_MMU_GATHER_RCU_TABLE_FREE 1
#define CONFIG_MMU_GATHER_MERGE_VMAS 1
/* The instruction that flushes names a page size. */
#define CONFIG_MMU_GATHER_PAGE_SIZE 1

#endif
