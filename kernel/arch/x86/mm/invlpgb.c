// SPDX-License-Identifier: Apache-2.0
/*
 * Flushing by AMD's INVLPGB: the instruction reaches every CPU's TLB, TLBSYNC
 * waits until it has; no CPU is interrupted. Only for an mm whose ASID is the
 * same everywhere. Part of tlb.c; after arch/x86/mm/tlb.c, 6.18.
 */

/* More CPUs than this use an mm: it is worth a global ASID. */
unsigned int global_asid_threshold = 3;

/* Of the mm's PCID on every CPU, whatever that has loaded. */
static void invlpgb_flush(const struct flush_tlb_info *info)
{
	unsigned int pcid = x86_feature_pcid ? mm_global_asid(info->mm) + 1U : 0;

	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (info->end == TLB_FLUSH_ALL) {
			shootdown_remote_flush_range(cpu, pcid, 0, TLB_FLUSH_ALL,
						     SHOOTDOWN_UPPER_ALL);
			continue;
		}
		for (unsigned long at = info->start; at < info->end; at += 1UL << info->stride_shift)
			shootdown_remote_flush_range(cpu, pcid, at, at + PAGE_SIZE - 1,
						     SHOOTDOWN_UPPER_ALL);
	}
}

/* Of all PCIDs, for a batch that knows no mm. */
static void invlpgb_flush_all_nonglobals(void)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		shootdown_remote_flush(cpu);
}

/* Who still has the mm loaded under an ASID of its own is told by IPI. */
static void finish_asid_transition(struct flush_tlb_info *info)
{
	struct mm_struct *mm = info->mm;
	unsigned int cpu;

	if (!mm_in_asid_transition(mm))
		return;
	for_each_cpu(cpu, mm_cpumask(mm)) {
		/* Which of the two it will be is not known before it is. */
		while (READ_ONCE(per_cpu(cpu_tlbstate, cpu).loaded_mm) == LOADED_MM_SWITCHING)
			cpu_relax();
		if (READ_ONCE(per_cpu(cpu_tlbstate, cpu).loaded_mm) != mm)
			continue;
		if (READ_ONCE(per_cpu(cpu_tlbstate, cpu).loaded_mm_asid) != mm_global_asid(mm)) {
			flush_tlb_multi(mm_cpumask(mm), info);
			return;
		}
	}
	WRITE_ONCE(mm->context.asid_transition, false);
}

static bool broadcast_tlb_flush(struct flush_tlb_info *info)
{
	if (!mm_global_asid(info->mm))
		return false;
	invlpgb_flush(info);
	finish_asid_transition(info);
	return true;
}

static void consider_global_asid(struct mm_struct *mm)
{
	unsigned int cpu, active = 0;

	if (scenario_platform != P_invlpgb || mm_global_asid(mm))
		return;
	for_each_cpu(cpu, mm_cpumask(mm))
		if (READ_ONCE(per_cpu(cpu_tlbstate, cpu).loaded_mm) == mm)
			active++;
	if (active <= global_asid_threshold)
		return;
	/* global_asid_lock: whoever comes second here writes the same. */
	WRITE_ONCE(mm->context.asid_transition, true);
	smp_wmb();
	WRITE_ONCE(mm->context.global_asid, own_global_asid(mm));
}
