// SPDX-License-Identifier: Apache-2.0
/*
 * @question A table maps one huge folio by small entries. It gives way, and is freed by RCU,
 *   while another CPU walks it with GUP-fast and a third installs a new one: does the
 *   wait for walkers matter where the table outlives them anyway?
 * @source collapse_pte_mapped_thp, mm/khugepaged.c, gup_fast, mm/gup.c, Linux 6.12; "[PATCH RESEND
 *   v3 2/2] mm: introduce pmdp_collapse_flush_sync() to skip redundant IPI", Lance Yang,
 *   6 Jan 2026, and "[PATCH v1 1/1] mm/khugepaged: move tlb_remove_table_sync_one out", 20 Jan
 * @cpu 0 collapse: clears the entries, then the PMD, waits as the variant says, frees the table by RCU
 * @cpu 1 gup-fast: takes a reference to the page behind an address
 * @cpu 2 fault: finds no table and installs a new one
 * @variant mainline: pmdp_get_lockless_sync() under the page-table lock
 * @variant v3: pmdp_collapse_flush_sync(), which skips the wait if the flush sent IPIs
 * @variant v3-reply: the same, the locks dropped before the wait
 * @variant sync-after-unlock: pmdp_get_lockless_sync() after the locks are dropped
 * @variant no-sync: no wait at all
 * @builtin *
 * @era v3 v3-reply sync-after-unlock no-sync 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm hyperv xen invlpgb sbi hash
 * @preemptions kvm 1
 * @config HIGHPTE PARAVIRT
 * @expect * x86_64 * safe
 * @expect * i386-pae native safe
 * @expect * i386-pae * HIGHPTE=n safe
 * @expect mainline i386-pae * PARAVIRT=y safe
 * @expect v3 i386-pae hyperv PARAVIRT=y safe
 * @expect * i386-pae * PARAVIRT=y unsafe torn-entry
 * @expect * arm64 * safe
 * @expect * riscv * safe
 * @expect * s390 * safe
 * @expect * powerpc * safe
 */
#include <linux/khugepaged.h>
#include <shootdown/current.h>
#include <shootdown/memory-of.h>

void setup(void)
{
	struct page *page;
	static const enum collapse_sync forms[] = {
		[V_mainline] = COLLAPSE_SYNC_MAINLINE,
		[V_v3] = COLLAPSE_SYNC_V3,
		[V_v3_reply] = COLLAPSE_SYNC_V3_REPLY,
		[V_sync_after_unlock] = COLLAPSE_SYNC_AFTER_UNLOCK,
		[V_no_sync] = COLLAPSE_SYNC_NONE,
	};

	collapse_sync = forms[scenario_variant];
	make_mm(3);
	make_upper_tables();
	make_file();
	make_pte_table();
	page = make_mapped_page(0, "page");
	get_page(page);
	mapping->folio = page_folio(page);
	run_with_mm(1, mm);
}

/* What the collapse must hold: up to 6.4 it keeps faults out. */
static void lock_mm(void)
{
	if (LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0))
		mmap_write_lock(mm);
	else
		mmap_read_lock(mm);
}

static void unlock_mm(void)
{
	if (LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0))
		mmap_write_unlock(mm);
	else
		mmap_read_unlock(mm);
}

void cpu0(void)
{
	lock_mm();
	collapse_pte_mapped_thp(mm, addr, false);
	unlock_mm();
}

void cpu1(void)
{
	struct page *page;

	if (get_user_pages_fast_only(addr, 1, 0, &page) == 1)
		put_page(page);
}

void cpu2(void)
{
	/* Faults hold it in every era; later ones nobody waits for there. */
	if (LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0))
		mmap_read_lock(mm);
	pte_alloc(mm, pmd);
	if (LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0))
		mmap_read_unlock(mm);
}
