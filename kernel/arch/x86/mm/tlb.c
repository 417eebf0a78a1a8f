// SPDX-License-Identifier: Apache-2.0
/*
 * Who is flushed, and by whom. After arch/x86/mm/tlb.c, 6.12.117; what 6.15
 * and later have besides is under their versions. Departs: no page-table
 * isolation, no LAM, no tracing or counting, no mitigations at a switch.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/mmu_context.h>
#include <asm/paravirt.h>
#include <asm/tlb.h>
#include <asm/tlbbatch.h>
#include <asm/tlbflush.h>
#include <scenario/shootdown/remote-flush.h>

DEFINE_PER_CPU(struct tlb_state, cpu_tlbstate);
DEFINE_PER_CPU(struct tlb_state_shared, cpu_tlbstate_shared);
static DEFINE_PER_CPU(struct flush_tlb_info, flush_tlb_info);
#ifdef CONFIG_DEBUG_VM
static DEFINE_PER_CPU(unsigned int, flush_tlb_info_idx);
#endif

static u64 swapper_pg_dir[512] __aligned(4096);
struct mm_struct init_mm = {
	.pgd = (pgd_t *)swapper_pg_dir,
	.cpu_bitmap = { [BITS_TO_LONGS(CONFIG_NR_CPUS) - 1] = 0 },
};
u64 last_mm_ctx_id;
bool x86_feature_pcid;
unsigned long jiffies;

/* Above this many strides a full flush is the cheaper one. */
static const unsigned long tlb_single_page_flush_ceiling = 33;

/* -- switching ------------------------------------------------------------- */

static unsigned long build_cr3(pgd_t *pgd, u16 asid)
{
	/* PCID 0 stays the boot's. */
	return __pa(pgd) | (x86_feature_pcid ? asid + 1UL : 0);
}

static void load_new_mm_cr3(pgd_t *pgd, u16 asid, bool need_flush)
{
	unsigned long cr3 = build_cr3(pgd, asid);

#ifdef CONFIG_X86_64
	if (!need_flush)
		cr3 |= 1UL << 63;
#else
	(void)need_flush;
#endif
	native_write_cr3(cr3);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
static bool is_global_asid(u16 asid)
{
	return asid >= TLB_NR_DYN_ASIDS;
}

/* Asked of an mm that is loaded under an ASID of the CPU's own: it has got another one meanwhile. */
static bool mm_needs_global_asid(struct mm_struct *mm)
{
	return x86_feature_pcid && mm_global_asid(mm);
}
#endif

static void choose_new_asid(struct mm_struct *next, u64 next_tlb_gen, u16 *new_asid,
			    bool *need_flush)
{
	struct tlb_state *state = this_cpu_ptr(cpu_tlbstate);

	if (!x86_feature_pcid) {
		*new_asid = 0;
		*need_flush = true;
		return;
	}
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	{
		u16 global_asid = mm_global_asid(next);

		/* Flushed by broadcast while it was not loaded, too. */
		if (global_asid) {
			*new_asid = global_asid;
			*need_flush = false;
			return;
		}
	}
#endif
	for (u16 asid = 0; asid < TLB_NR_DYN_ASIDS; asid++) {
		if (state->ctxs[asid].ctx_id != next->context.ctx_id)
			continue;
		*new_asid = asid;
		*need_flush = state->ctxs[asid].tlb_gen < next_tlb_gen;
		return;
	}
	*new_asid = state->next_asid++;
	if (*new_asid >= TLB_NR_DYN_ASIDS) {
		*new_asid = 0;
		state->next_asid = 1;
	}
	*need_flush = true;
}

void switch_mm_irqs_off(struct mm_struct *unused, struct mm_struct *next, struct task_struct *tsk)
{
	struct tlb_state *state = this_cpu_ptr(cpu_tlbstate);
	struct mm_struct *prev = READ_ONCE(state->loaded_mm);
	u16 prev_asid = state->loaded_mm_asid;
	bool *is_lazy = &this_cpu_ptr(cpu_tlbstate_shared)->is_lazy;
	bool was_lazy = READ_ONCE(*is_lazy);
	unsigned int cpu = smp_processor_id();
	u64 next_tlb_gen;
	bool need_flush;
	u16 new_asid;

	(void)unused, (void)tsk;
	VM_WARN_ON_ONCE(!irqs_disabled());
	if (was_lazy)
		WRITE_ONCE(*is_lazy, false);

	if (prev == next) {
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
		/* What a broadcast flushes needs no looking after, lazy or not. */
		if (is_global_asid(prev_asid))
			return;
#endif
		VM_WARN_ON_ONCE(state->ctxs[prev_asid].ctx_id != next->context.ctx_id);
		/* A lazy CPU stays in the mask: flushers see that it is lazy. */
		if (WARN_ON_ONCE(prev != &init_mm && !cpumask_test_cpu(cpu, mm_cpumask(next))))
			cpumask_set_cpu(cpu, mm_cpumask(next));
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
		if (mm_needs_global_asid(next)) {
			next_tlb_gen = atomic64_read(&next->context.tlb_gen);
			choose_new_asid(next, next_tlb_gen, &new_asid, &need_flush);
			goto reload;
		}
#endif
		if (!was_lazy)
			return;
		/* Not lazy any more, then the generation: a flusher does it the other way round. */
		smp_mb();
		next_tlb_gen = atomic64_read(&next->context.tlb_gen);
		if (state->ctxs[prev_asid].tlb_gen == next_tlb_gen)
			return;
		new_asid = prev_asid;
		need_flush = true;
	} else {
		WRITE_ONCE(state->loaded_mm, LOADED_MM_SWITCHING);
		barrier();
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
		/* Since then a CPU leaves the mask when a flush finds it there in vain. */
		if (prev != &init_mm) {
			VM_WARN_ON_ONCE(!cpumask_test_cpu(cpu, mm_cpumask(prev)));
			cpumask_clear_cpu(cpu, mm_cpumask(prev));
		}
#endif
		/* From here on flushes come; then the generation that the new root is at least as new as. */
		if (next != &init_mm && !cpumask_test_cpu(cpu, mm_cpumask(next)))
			cpumask_set_cpu(cpu, mm_cpumask(next));
		else
			smp_mb();
		next_tlb_gen = atomic64_read(&next->context.tlb_gen);
		choose_new_asid(next, next_tlb_gen, &new_asid, &need_flush);
	}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
reload:
	if (!is_global_asid(new_asid))
#endif
	if (need_flush) {
		state->ctxs[new_asid].ctx_id = next->context.ctx_id;
		state->ctxs[new_asid].tlb_gen = next_tlb_gen;
	}
	load_new_mm_cr3(next->pgd, new_asid, need_flush);
	/* CR3 first: a flush that finds the mm loaded must find its entries as well. */
	barrier();
	WRITE_ONCE(state->loaded_mm, next);
	state->loaded_mm_asid = new_asid;
}

void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk)
{
	unsigned long flags;

	local_irq_save(flags);
	switch_mm_irqs_off(prev, next, tsk);
	local_irq_restore(flags);
}

