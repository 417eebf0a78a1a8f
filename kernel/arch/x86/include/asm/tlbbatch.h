// SPDX-License-Identifier: Apache-2.0
/* Flushes put off, to be made for many pages at once. */
#ifndef _ASM_X86_TLBBATCH_H
#define _ASM_X86_TLBBATCH_H

#include <linux/bug.h>
#include <linux/mm_types.h>
#include <linux/preempt.h>
#include <linux/percpu.h>
#include <asm/tlbflush.h>

struct arch_tlbflush_unmap_batch {
	struct mm_struct *mm;
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

/* Departs: of one mm; the CPUs told are those that run it when the flush is made. */
static inline void arch_tlbbatch_add_pending(struct arch_tlbflush_unmap_batch *batch,
					     struct mm_struct *mm, unsigned long uaddr)
{
	(void)uaddr;
	WARN_ON_ONCE(batch->mm && batch->mm != mm);
	batch->mm = mm;
}

static inline void arch_tlbbatch_flush(struct arch_tlbflush_unmap_batch *batch)
{
	flush_tlb_mm_range(batch->mm, 0, TLB_FLUSH_ALL, 0, false);
	batch->mm = NULL;
}

#endif
