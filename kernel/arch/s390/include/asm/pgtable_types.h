// SPDX-License-Identifier: Apache-2.0
/*
 * Entries of s390. Bits of the hardware and how the tables hang together:
 * z/Architecture Principles of Operation, SA22-7832, chapter 3, "Dynamic Address
 * Translation". The software's bits are the kernel's, asm/pgtable.h (6.12).
 *
 * An entry says that it is invalid, not that it is present. So what is empty is
 * not 0, and an invalidated entry still has its origin.
 */
#ifndef _ASM_S390_PGTABLE_TYPES_H
#define _ASM_S390_PGTABLE_TYPES_H

#include <asm/page.h>
#include <asm-generic/asid.h>

typedef struct { unsigned long pgprot; } pgprot_t;
typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long pmd; } pmd_t;
typedef struct { unsigned long pud; } pud_t;
typedef struct { unsigned long p4d; } p4d_t;
typedef struct { unsigned long pgd; } pgd_t;
/* A page table is known by its address. */
typedef pte_t *pgtable_t;

#define pgprot_val(x) ((x).pgprot)
#define pte_val(x) ((x).pte)
#define pmd_val(x) ((x).pmd)
#define pud_val(x) ((x).pud)
#define p4d_val(x) ((x).p4d)
#define pgd_val(x) ((x).pgd)
#define __pgprot(x) ((pgprot_t){ (x) })
#define __pte(x) ((pte_t){ (x) })
#define __pmd(x) ((pmd_t){ (x) })
#define __pud(x) ((pud_t){ (x) })
#define __p4d(x) ((p4d_t){ (x) })
#define __pgd(x) ((pgd_t){ (x) })

/* Page-table entries. */
#define _PAGE_NOEXEC 0x100UL
#define _PAGE_PROTECT 0x200UL
#define _PAGE_INVALID 0x400UL
#define _PAGE_PRESENT 0x001UL
#define _PAGE_YOUNG 0x004UL
#define _PAGE_DIRTY 0x008UL
#define _PAGE_READ 0x010UL
#define _PAGE_WRITE 0x020UL
#define _PAGE_SPECIAL 0x040UL

/* Region-table entries: the type says which of three regions, hence how many levels there are. */
#define _REGION_ENTRY_ORIGIN (~0xfffUL)
#define _REGION_ENTRY_INVALID 0x20UL
#define _REGION_ENTRY_TYPE_MASK 0x0cUL
#define _REGION_ENTRY_TYPE_R1 0x0cUL
#define _REGION_ENTRY_TYPE_R2 0x08UL
#define _REGION_ENTRY_TYPE_R3 0x04UL
#define _REGION_ENTRY_LENGTH 0x03UL
#define _REGION1_ENTRY (_REGION_ENTRY_TYPE_R1 | _REGION_ENTRY_LENGTH)
#define _REGION1_ENTRY_EMPTY (_REGION_ENTRY_TYPE_R1 | _REGION_ENTRY_INVALID)
#define _REGION2_ENTRY (_REGION_ENTRY_TYPE_R2 | _REGION_ENTRY_LENGTH)
#define _REGION2_ENTRY_EMPTY (_REGION_ENTRY_TYPE_R2 | _REGION_ENTRY_INVALID)
#define _REGION3_ENTRY (_REGION_ENTRY_TYPE_R3 | _REGION_ENTRY_LENGTH)
#define _REGION3_ENTRY_EMPTY (_REGION_ENTRY_TYPE_R3 | _REGION_ENTRY_INVALID)
#define _REGION3_ENTRY_LARGE 0x0400UL

/* Segment-table entries: they lead to a page table or map 1 MB. */
#define _SEGMENT_ENTRY_BITS 0xfffffffffffffe3fUL
#define _SEGMENT_ENTRY_ORIGIN (~0x7ffUL)
/* Departs: a frame is 16 KiB from the next, none is of 1 MB. */
#define _SEGMENT_ENTRY_ORIGIN_LARGE (~0x3fffUL)
#define _SEGMENT_ENTRY_PROTECT 0x200UL
#define _SEGMENT_ENTRY_NOEXEC 0x100UL
#define _SEGMENT_ENTRY_INVALID 0x20UL
#define _SEGMENT_ENTRY_TYPE_MASK 0x0cUL
#define _SEGMENT_ENTRY 0UL
#define _SEGMENT_ENTRY_EMPTY _SEGMENT_ENTRY_INVALID
#define _SEGMENT_ENTRY_DIRTY 0x2000UL
#define _SEGMENT_ENTRY_YOUNG 0x1000UL
#define _SEGMENT_ENTRY_LARGE 0x0400UL
#define _SEGMENT_ENTRY_WRITE 0x0002UL
#define _SEGMENT_ENTRY_READ 0x0001UL

/* What a control register has of an address space: its table, how long that is and of which level, whose it is. */
#define _ASCE_ALT_EVENT 0x80UL
#define _ASCE_SPACE_SWITCH 0x40UL
#define _ASCE_PRIVATE_SPACE 0x100UL
#define _ASCE_USER_BITS (_ASCE_SPACE_SWITCH | _ASCE_PRIVATE_SPACE | _ASCE_ALT_EVENT)
#define _ASCE_TYPE_REGION3 0x04UL
#define _ASCE_TABLE_LENGTH 0x03UL
/* mm->context.asce, where the mm has three levels. */
#define shootdown_root(mm) \
	(__pa((mm)->pgd) | _ASCE_TABLE_LENGTH | _ASCE_USER_BITS | _ASCE_TYPE_REGION3)

#define PAGE_NONE __pgprot(_PAGE_PRESENT | _PAGE_INVALID | _PAGE_PROTECT)
#define PAGE_RO __pgprot(_PAGE_PRESENT | _PAGE_READ | _PAGE_NOEXEC | _PAGE_INVALID | _PAGE_PROTECT)
#define PAGE_RW __pgprot(pgprot_val(PAGE_RO) | _PAGE_WRITE)
#define PAGE_SHARED __pgprot(_PAGE_PRESENT | _PAGE_READ | _PAGE_WRITE | _PAGE_YOUNG | \
			     _PAGE_DIRTY | _PAGE_NOEXEC)
#define PAGE_KERNEL PAGE_SHARED
/* What others call it. */
#define PAGE_READONLY PAGE_RO

#define SEGMENT_NONE __pgprot(_SEGMENT_ENTRY_INVALID | _SEGMENT_ENTRY_PROTECT)
#define SEGMENT_RO __pgprot(_SEGMENT_ENTRY_PROTECT | _SEGMENT_ENTRY_READ | _SEGMENT_ENTRY_NOEXEC)
#define SEGMENT_RW __pgprot(_SEGMENT_ENTRY_READ | _SEGMENT_ENTRY_WRITE | _SEGMENT_ENTRY_NOEXEC)

#endif
