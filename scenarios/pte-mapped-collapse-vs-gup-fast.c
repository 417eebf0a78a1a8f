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
 * @cpu 2 fault: finds no table and installs a new one; or a lazy CPU, which has the page
 *   tables loaded, and whose walker may fetch translations ahead; or a guest, whose MMU
 *   is a secondary one
 * @variant mainline: pmdp_get_lockless_sync() under the page-table lock
 * @variant v3: pmdp_collapse_flush_sync(), which skips the wait if the flush sent IPIs
 * @variant v3-reply: the same, the locks dropped before the wait
 * @variant sync-after-unlock: pmdp_get_lockless_sync() after the locks are dropped
 * @variant no-sync: no wait at all
 * @variant mainline+lazy: as mainline, with the lazy CPU and without GUP-fast and fault
 * @variant mainline+no-freed-tables: likewise, and the flush does not tell it that a table goes,
 *   which only x86 looks at: the others flush what leads to a table along with it
 * @variant mainline+secondary-mmu: as mainline, with the guest and without GUP-fast and fault
 * @variant mainline+no-notifier: likewise, and the collapse notifies nobody
 * @builtin *
 * @era v3 v3-reply sync-after-unlock no-sync 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm hyperv xen invlpgb sbi
 * @preemptions kvm 1
 * @config HIGHPTE PARAVIRT
 * @expect mainline+no-freed-tables x86_64 xen safe
 * @expect mainline+no-freed-tables x86_64 invlpgb safe
 * @expect mainline+no-freed-tables arm64 * safe
 * @expect mainline+no-freed-tables riscv * safe
 * @expect mainline+no-freed-tables s390 * safe
 * @expect mainline+no-freed-tables powerpc * safe
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
 * @expect * arm64 * safe
 * @expect * riscv * safe
 * @expect * s390 * safe
 * @expect * powerpc * safe
 */
#include <linux/khugepaged.h>
#include <shootdown/bystander.h>
#include <shootdown/memory-of.h>

void setup(void)
{
	struct page *page;

	make_mm_of_three();
	make_upper_tables();
	make_file();
	make_pte_table();
	page = make_mapped_page(0, "page");
	get_page(page);
	mapping->folio = page_folio(page);
	make_bystander(page);
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
	walk_by_gup_fast();
}

void cpu2(void)
{
	stand_by();
}
