// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_IRQFLAGS_H
#define _ASM_RISCV_IRQFLAGS_H

#include <linux/types.h>

/* Of sstatus: set while interrupts are on. */
#define SR_IE 0x2UL

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & SR_IE);
}

#include <asm-generic/irqflags.h>

#endif
