// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_TLBFLUSH_H
#define _ASM_X86_TLBFLUSH_H

#include <linux/atomic.h>
#include <linux/mm_types.h>
#include <linux/percpu.h>

#define TLB_FLUSH_ALL (-1UL)
#define TLB_GENERATION_INVALID 0

struct mmu_gather;
struct task_struct;

/* ASIDs of this CPU's own, from 0 on; an ASID's PCID is one more. */
#define TLB_NR_DYN_ASIDS 6
/* Those that mean the same mm on every CPU come after them. */
#define MAX_ASID_AVAILABLE 2048

struct tlb_context {
	u64 ctx_id;
	u64 tlb_gen;
};

/* What the CPU has loaded. Its own but for loaded_mm and the ASID, which flushers look at. */
struct tlb_state {
	struct mm_struct *loaded_mm;
	u16 loaded_mm_asid;
	u16 next_asid;
	struct tlb_context ctxs[TLB_NR_DYN_ASIDS];
};
/* CR3 and loaded_mm may differ: whoever flushes has to assume either. */
#define LOADED_MM_SWITCHING ((struct mm_struct *)1UL)
DECLARE_PER_CPU(struct tlb_state, cpu_tlbstate);

struct tlb_state_shared {
	bool is_lazy;
};
DECLARE_PER_CPU(struct tlb_state_shared, cpu_tlbstate_shared);

struct flush_tlb_info {
	struct mm_struct *mm;
	unsigned long start;
	unsigned long end;
	u64 new_tlb_gen;
	unsigned int initiating_cpu;
	u8 stride_shift;
	u8 freed_tables;
	u8 trim_cpumask;
	/* v3 of the series of January 2026: who wants to know whether IPIs were sent; or NULL. */
	struct mmu_gather *tlb;
};

extern struct mm_struct init_mm;
/* Process-context identifiers: entries survive a switch of mm. Off unless setup() turns it on. */
extern bool x86_feature_pcid;
/* Hyper-V refuses to flush: the guest falls back to IPIs. */
extern bool hyperv_hypercall_fails;
/* What has been counted so far; setup() may set it, to make trimming due. */
extern unsigned long jiffies;

void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int stride_shift, bool freed_tables);
void flush_tlb_multi(const struct cpumask *cpumask, const struct flush_tlb_info *info);
void native_flush_tlb_multi(const struct cpumask *cpumask, const struct flush_tlb_info *info);
void kvm_flush_tlb_multi(const struct cpumask *cpumask, const struct flush_tlb_info *info);
void hyperv_flush_tlb_multi(const struct cpumask *cpumask, const struct flush_tlb_info *info);
void xen_flush_tlb_multi(const struct cpumask *cpumask, const struct flush_tlb_info *info);
/* This CPU's TLB, as xen_flush_tlb_multi() put off while its task is in lazy MMU mode. */
void xen_flush_tlb(void);
void xen_flush_tlb_one_user(unsigned long addr);
void flush_tlb_func(void *info);
void flush_tlb_all(void);

void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk);
void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk);
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk);
void leave_mm(void);

/* Says that tables may have gone, so lazy CPUs are told too. */
#define flush_tlb_range(vma, start, end) \
	flush_tlb_mm_range((vma)->vm_mm, start, end, PAGE_SHIFT, true)
#define flush_tlb_page(vma, address) \
	flush_tlb_mm_range((vma)->vm_mm, address, (address) + PAGE_SIZE, PAGE_SHIFT, false)
#define flush_tlb_mm(mm) flush_tlb_mm_range(mm, 0UL, TLB_FLUSH_ALL, 0UL, true)

/* The locked addition orders the changed entries before the look at who is to be flushed. */
static inline u64 inc_mm_tlb_gen(struct mm_struct *mm)
{
	return atomic64_inc_return(&mm->context.tlb_gen);
}

/* The instructions: this CPU's TLB alone. */
void native_flush_tlb_local(void);
void native_flush_tlb_global(void);
void native_flush_tlb_one_user(unsigned long addr);
void native_write_cr3(unsigned long cr3);
/* Another CPU's, without its doing anything: by the hypervisor, by INVLPGB. */
void shootdown_remote_flush(int cpu);
void shootdown_remote_flush_page(int cpu, unsigned long address);

#endif
