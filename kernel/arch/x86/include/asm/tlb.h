// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_TLB_H
#define _ASM_X86_TLB_H

#include <asm/tlbflush.h>
#include <asm-generic/tlb.h>

/* What a table goes back by, once nobody can walk it any more. */
static inline void __tlb_remove_table(void *table)
{
	put_page(table);
}

#endif