/* A task without an mm runs next: keep what is loaded, and do without flushes of it. */
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk)
{
	(void)mm, (void)tsk;
	if (READ_ONCE(this_cpu_ptr(cpu_tlbstate)->loaded_mm) == &init_mm)
		return;
	WRITE_ONCE(this_cpu_ptr(cpu_tlbstate_shared)->is_lazy, true);
}

/* Lets go of an mm that is loaded and not used. */
void leave_mm(void)
{
	if (READ_ONCE(this_cpu_ptr(cpu_tlbstate)->loaded_mm) == &init_mm)
		return;
	WARN_ON(!READ_ONCE(this_cpu_ptr(cpu_tlbstate_shared)->is_lazy));
	switch_mm(NULL, &init_mm, NULL);
}

/* -- a CPU's part of a flush ------------------------------------------------- */

/* pv_ops.mmu.flush_tlb_user, .flush_tlb_one_user */
static void flush_tlb_local(void)
{
	if (scenario_platform == P_xen)
		xen_flush_tlb();
	else
		native_flush_tlb_local();
}

static void flush_tlb_one_user(unsigned long addr)
{
	if (scenario_platform == P_xen)
		xen_flush_tlb_one_user(addr);
	else
		native_flush_tlb_one_user(addr);
}

/* Interrupts off; in the interrupt, or by the flusher itself. */
void flush_tlb_func(void *info)
{
	const struct flush_tlb_info *f = info;
	struct tlb_state *state = this_cpu_ptr(cpu_tlbstate);
	struct mm_struct *loaded_mm = READ_ONCE(state->loaded_mm);
	u16 loaded_mm_asid = state->loaded_mm_asid;
	u64 local_tlb_gen, mm_tlb_gen;

	VM_WARN_ON_ONCE(!irqs_disabled());
	if (smp_processor_id() != f->initiating_cpu && f->mm && f->mm != loaded_mm) {
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
		cpumask_clear_cpu(smp_processor_id(), mm_cpumask(f->mm));
#endif
		return;
	}
	if (unlikely(loaded_mm == &init_mm))
		return;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	if (!is_global_asid(loaded_mm_asid) && mm_needs_global_asid(loaded_mm)) {
		/* It stays loaded meanwhile: finish_asid_transition() must not take this CPU for done. */
		switch_mm_irqs_off(NULL, loaded_mm, NULL);
		return;
	}
	if (is_global_asid(loaded_mm_asid))
		return;
#endif
	local_tlb_gen = state->ctxs[loaded_mm_asid].tlb_gen;
	VM_WARN_ON_ONCE(state->ctxs[loaded_mm_asid].ctx_id != loaded_mm->context.ctx_id);

	/* A walker that fetches ahead must not enter what is about to be freed. */
	if (READ_ONCE(this_cpu_ptr(cpu_tlbstate_shared)->is_lazy)) {
		switch_mm_irqs_off(NULL, &init_mm, NULL);
		return;
	}
	/* Another flush has done it. So the interrupt may find no work: that it came is what counts. */
	if (unlikely(f->new_tlb_gen != TLB_GENERATION_INVALID && f->new_tlb_gen <= local_tlb_gen))
		return;
	mm_tlb_gen = atomic64_read(&loaded_mm->context.tlb_gen);
	if (unlikely(local_tlb_gen == mm_tlb_gen))
		return;
	WARN_ON_ONCE(local_tlb_gen > mm_tlb_gen);
	WARN_ON_ONCE(f->new_tlb_gen > mm_tlb_gen);

	/* A part will do only if nothing came between what is done and what is asked for. */
	if (f->end != TLB_FLUSH_ALL && f->new_tlb_gen == local_tlb_gen + 1 &&
	    f->new_tlb_gen == mm_tlb_gen) {
		for (unsigned long at = f->start; at < f->end; at += 1UL << f->stride_shift)
			flush_tlb_one_user(at);
	} else {
		flush_tlb_local();
	}
	state->ctxs[loaded_mm_asid].tlb_gen = mm_tlb_gen;
}

