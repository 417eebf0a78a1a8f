// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_SPECIAL_INSNS_H
#define _ASM_X86_SPECIAL_INSNS_H

/* Loads page tables: the PCID in the low bits, bit 63 keeps what is cached for it. */
void native_write_cr3(unsigned long val);

#endif
