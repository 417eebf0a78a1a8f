// SPDX-License-Identifier: Apache-2.0
/*
 * CPU 2 of a scenario in which CPU 0 takes a table away that CPU 1 walks with
 * GUP-fast. It faults and installs another table; or, where the variant has
 * `+lazy` or `+no-freed-tables`, it is lazy, and its walker may fetch
 * translations ahead by tables that it still has loaded; or, with
 * `+secondary-mmu` or `+no-notifier`, it is a guest's. GUP-fast stays away from
 * the last two, which have a question of their own.
 */
#ifndef SHOOTDOWN_BYSTANDER_H
#define SHOOTDOWN_BYSTANDER_H

#include <linux/khugepaged.h>
#include <linux/mmap_lock.h>
#include <shootdown/current.h>
#include <shootdown/hardware.h>
#include <shootdown/secondary-mmu.h>

static int is_lazy_cpu(void)
{
	return variant_with(lazy) || variant_with(no_freed_tables);
}

static int is_guest(void)
{
	return variant_with(secondary_mmu) || variant_with(no_notifier);
}

/*
 * First in setup(): how walkers are waited for, and the mm. khugepaged does not use the mm whose tables it takes. Where
 * some CPU is not in the mask, Hyper-V is given a set, and lazy CPUs are left
 * out of it.
 */
static void make_mm_of_three(void)
{
	collapse_sync = variant_of(v3) ? COLLAPSE_SYNC_V3 :
			variant_of(v3_reply) ? COLLAPSE_SYNC_V3_REPLY :
			variant_of(sync_after_unlock) ? COLLAPSE_SYNC_AFTER_UNLOCK :
			variant_of(no_sync) ? COLLAPSE_SYNC_NONE : COLLAPSE_SYNC_MAINLINE;
	collapse_without_freed_tables = variant_with(no_freed_tables);
	collapse_without_notifier = variant_with(no_notifier);
	make_mm_on(is_lazy_cpu() ? BIT(1) | BIT(2) : BIT(0) | BIT(1) | BIT(2));
}

/* Last in setup(). `page`: what the table maps. */
static void make_bystander(struct page *page)
{
	run_with_mm(1, mm);
	if (is_guest()) {
		make_secondary_mmu();
		secondary_mmu_maps_readonly(page);
		run_with_mm(2, mm);
	}
	if (is_lazy_cpu()) {
#ifdef CONFIG_X86
		per_cpu(cpu_tlbstate_shared, 2).is_lazy = true;
#endif
		load_mm(2, mm);
	}
}

/* CPU 1. */
static void walk_by_gup_fast(void)
{
	struct page *page;

	if (!is_lazy_cpu() && !is_guest() && get_user_pages_fast_only(addr, 1, 0, &page) == 1)
		put_page(page);
}

/* CPU 2. */
static void stand_by(void)
{
	if (is_guest()) {
		secondary_mmu_read(secondary_mmu);
	} else if (!is_lazy_cpu()) {
		/* Faults hold it in every era; later ones nobody waits for there. */
		if (LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0))
			mmap_read_lock(mm);
		pte_alloc(mm, pmd);
		if (LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0))
			mmap_read_unlock(mm);
	}
}

#endif
