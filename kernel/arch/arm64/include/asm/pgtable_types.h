// SPDX-License-Identifier: Apache-2.0
/*
 * Descriptors of the VMSAv8-64 translation tables, 4 KiB granule, stage 1.
 * Source: Arm Architecture Reference Manual, D8.3; the software bits are the
 * kernel's, asm/pgtable-prot.h (6.12).
 */
#ifndef _ASM_ARM64_PGTABLE_TYPES_H
#define _ASM_ARM64_PGTABLE_TYPES_H

#include <asm/page.h>
#include <asm-generic/asid.h>
#include <asm-generic/pgtable-types.h>

#define PTE_VALID ((pteval_t)1 << 0)
/* At the last level: a page. Above it: a table, where it is clear a block. */
#define PTE_TABLE_BIT ((pteval_t)1 << 1)
#define PTE_TYPE_PAGE (PTE_VALID | PTE_TABLE_BIT)
#define PTE_USER ((pteval_t)1 << 6)
#define PTE_RDONLY ((pteval_t)1 << 7)
#define PTE_SHARED ((pteval_t)3 << 8)
#define PTE_AF ((pteval_t)1 << 10)
#define PTE_NG ((pteval_t)1 << 11)
/* Hardware may clear PTE_RDONLY on a write: the page is writable and clean. */
#define PTE_DBM ((pteval_t)1 << 51)
#define PTE_PXN ((pteval_t)1 << 53)
#define PTE_UXN ((pteval_t)1 << 54)

#define PTE_WRITE PTE_DBM
#define PTE_DIRTY ((pteval_t)1 << 55)
#define PTE_SPECIAL ((pteval_t)1 << 56)
/* Has this meaning only while the valid bit is clear: present all the same. */
#define PTE_PRESENT_INVALID PTE_NG

#define PMD_TYPE_MASK ((pmdval_t)3)
#define PMD_TYPE_TABLE ((pmdval_t)3)
#define PMD_TYPE_SECT ((pmdval_t)1)
#define PMD_TABLE_BIT ((pmdval_t)1 << 1)
#define PMD_TABLE_PXN ((pmdval_t)1 << 59)
#define PUD_TYPE_TABLE ((pudval_t)3)
#define PUD_TABLE_BIT ((pudval_t)1 << 1)
#define PUD_TABLE_PXN ((pudval_t)1 << 59)
#define P4D_TYPE_TABLE ((p4dval_t)3)
#define P4D_TABLE_PXN ((p4dval_t)1 << 59)

/* 48 bits of output address. */
#define PTE_ADDR_MASK (((pteval_t)1 << 48) - PAGE_SIZE)

/* TTBR: the ASID above the root table. */
#define shootdown_root(mm) (__pa((mm)->pgd) | (unsigned long)mm_asid(mm) << 48)

#define _PAGE_DEFAULT (PTE_TYPE_PAGE | PTE_AF | PTE_SHARED)
/* Shared and writable pages begin clean: PTE_RDONLY and PTE_WRITE. */
#define _PAGE_SHARED \
	(_PAGE_DEFAULT | PTE_USER | PTE_RDONLY | PTE_NG | PTE_PXN | PTE_UXN | PTE_WRITE)
#define _PAGE_READONLY (_PAGE_DEFAULT | PTE_USER | PTE_RDONLY | PTE_NG | PTE_PXN | PTE_UXN)
#define PAGE_SHARED __pgprot(_PAGE_SHARED)
#define PAGE_READONLY __pgprot(_PAGE_READONLY)
#define PAGE_NONE __pgprot((_PAGE_DEFAULT & ~PTE_VALID) | PTE_PRESENT_INVALID | \
			   PTE_RDONLY | PTE_PXN | PTE_UXN)
#define PAGE_KERNEL __pgprot(_PAGE_DEFAULT | PTE_PXN | PTE_UXN | PTE_WRITE | PTE_DIRTY)

#endif
