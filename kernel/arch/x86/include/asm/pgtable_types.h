// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_PGTABLE_TYPES_H
#define _ASM_X86_PGTABLE_TYPES_H

#include <asm/page.h>

typedef u64 pteval_t;
typedef u64 pmdval_t;
typedef u64 pudval_t;
typedef u64 p4dval_t;
typedef u64 pgdval_t;
typedef u64 pgprotval_t;

#ifdef CONFIG_X86_PAE
/* Named halves: the lockless readers and the setters go half by half. */
typedef union {
	struct { unsigned long pte_low, pte_high; };
	pteval_t pte;
} pte_t;
typedef union {
	struct { unsigned long pmd_low, pmd_high; };
	pmdval_t pmd;
} pmd_t;
#else
typedef struct { pteval_t pte; } pte_t;
typedef struct { pmdval_t pmd; } pmd_t;
#endif
typedef struct { pgdval_t pgd; } pgd_t;
typedef struct { pgprotval_t pgprot; } pgprot_t;
typedef struct page *pgtable_t;

#define _PAGE_PRESENT ((pteval_t)1 << 0)
#define _PAGE_RW ((pteval_t)1 << 1)
#define _PAGE_USER ((pteval_t)1 << 2)
#define _PAGE_ACCESSED ((pteval_t)1 << 5)
#define _PAGE_DIRTY ((pteval_t)1 << 6)
#define _PAGE_PSE ((pteval_t)1 << 7)
/* Has this meaning only while the present bit is clear. */
#define _PAGE_PROTNONE ((pteval_t)1 << 8)
#define _PAGE_SPECIAL ((pteval_t)1 << 9)
#define _PAGE_NX ((pteval_t)1 << 63)

#define _KERNPG_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY)
#define _PAGE_TABLE (_KERNPG_TABLE | _PAGE_USER)
/* An erratum lets the CPU set these two in an entry that is not present. */
#define _PAGE_KNL_ERRATUM_MASK (_PAGE_DIRTY | _PAGE_ACCESSED)

#define __pgprot(x) ((pgprot_t){ (x) })
#define pgprot_val(x) ((x).pgprot)
#define PAGE_SHARED __pgprot(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_NX)
#define PAGE_READONLY __pgprot(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | _PAGE_NX)
#define PAGE_KERNEL __pgprot(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_NX)

#define PTE_PFN_MASK ((pteval_t)PHYSICAL_PAGE_MASK)
#define PTE_FLAGS_MASK (~PTE_PFN_MASK)

static inline pte_t native_make_pte(pteval_t val) { return (pte_t){ .pte = val }; }
static inline pteval_t native_pte_val(pte_t pte) { return pte.pte; }
static inline pmd_t native_make_pmd(pmdval_t val) { return (pmd_t){ .pmd = val }; }
static inline pmdval_t native_pmd_val(pmd_t pmd) { return pmd.pmd; }
static inline pgd_t native_make_pgd(pgdval_t val) { return (pgd_t){ .pgd = val }; }
static inline pgdval_t native_pgd_val(pgd_t pgd) { return pgd.pgd; }

#define __pte(x) native_make_pte(x)
#define pte_val(x) native_pte_val(x)
#define __pmd(x) native_make_pmd(x)
#define pmd_val(x) native_pmd_val(x)
#define __pgd(x) native_make_pgd(x)
#define pgd_val(x) native_pgd_val(x)

#endif
