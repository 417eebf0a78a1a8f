// SPDX-License-Identifier: Apache-2.0
/*
 * A paravirtual guest of Xen: flushes by multicall. After
 * arch/x86/xen/mmu_pv.c, 6.12. Left out: that entries are written by the
 * hypervisor as well.
 */
#include <linux/preempt.h>
#include <linux/smp.h>
#include <asm/tlbflush.h>

/* A call of a multicall: MMUEXT_INVLPG_MULTI of one page, or MMUEXT_TLB_FLUSH_MULTI. */
struct xen_flush {
	unsigned long vcpus;
	/* TLB_FLUSH_ALL for all. */
	unsigned long page;
};

/* So many, and the multicall is issued whoever waits. */
#define MC_BATCH 32
static DEFINE_PER_CPU(struct xen_flush, xen_mc[MC_BATCH]);
static DEFINE_PER_CPU(unsigned int, xen_mc_count);

/* While a task is in lazy MMU mode, multicalls wait until it leaves. */
static DEFINE_PER_CPU(bool, xen_lazy_mmu);

/* Done when it is issued; no guest code has run for it. */
static void xen_mc_flush(void)
{
	unsigned int *count = this_cpu_ptr(xen_mc_count);

	for (unsigned int i = 0; i < *count; i++) {
		struct xen_flush *call = &(*this_cpu_ptr(xen_mc))[i];

		for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
			if (!(call->vcpus & (1UL << cpu)))
				continue;
			if (call->page == TLB_FLUSH_ALL)
				shootdown_remote_flush(cpu);
			else
				shootdown_remote_flush_page(cpu, call->page);
		}
		/* Nothing is left of it that tells one state from another. */
		*call = (struct xen_flush){ .vcpus = 0 };
	}
	*count = 0;
}

static void xen_mc_entry(unsigned long vcpus, unsigned long page)
{
	unsigned int *count = this_cpu_ptr(xen_mc_count);

	if (*count == MC_BATCH)
		xen_mc_flush();
	(*this_cpu_ptr(xen_mc))[(*count)++] = (struct xen_flush){ vcpus, page };
}

static void xen_mc_issue(void)
{
	if (!*this_cpu_ptr(xen_lazy_mmu))
		xen_mc_flush();
}

void xen_flush_tlb_multi(const struct cpumask *cpus, const struct flush_tlb_info *info)
{
	unsigned long vcpus = READ_ONCE(cpus->bits[0]);
	bool is_page = info->end != TLB_FLUSH_ALL && info->end - info->start <= PAGE_SIZE;

	preempt_disable();
	xen_mc_entry(vcpus, is_page ? info->start : TLB_FLUSH_ALL);
	xen_mc_issue();
	preempt_enable();
}

/* MMUEXT_TLB_FLUSH_LOCAL, MMUEXT_INVLPG_LOCAL. */
static void xen_flush_here(unsigned long page)
{
	preempt_disable();
	xen_mc_entry(1UL << smp_processor_id(), page);
	xen_mc_issue();
	preempt_enable();
}

void xen_flush_tlb(void)
{
	xen_flush_here(TLB_FLUSH_ALL);
}

void xen_flush_tlb_one_user(unsigned long addr)
{
	xen_flush_here(addr);
}

void xen_enter_lazy_mmu(void)
{
	*this_cpu_ptr(xen_lazy_mmu) = true;
}

void xen_leave_lazy_mmu(void)
{
	preempt_disable();
	xen_mc_flush();
	*this_cpu_ptr(xen_lazy_mmu) = false;
	preempt_enable();
}
