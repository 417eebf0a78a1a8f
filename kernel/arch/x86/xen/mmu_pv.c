// SPDX-License-Identifier: Apache-2.0
/*
 * A paravirtual guest of Xen: flushes by multicall. After
 * arch/x86/xen/mmu_pv.c, 6.12. Left out: that entries are written by the
 * hypervisor as well.
 */
#include <linux/preempt.h>
#include <linux/smp.h>
#include <asm/tlbflush.h>

/* While a task is in lazy MMU mode, multicalls wait until it leaves. */
static DEFINE_PER_CPU(bool, xen_lazy_mmu);
static DEFINE_PER_CPU(unsigned long, xen_mc_vcpus);

static void xen_mc_flush(void)
{
	unsigned long *vcpus = this_cpu_ptr(xen_mc_vcpus);

	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (*vcpus & (1UL << cpu))
			shootdown_remote_flush(cpu);
	*vcpus = 0;
}

static void xen_mc_issue(void)
{
	if (!*this_cpu_ptr(xen_lazy_mmu))
		xen_mc_flush();
}

/* MMUEXT_TLB_FLUSH_MULTI: done when it is issued; no guest code has run for it. */
void xen_flush_tlb_multi(const struct cpumask *cpus, const struct flush_tlb_info *info)
{
	(void)info;
	preempt_disable();
	*this_cpu_ptr(xen_mc_vcpus) |= READ_ONCE(cpus->bits[0]);
	xen_mc_issue();
	preempt_enable();
}

void xen_enter_lazy_mmu(void);
void xen_enter_lazy_mmu(void)
{
	*this_cpu_ptr(xen_lazy_mmu) = true;
}

void xen_leave_lazy_mmu(void);
void xen_leave_lazy_mmu(void)
{
	preempt_disable();
	xen_mc_flush();
	*this_cpu_ptr(xen_lazy_mmu) = false;
	preempt_enable();
}
