// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_GENERIC_TLB_H
#define _ASM_GENERIC_TLB_H

#include <linux/types.h>

/* Tables freed by the flush IPI itself need no second one. */
#ifdef CONFIG_MMU_GATHER_RCU_TABLE_FREE
void tlb_remove_table_sync_one(void);
#else
static inline void tlb_remove_table_sync_one(void) { }
#endif

#endif
