// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_IRQFLAGS_H
#define _ASM_X86_IRQFLAGS_H

#include <linux/types.h>

#define X86_EFLAGS_IF 0x200UL

/* The CPU's own flag: machine state, not memory. */
unsigned long arch_local_save_flags(void);
void arch_local_irq_disable(void);
void arch_local_irq_enable(void);

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_EFLAGS_IF);
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	arch_local_irq_disable();
	return flags;
}

static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	if (!arch_irqs_disabled_flags(flags))
		arch_local_irq_enable();
}

#endif
