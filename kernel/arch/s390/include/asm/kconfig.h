// SPDX-License-Identifier: Apache-2.0
/* s390, 64 bits, as in arch/s390/Kconfig. */
#ifndef _ASM_S390_KCONFIG_H
#define _ASM_S390_KCONFIG_H

/* Set where asm/pgtable.h has all that mm/ asks for. */
#define CONFIG_ARCH_HAS_ENTRY_HELPERS 1

#define CONFIG_64BIT 1
/* How many an mm has is decided when it grows; three here, for up to 4 TB. */
#define CONFIG_PGTABLE_LEVELS 5
#define CONFIG_SPLIT_PMD_PTLOCKS 1
#define CONFIG_MMU_GATHER_RCU_TABLE_FREE 1
/* Entries are flushed as they are cleared, so pages need not be gathered. */
#define CONFIG_MMU_GATHER_NO_GATHER 1

#endif
