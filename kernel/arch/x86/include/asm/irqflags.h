// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_IRQFLAGS_H
#define _ASM_X86_IRQFLAGS_H

#include <linux/types.h>

#define X86_EFLAGS_IF 0x200UL

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_EFLAGS_IF);
}

#include <asm-generic/irqflags.h>

#endif
