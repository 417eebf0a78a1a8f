// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_GENERIC_ASID_H
#define _ASM_GENERIC_ASID_H

/*
 * Each mm has an address-space number of its own, as if the allocator had
 * never run out of them. Which number it is, nobody asks: here it is made from
 * the frame of the root table.
 */
#define mm_asid(mm) ((unsigned int)(PHYS_PFN(__pa((mm)->pgd)) % 0xfff1))

#endif
