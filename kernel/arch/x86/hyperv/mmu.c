// SPDX-License-Identifier: Apache-2.0
/* A guest of Hyper-V: flushes by hypercall. After arch/x86/hyperv/mmu.c, 6.12. */
#include <linux/smp.h>
#include <asm/tlbflush.h>

/* A scenario sets it: the hypercall is refused, or there is no page for its input. */
bool hyperv_hypercall_fails;

static bool cpu_is_lazy(int cpu)
{
	return READ_ONCE(per_cpu(cpu_tlbstate_shared, cpu).is_lazy);
}

/* HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE: done when it returns; no guest code has run for it. */
static bool hv_flush(unsigned long vcpus)
{
	if (hyperv_hypercall_fails)
		return false;
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (vcpus & (1UL << cpu))
			shootdown_remote_flush(cpu);
	return true;
}

void hyperv_flush_tlb_multi(const struct cpumask *cpus, const struct flush_tlb_info *info)
{
	bool do_lazy = !info->freed_tables;
	unsigned long flags, vcpus = 0;
	unsigned int cpu;
	bool done;

	local_irq_save(flags);
	for_each_cpu(cpu, cpus) {
		if (do_lazy && cpu_is_lazy(cpu))
			continue;
		vcpus |= 1UL << cpu;
	}
	done = !vcpus || hv_flush(vcpus);
	local_irq_restore(flags);
	if (!done)
		native_flush_tlb_multi(cpus, info);
}
