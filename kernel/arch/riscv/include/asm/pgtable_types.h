// SPDX-License-Identifier: Apache-2.0
/*
 * Entries of Sv48. Source: The RISC-V Instruction Set Manual, volume II,
 * Sv39 and Sv48; the software bits are the kernel's, asm/pgtable-bits.h (6.12).
 */
#ifndef _ASM_RISCV_PGTABLE_TYPES_H
#define _ASM_RISCV_PGTABLE_TYPES_H

#include <asm/page.h>
#include <asm-generic/asid.h>
#include <asm-generic/pgtable-types.h>

#define _PAGE_PRESENT ((pteval_t)1 << 0)
#define _PAGE_READ ((pteval_t)1 << 1)
#define _PAGE_WRITE ((pteval_t)1 << 2)
#define _PAGE_EXEC ((pteval_t)1 << 3)
#define _PAGE_USER ((pteval_t)1 << 4)
#define _PAGE_GLOBAL ((pteval_t)1 << 5)
#define _PAGE_ACCESSED ((pteval_t)1 << 6)
#define _PAGE_DIRTY ((pteval_t)1 << 7)
#define _PAGE_SPECIAL ((pteval_t)1 << 8)
/* Where none of these is set the entry points to a table. */
#define _PAGE_LEAF (_PAGE_READ | _PAGE_WRITE | _PAGE_EXEC)
#define _PAGE_TABLE _PAGE_PRESENT
/* Has this meaning only while the present bit is clear. */
#define _PAGE_PROT_NONE _PAGE_GLOBAL

#define _PAGE_PFN_SHIFT 10
#define _PAGE_PFN_MASK ((((pteval_t)1 << 44) - 1) << _PAGE_PFN_SHIFT)

/* satp: the mode, the ASID, the frame of the root table. */
#define SATP_MODE_48 (9UL << 60)
#define shootdown_root(mm) \
	(SATP_MODE_48 | (unsigned long)mm_asid(mm) << 44 | PHYS_PFN(__pa((mm)->pgd)))

#define _PAGE_BASE (_PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_USER)
#define PAGE_NONE __pgprot(_PAGE_PROT_NONE | _PAGE_READ)
#define PAGE_READ __pgprot(_PAGE_BASE | _PAGE_READ)
#define PAGE_WRITE __pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_WRITE)
#define PAGE_SHARED PAGE_WRITE
/* The kernel's tables of protections name it PAGE_READ here. */
#define PAGE_READONLY PAGE_READ
#define PAGE_KERNEL __pgprot(_PAGE_READ | _PAGE_WRITE | _PAGE_PRESENT | _PAGE_ACCESSED | \
			     _PAGE_DIRTY | _PAGE_GLOBAL)

#endif
