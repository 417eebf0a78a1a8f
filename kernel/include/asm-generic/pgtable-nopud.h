// SPDX-License-Identifier: Apache-2.0
#ifndef _PGTABLE_NOPUD_H
#define _PGTABLE_NOPUD_H

#include <asm-generic/pgtable-nop4d.h>

/* The pgd's entry is the pud: it is what points to a pmd table. */
typedef struct { p4d_t p4d; } pud_t;

#define PTRS_PER_PUD 1
#define pud_val(x) p4d_val((x).p4d)
#define pud_addr_end(addr, end) (end)
#define pud_free_tlb(tlb, pudp, address) ((void)(tlb), (void)(pudp), (void)(address))
/* What a table of PMDs hangs off is an entry of the top table. */
#define PUD_MASK PGDIR_MASK

static inline int p4d_present(p4d_t p4d) { (void)p4d; return 1; }
static inline void p4d_clear(p4d_t *p4dp) { (void)p4dp; }

static inline pud_t *pud_offset(p4d_t *p4d, unsigned long address)
{
	(void)address;
	return (pud_t *)p4d;
}

#endif
