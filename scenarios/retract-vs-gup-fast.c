// SPDX-License-Identifier: Apache-2.0
/*
 * @question A table of file pages is retracted, and freed by RCU, while another CPU walks it
 *   with GUP-fast and a third installs a new one: does the wait for walkers matter
 *   where the table outlives them anyway?
 * @source retract_page_tables, mm/khugepaged.c, gup_fast, mm/gup.c, Linux 6.12; "[PATCH RESEND
 *   v3 2/2] mm: introduce pmdp_collapse_flush_sync() to skip redundant IPI", Lance Yang,
 *   6 Jan 2026, and "[PATCH v1 1/1] mm/khugepaged: move tlb_remove_table_sync_one out", 20 Jan
 * @cpu 0 retract: clears the PMD, waits as the variant says, frees the table by RCU
 * @cpu 1 gup-fast: takes a reference to the page behind an address
 * @cpu 2 fault: finds no table and installs a new one; or a lazy CPU, which has the page
 *   tables loaded, and whose walker may fetch translations ahead; or a guest, whose MMU
 *   is a secondary one
 * @variant mainline: pmdp_get_lockless_sync() under the page-table lock
 * @variant v3: pmdp_collapse_flush_sync(), which skips the wait if the flush sent IPIs
 * @variant v3-reply: the same, the locks dropped before the wait
 * @variant sync-after-unlock: pmdp_get_lockless_sync() after the locks are dropped
 * @variant no-sync: no wait at all
 * @variant mainline+lazy: as mainline, with the lazy CPU and without GUP-fast and fault
 * @variant mainline+no-freed-tables: likewise, and the flush does not tell it that a table goes
 * @variant mainline+secondary-mmu: as mainline, with the guest and without GUP-fast and fault
 * @variant mainline+no-notifier: likewise, and the retraction notifies nobody
 * @builtin *
 * @era v3 v3-reply sync-after-unlock no-sync 6.12 6.18
 * @arch x86_64 i386-pae
 * @platform native kvm hyperv xen invlpgb
 * @preemptions kvm 1
 * @config HIGHPTE PARAVIRT
 * @expect mainline+no-freed-tables x86_64 xen safe
 * @expect mainline+no-freed-tables x86_64 invlpgb safe
 * @expect mainline+no-freed-tables * * unsafe stale-translation
 * @expect mainline+lazy * * safe
 * @expect mainline+no-notifier * * unsafe notifier-window
 * @expect mainline+secondary-mmu * * safe
 * @expect * x86_64 * safe
 * @expect * i386-pae native safe
 * @expect * i386-pae * HIGHPTE=n safe
 * @expect mainline i386-pae * PARAVIRT=y safe
 * @expect v3 i386-pae hyperv PARAVIRT=y safe
 * @expect * i386-pae * PARAVIRT=y unsafe torn-entry
 */
#include <linux/khugepaged.h>
#include <shootdown/current.h>
#include <shootdown/hardware.h>
#include <shootdown/memory-of.h>
#include <shootdown/secondary-mmu.h>

static int is_lazy_cpu(void)
{
	return variant_with(lazy) || variant_with(no_freed_tables);
}

static int is_guest(void)
{
	return variant_with(secondary_mmu) || variant_with(no_notifier);
}

void setup(void)
{
	struct page *page;

	collapse_sync = variant_of(v3) ? COLLAPSE_SYNC_V3 :
			variant_of(v3_reply) ? COLLAPSE_SYNC_V3_REPLY :
			variant_of(sync_after_unlock) ? COLLAPSE_SYNC_AFTER_UNLOCK :
			variant_of(no_sync) ? COLLAPSE_SYNC_NONE : COLLAPSE_SYNC_MAINLINE;
	collapse_without_freed_tables = variant_with(no_freed_tables);
	/*
	 * khugepaged does not use the mm whose tables it takes. Where some CPU is not in
	 * the mask, Hyper-V is given a set, and lazy CPUs are left out of it.
	 */
	make_mm_on(is_lazy_cpu() ? BIT(1) | BIT(2) : BIT(0) | BIT(1) | BIT(2));
	make_upper_tables();
	make_file();
	make_pte_table();
	page = make_mapped_page(0, "page");
	run_with_mm(1, mm);
	collapse_without_notifier = variant_with(no_notifier);
	if (is_guest()) {
		make_secondary_mmu();
		secondary_mmu_maps_readonly(page);
		run_with_mm(2, mm);
	}
	if (is_lazy_cpu()) {
		per_cpu(cpu_tlbstate_shared, 2).is_lazy = true;
		load_mm(2, mm);
	}
}

void cpu0(void)
{
	retract_page_tables(mapping, 0);
}

void cpu1(void)
{
	struct page *page;

	if (!is_lazy_cpu() && !is_guest() && get_user_pages_fast_only(addr, 1, 0, &page) == 1)
		put_page(page);
}

void cpu2(void)
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
