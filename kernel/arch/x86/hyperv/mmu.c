// SPDX-License-Identifier: Apache-2.0
/* A guest of Hyper-V: flushes by hypercall. After arch/x86/hyperv/mmu.c, 6.12. */
#include <linux/smp.h>
#include <asm/tlbflush.h>
#include <scenario/shootdown/remote-flush.h>

/* What one item of a list covers, and how many items the page for a hypercall's input has room for. */
#define HV_TLB_FLUSH_UNIT (4096UL * PAGE_SIZE)
#define HV_MAX_GVAS 509

/* A scenario sets it: the hypercall is refused, or there is no page for its input. */
bool hyperv_hypercall_fails;

static bool cpu_is_lazy(int cpu)
{
	return READ_ONCE(per_cpu(cpu_tlbstate_shared, cpu).is_lazy);
}

/*
 * HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST, or _SPACE where the range is the whole or too long for a list:
 * done when it returns; no guest code has run for it. A list names an address space, not
 * what CPUs have loaded, so it reaches what a switch of mm has kept, and what leads to its
 * pages, on which Linux relies where it frees tables; no other entry that leads to a table.
 */
static bool hv_flush(unsigned long vcpus, const struct flush_tlb_info *info)
{
	bool all = info->end == TLB_FLUSH_ALL ||
		   (info->end - info->start) / HV_TLB_FLUSH_UNIT > HV_MAX_GVAS;

	if (hyperv_hypercall_fails)
		return false;
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (!(vcpus & (1UL << cpu)))
			continue;
		if (all)
			shootdown_remote_flush(cpu);
		else
			shootdown_remote_flush_range(cpu, SHOOTDOWN_ANY_ASID, info->start,
						     info->end - 1, SHOOTDOWN_UPPER_PATH);
	}
	return true;
}

void hyperv_flush_tlb_multi(const struct cpumask *cpus, const struct flush_tlb_info *info)
{
	bool do_lazy = !info->freed_tables;
	unsigned long flags, vcpus = 0;
	unsigned int cpu;
	bool done;

	local_irq_save(flags);
	/* HV_FLUSH_ALL_PROCESSORS is cheaper than a set, also where it holds lazy ones. */
	if (cpumask_equal(cpus, cpu_present_mask)) {
		vcpus = cpu_present_mask->bits[0];
	} else {
		for_each_cpu(cpu, cpus) {
			if (do_lazy && cpu_is_lazy(cpu))
				continue;
			vcpus |= 1UL << cpu;
		}
	}
	done = !vcpus || hv_flush(vcpus, info);
	local_irq_restore(flags);
	if (!done)
		native_flush_tlb_multi(cpus, info);
}
