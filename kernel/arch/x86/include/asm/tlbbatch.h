// SPDX-License-Identifier: Apache-2.0
/* Flushes put off, to be made for many pages at once. */
#ifndef _ASM_X86_TLBBATCH_H
#define _ASM_X86_TLBBATCH_H

#include <linux/mm_types.h>
#include <linux/preempt.h>
#include <linux/percpu.h>
#include <asm/tlbflush.h>

/* The CPUs that may still use what was unmapped, of whatever mms. */
struct arch_tlbflush_unmap_batch {
	struct cpumask cpumask;
};

/* What a task has unmapped and not flushed for. */
struct tlbflush_unmap_batch {
	struct arch_tlbflush_unmap_batch arch;
	bool flush_required;
};

/* Only if another CPU has to be told. */
static inline bool arch_tlbbatch_should_defer(struct mm_struct *mm)
{
	bool others;

	preempt_disable();
	others = (READ_ONCE(cpumask_bits(mm_cpumask(mm))[0]) & ~BIT(shootdown_cpu())) != 0;
	preempt_enable();
	return others;
}

void arch_tlbbatch_add_pending(struct arch_tlbflush_unmap_batch *batch, struct mm_struct *mm,
			       unsigned long uaddr);
void arch_tlbbatch_flush(struct arch_tlbflush_unmap_batch *batch);

#endif
