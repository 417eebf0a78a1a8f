// SPDX-License-Identifier: Apache-2.0
/* A guest of KVM. After arch/x86/kernel/kvm.c, 6.12. */
#include <linux/smp.h>
#include <asm/kvm_para.h>
#include <asm/tlbflush.h>

DEFINE_PER_CPU(struct kvm_steal_time, steal_time);
static DEFINE_PER_CPU(struct cpumask, __pv_cpu_mask);

/*
 * The byte is the host's to write, while the vCPU is off its CPU. What it
 * says is chosen when it is read, as often as the printed budget allows.
 */
static u8 read_preempted(int cpu)
{
	u8 state = READ_ONCE(per_cpu(steal_time, cpu).preempted);

	return state | (shootdown_preempted(cpu) ? KVM_VCPU_PREEMPTED : 0);
}

/*
 * A vCPU that is not running is flushed by the host before it runs again, and
 * gets no IPI: it may be in the middle of a walk with interrupts off. The
 * flush is done at once: the case in which it comes back at once, which can
 * see whatever one that comes back later can.
 */
void kvm_flush_tlb_multi(const struct cpumask *cpumask, const struct flush_tlb_info *info)
{
	struct cpumask *flushmask = this_cpu_ptr(__pv_cpu_mask);
	unsigned int cpu;

	flushmask->bits[0] = READ_ONCE(cpumask->bits[0]);
	for_each_cpu(cpu, flushmask) {
		if (cpu == smp_processor_id())
			continue;
		if (!(read_preempted(cpu) & KVM_VCPU_PREEMPTED))
			continue;
		/* preempted |= KVM_VCPU_FLUSH_TLB, and the host has seen it. */
		shootdown_remote_flush(cpu);
		flushmask->bits[0] &= ~(1UL << cpu);
	}
	native_flush_tlb_multi(flushmask, info);
}
