// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_S390_IRQFLAGS_H
#define _ASM_S390_IRQFLAGS_H

#include <linux/types.h>

/* I/O and external interrupts in the system mask, the first byte of what is saved. */
#define ARCH_IRQ_ENABLED (3UL << (BITS_PER_LONG - 8))

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & ARCH_IRQ_ENABLED);
}

#include <asm-generic/irqflags.h>

#endif
