// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_GENERIC_PGTABLE_TYPES_H
#define _ASM_GENERIC_PGTABLE_TYPES_H

#include <linux/types.h>

/* Entries of eight bytes that every access reads or writes whole. */
typedef u64 pteval_t;
typedef u64 pmdval_t;
typedef u64 pudval_t;
typedef u64 p4dval_t;
typedef u64 pgdval_t;
typedef u64 pgprotval_t;

typedef struct { pteval_t pte; } pte_t;
typedef struct { pmdval_t pmd; } pmd_t;
typedef struct { pgdval_t pgd; } pgd_t;
typedef struct { pgprotval_t pgprot; } pgprot_t;
typedef struct page *pgtable_t;

#define __pte(x) ((pte_t){ (x) })
#define pte_val(x) ((x).pte)
#define __pmd(x) ((pmd_t){ (x) })
#define pmd_val(x) ((x).pmd)
#define __pgd(x) ((pgd_t){ (x) })
#define pgd_val(x) ((x).pgd)
#define __pgprot(x) ((pgprot_t){ (x) })
#define pgprot_val(x) ((x).pgprot)

#endif