/* -- whom to interrupt -------------------------------------------------------- */

static bool should_flush_tlb(int cpu, void *data)
{
	struct flush_tlb_info *info = data;
	struct mm_struct *loaded_mm = READ_ONCE(per_cpu(cpu_tlbstate, cpu).loaded_mm);

	/* is_lazy as new as loaded_mm, or newer: switch_mm_irqs_off() writes it first. */
	smp_rmb();
	/* It looks at the generation before it uses the mm again. */
	if (READ_ONCE(per_cpu(cpu_tlbstate_shared, cpu).is_lazy))
		return false;
	if (!info->mm)
		return true;
	if (loaded_mm == LOADED_MM_SWITCHING || loaded_mm == info->mm)
		return true;
	return info->trim_cpumask;
}

static bool should_trim_cpumask(struct mm_struct *mm)
{
	if ((long)(READ_ONCE(mm->context.next_trim_cpumask) - jiffies) >= 0)
		return false;
	WRITE_ONCE(mm->context.next_trim_cpumask, jiffies + 250);
	return true;
}

static bool mm_in_asid_transition(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return mm && READ_ONCE(mm->context.asid_transition);
#else
	(void)mm;
	return false;
#endif
}

void native_flush_tlb_multi(const struct cpumask *cpumask, const struct flush_tlb_info *info)
{
	/* Where tables go, lazy CPUs hear of it too: their walkers may be on the way. */
	if (info->freed_tables || mm_in_asid_transition(info->mm))
		on_each_cpu_mask(cpumask, flush_tlb_func, (void *)info, true);
	else
		on_each_cpu_cond_mask(should_flush_tlb, flush_tlb_func, (void *)info, true, cpumask);
	if (info->tlb && info->freed_tables)
		info->tlb->tlb_flush_sent_ipi = true;
}

void flush_tlb_multi(const struct cpumask *cpumask, const struct flush_tlb_info *info)
{
	/* pv_ops.mmu.flush_tlb_multi */
	switch (scenario_platform) {
	case P_kvm:
		kvm_flush_tlb_multi(cpumask, info);
		break;
	case P_hyperv:
		hyperv_flush_tlb_multi(cpumask, info);
		break;
	case P_xen:
		xen_flush_tlb_multi(cpumask, info);
		break;
	default:
		native_flush_tlb_multi(cpumask, info);
	}
}

