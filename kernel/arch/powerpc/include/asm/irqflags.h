// SPDX-License-Identifier: Apache-2.0
/* Interrupts are masked in software, by a byte of the CPU's own: here the flag itself. */
#ifndef _ASM_POWERPC_IRQFLAGS_H
#define _ASM_POWERPC_IRQFLAGS_H

#include <linux/types.h>

#define IRQS_DISABLED 1

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return flags & IRQS_DISABLED;
}

#include <asm-generic/irqflags.h>

#endif
