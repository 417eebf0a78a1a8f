// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_MMU_CONTEXT_H
#define _ASM_X86_MMU_CONTEXT_H

#include <asm/paravirt.h>
#include <asm/tlbflush.h>

extern u64 last_mm_ctx_id;

static inline u16 mm_global_asid(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return READ_ONCE(mm->context.global_asid);
#else
	(void)mm;
	return 0;
#endif
}

/* Departs: the kernel takes the next that is free. */
static inline u16 own_global_asid(struct mm_struct *mm)
{
	return (u16)(TLB_NR_DYN_ASIDS + mm->context.ctx_id);
}

/* Before anybody else knows the mm. */
static inline void init_new_context(struct mm_struct *mm)
{
	mm->context.ctx_id = ++last_mm_ctx_id;
	mm->context.tlb_gen = (atomic64_t){ 0 };
	mm->context.next_trim_cpumask = jiffies + 250;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	/* As if it had been in use for long; a scenario may take it back. */
	mm->context.global_asid = scenario_platform == P_invlpgb ? own_global_asid(mm) : 0;
#endif
}

/* Only in setup(): the CPU has switched to the mm before anything began. */
static inline void boot_with_mm(unsigned int cpu, struct mm_struct *mm)
{
	struct tlb_state *state = &per_cpu(cpu_tlbstate, cpu);
	u16 asid = mm_global_asid(mm);

	state->loaded_mm = mm;
	state->loaded_mm_asid = asid;
	state->next_asid = 1;
	if (!asid)
		state->ctxs[0] = (struct tlb_context){ .ctx_id = mm->context.ctx_id };
	if (mm != &init_mm)
		cpumask_bits(mm_cpumask(mm))[0] |= 1UL << cpu;
}

#endif
