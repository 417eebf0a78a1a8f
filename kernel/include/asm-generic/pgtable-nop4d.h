// SPDX-License-Identifier: Apache-2.0
#ifndef _PGTABLE_NOP4D_H
#define _PGTABLE_NOP4D_H

/* Folded into the pgd: the same entry under another name. */
typedef struct { pgd_t pgd; } p4d_t;

#define p4d_val(x) pgd_val((x).pgd)
#define __p4d(x) ((p4d_t){ __pgd(x) })
#define p4d_leaf(p4d) ((void)(p4d), 0)
#define pgd_none(pgd) ((void)(pgd), 0)
#define pgd_leaf(pgd) ((void)(pgd), 0)
#define p4d_addr_end(addr, end) (end)

static inline p4d_t *p4d_offset(pgd_t *pgd, unsigned long address)
{
	(void)address;
	return (p4d_t *)pgd;
}

#endif