static struct flush_tlb_info *get_flush_tlb_info(struct mm_struct *mm, unsigned long start,
						 unsigned long end, unsigned int stride_shift,
						 bool freed_tables, u64 new_tlb_gen)
{
	struct flush_tlb_info *info = this_cpu_ptr(flush_tlb_info);

#ifdef CONFIG_DEBUG_VM
	/* One flush at a time: none is begun by an interrupt. */
	BUG_ON(++*this_cpu_ptr(flush_tlb_info_idx) != 1);
#endif
	info->start = start;
	info->end = end;
	info->mm = mm;
	info->stride_shift = stride_shift;
	info->freed_tables = freed_tables;
	info->new_tlb_gen = new_tlb_gen;
	info->initiating_cpu = smp_processor_id();
	info->trim_cpumask = 0;
	info->tlb = NULL;
	return info;
}

static void put_flush_tlb_info(void)
{
#ifdef CONFIG_DEBUG_VM
	--*this_cpu_ptr(flush_tlb_info_idx);
#endif
}

static void flush_tlb_here(struct flush_tlb_info *info)
{
	lockdep_assert_irqs_enabled();
	local_irq_disable();
	flush_tlb_func(info);
	local_irq_enable();
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#include "invlpgb.c"
#else
static bool broadcast_tlb_flush(struct flush_tlb_info *info) { (void)info; return false; }
static void invlpgb_flush_all_nonglobals(void) { }
static void consider_global_asid(struct mm_struct *mm) { (void)mm; }
#endif

/*
 * flush_tlb_mm_range(), and for v3 of the series a gather that learns whether
 * IPIs were sent, or were not needed as nobody else was in the mask.
 */
void __flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned int stride_shift, bool freed_tables, struct mmu_gather *tlb)
{
	struct flush_tlb_info *info;
	u64 new_tlb_gen;
	unsigned int cpu = get_cpu();

	if (end == TLB_FLUSH_ALL ||
	    (end - start) >> stride_shift > tlb_single_page_flush_ceiling) {
		start = 0;
		end = TLB_FLUSH_ALL;
	}
	new_tlb_gen = inc_mm_tlb_gen(mm);
	info = get_flush_tlb_info(mm, start, end, stride_shift, freed_tables, new_tlb_gen);
	info->tlb = tlb;

	if (broadcast_tlb_flush(info)) {
		/* Nobody was interrupted. */
	} else if (cpumask_any_but(mm_cpumask(mm), cpu) < nr_cpu_ids) {
		info->trim_cpumask = should_trim_cpumask(mm);
		flush_tlb_multi(mm_cpumask(mm), info);
		consider_global_asid(mm);
	} else if (mm == READ_ONCE(this_cpu_ptr(cpu_tlbstate)->loaded_mm)) {
		flush_tlb_here(info);
		if (tlb && freed_tables)
			tlb->tlb_flush_sent_ipi = true;
	}
	put_flush_tlb_info();
	put_cpu();
	mmu_notifier_arch_invalidate_secondary_tlbs(mm, start, end);
}

/* Interrupts on; a spinlock may be held. */
void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int stride_shift, bool freed_tables)
{
	__flush_tlb_mm_range(mm, start, end, stride_shift, freed_tables, NULL);
}

static void do_flush_tlb_all(void *info)
{
	(void)info;
	native_flush_tlb_global();
}

void flush_tlb_all(void)
{
	on_each_cpu(do_flush_tlb_all, NULL, 1);
}

/* -- put off ------------------------------------------------------------------ */

void arch_tlbbatch_add_pending(struct arch_tlbflush_unmap_batch *batch, struct mm_struct *mm,
			       unsigned long uaddr)
{
	(void)uaddr;
	inc_mm_tlb_gen(mm);
	batch->cpumask.bits[0] |= READ_ONCE(mm_cpumask(mm)->bits[0]);
}

void arch_tlbbatch_flush(struct arch_tlbflush_unmap_batch *batch)
{
	struct flush_tlb_info *info;
	unsigned int cpu = get_cpu();

	info = get_flush_tlb_info(NULL, 0, TLB_FLUSH_ALL, 0, false, TLB_GENERATION_INVALID);
	/* An interrupt does nothing for an mm with a global ASID. */
	if (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0) && scenario_platform == P_invlpgb)
		invlpgb_flush_all_nonglobals();
	else if (cpumask_any_but(&batch->cpumask, cpu) < nr_cpu_ids)
		flush_tlb_multi(&batch->cpumask, info);
	else if (cpumask_test_cpu(cpu, &batch->cpumask))
		flush_tlb_here(info);
	batch->cpumask.bits[0] = 0;
	put_flush_tlb_info();
	put_cpu();
}
