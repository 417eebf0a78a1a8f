// SPDX-License-Identifier: Apache-2.0
/*
 * Entries of book3s64. The tables are big-endian, whatever the CPU's order is:
 * what lies in memory is swapped on the way in and out. Bits of radix: Power ISA
 * 3.1, book III, 6.7.10; the software's: asm/book3s/64/pgtable.h (6.12).
 */
#ifndef _ASM_POWERPC_PGTABLE_TYPES_H
#define _ASM_POWERPC_PGTABLE_TYPES_H

#include <asm/page.h>
#include <asm-generic/asid.h>

typedef unsigned long __be64;
#define cpu_to_be64(x) __builtin_bswap64(x)
#define be64_to_cpu(x) __builtin_bswap64(x)

typedef struct { __be64 pte; } pte_t;
typedef struct { __be64 pmd; } pmd_t;
typedef struct { __be64 pud; } pud_t;
typedef struct { __be64 pgd; } pgd_t;
typedef struct { unsigned long pgprot; } pgprot_t;
/* A page table is known by its address. */
typedef pte_t *pgtable_t;

#define pte_raw(x) ((x).pte)
#define pmd_raw(x) ((x).pmd)
#define pte_val(x) be64_to_cpu((x).pte)
#define pmd_val(x) be64_to_cpu((x).pmd)
#define pud_val(x) be64_to_cpu((x).pud)
#define pgd_val(x) be64_to_cpu((x).pgd)
#define pgprot_val(x) ((x).pgprot)
#define __pte(x) ((pte_t){ cpu_to_be64(x) })
#define __pmd(x) ((pmd_t){ cpu_to_be64(x) })
#define __pud(x) ((pud_t){ cpu_to_be64(x) })
#define __pgd(x) ((pgd_t){ cpu_to_be64(x) })
#define __pgprot(x) ((pgprot_t){ (x) })

#define _PAGE_EXEC 0x1UL
#define _PAGE_WRITE 0x2UL
#define _PAGE_READ 0x4UL
#define _PAGE_PRIVILEGED 0x8UL
#define _PAGE_DIRTY 0x80UL
#define _PAGE_ACCESSED 0x100UL
#define _PAGE_SPECIAL 0x400UL
/* Present to the software, while the hardware must not use it. */
#define _PAGE_INVALID 0x2000000000000000UL
/* A page; where it is clear, a table. */
#define _PAGE_PTE 0x4000000000000000UL
#define _PAGE_PRESENT 0x8000000000000000UL
#define PTE_RPN_MASK (((1UL << 53) - 1) & PAGE_MASK)

/* Valid, and the size of the table that it leads to. */
#define PMD_VAL_BITS (0x8000000000000000UL | 9)
#define PUD_VAL_BITS PMD_VAL_BITS
#define PGD_VAL_BITS PMD_VAL_BITS
#define PMD_MASKED_BITS 0xc0000000000000ffUL
#define RADIX_PMD_BAD_BITS 0x60000000000000e0UL

/* The table, which hardware finds in the process table, and the number it is found by there, the PID. */
#define shootdown_root(mm) (__pa((mm)->pgd) | (unsigned long)mm_asid(mm) << 48)

#define _PAGE_BASE (_PAGE_PRESENT | _PAGE_ACCESSED)
#define PAGE_NONE __pgprot(_PAGE_BASE | _PAGE_PRIVILEGED)
#define PAGE_SHARED __pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_WRITE)
#define PAGE_READONLY __pgprot(_PAGE_BASE | _PAGE_READ)
#define PAGE_KERNEL __pgprot(_PAGE_BASE | _PAGE_PRIVILEGED | _PAGE_DIRTY | _PAGE_READ | _PAGE_WRITE)

#endif
