// SPDX-License-Identifier: Apache-2.0
/* rv64 with an MMU of four levels (Sv48) and SMP, as in arch/riscv/Kconfig. */
#ifndef _ASM_RISCV_KCONFIG_H
#define _ASM_RISCV_KCONFIG_H

/* Set where asm/pgtable.h has all that mm/ asks for. */
#define CONFIG_ARCH_HAS_ENTRY_HELPERS 1

#define CONFIG_64BIT 1
#define CONFIG_PGTABLE_LEVELS 4
#define CONFIG_SPLIT_PMD_PTLOCKS 1
#define CONFIG_MMU_GATHER_RCU_TABLE_FREE 1
#define CONFIG_HUGETLB_PMD_PAGE_TABLE_SHARING 1

#endif
