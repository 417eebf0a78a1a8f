// SPDX-License-Identifier: Apache-2.0
/*
 * Four levels of 512 entries of 8 bytes, pages of 4 KiB: 48 bits of address.
 * The fifth level, where the CPU has one, is decided at boot and is off here.
 */
#ifndef _PGTABLE_4LEVEL_H
#define _PGTABLE_4LEVEL_H

#define PGDIR_SHIFT 39
#define PTRS_PER_PGD 512
#define PUD_SHIFT 30
#define PTRS_PER_PUD 512
#define PMD_SHIFT 21
#define PTRS_PER_PMD 512
#define PTRS_PER_PTE 512

#include <asm-generic/pgtable-nop4d.h>

typedef struct { pudval_t pud; } pud_t;

#define pud_val(x) ((x).pud)
#define __pud(x) ((pud_t){ (x) })

#endif
