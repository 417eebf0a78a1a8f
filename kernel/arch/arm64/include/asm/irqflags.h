// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_ARM64_IRQFLAGS_H
#define _ASM_ARM64_IRQFLAGS_H

#include <linux/types.h>

/* Of DAIF: set while interrupts are masked. */
#define PSR_I_BIT 0x80UL

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return flags & PSR_I_BIT;
}

#include <asm-generic/irqflags.h>

#endif
