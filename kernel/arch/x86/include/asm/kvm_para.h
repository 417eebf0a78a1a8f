// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_KVM_PARA_H
#define _ASM_X86_KVM_PARA_H

#include <linux/percpu.h>

/* Shared with the host: what it did with this vCPU, and what it is asked to do. */
struct kvm_steal_time {
	u64 steal;
	u8 preempted;
};
#define KVM_VCPU_PREEMPTED (1 << 0)
#define KVM_VCPU_FLUSH_TLB (1 << 1)
DECLARE_PER_CPU(struct kvm_steal_time, steal_time);

/* Whether the vCPU is off its CPU: a choice, while the scenario's budget lasts. */
int shootdown_preempted(int cpu);

#endif
