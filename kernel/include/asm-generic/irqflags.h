// SPDX-License-Identifier: Apache-2.0
/*
 * The CPU's own interrupt flag: machine state, not memory. What the saved
 * flags look like, arch_irqs_disabled_flags(), is the architecture's.
 */
#ifndef _ASM_GENERIC_IRQFLAGS_H
#define _ASM_GENERIC_IRQFLAGS_H

#include <linux/types.h>

unsigned long arch_local_save_flags(void);
void arch_local_irq_disable(void);
void arch_local_irq_enable(void);

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
