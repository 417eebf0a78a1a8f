// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_ARM64_BARRIER_H
#define _ASM_ARM64_BARRIER_H

#include <asm-generic/barrier.h>

/*
 * dsb(ish) also waits for TLB invalidations: what it waits for is hardware. An
 * isb is of use to the instructions of its own CPU only.
 */
#define dsb(domain) smp_mb()
#define isb() barrier()

#endif
