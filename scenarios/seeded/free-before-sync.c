// SPDX-License-Identifier: Apache-2.0
/*
 * @question A table is freed outright, with no grace period. The wait for GUP-fast has
 *   to come before that; what if it comes after?
 * @source 6.1's collapse_and_free_pmd, mm/khugepaged.c, with its last two steps swapped
 * @cpu 0 retract: clears the PMD, flushes, waits and frees in the variant's order
 * @cpu 1 gup-fast: takes a reference to the page behind an address
 * @variant sync-then-free: tlb_remove_table_sync_one(), then pte_free()
 * @variant free-then-sync: the other way round
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm hyperv xen invlpgb sbi hash
 * @preemptions kvm 1
 * @config PARAVIRT
 * @expect sync-then-free powerpc * safe
 * @expect free-then-sync powerpc native unsafe use-after-free
 * @expect free-then-sync powerpc hash safe
 * @expect sync-then-free s390 * safe
 * @expect free-then-sync s390 * unsafe use-after-free
 * @expect sync-then-free arm64 * safe
 * @expect free-then-sync arm64 native unsafe use-after-free
 * @expect sync-then-free riscv * safe
 * @expect free-then-sync riscv sbi unsafe use-after-free
 * @expect * * native safe
 * @expect sync-then-free * * PARAVIRT=y safe
 * @expect sync-then-free x86_64 invlpgb safe
 * @expect free-then-sync x86_64 * unsafe use-after-free
 * @expect free-then-sync i386-pae * PARAVIRT=y unsafe use-after-free
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/current.h>

void setup(void)
{
	struct page *page;

	make_mm(2);
	make_upper_tables();
	make_pte_table();
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	page->mapping = (void *)PAGE_MAPPING_ANON;
	install_pte(mk_pte(page, PAGE_SHARED));
	run_with_mm(1, mm);
}

void cpu0(void)
{
	spinlock_t *pml = pmd_lock(mm, pmd);
	pmd_t old = pmdp_collapse_flush(vma, addr, pmd);

	spin_unlock(pml);
	mm_dec_nr_ptes(mm);
	if (variant(sync_then_free))
		tlb_remove_table_sync_one();
	pte_free(mm, pmd_pgtable(old));
	if (variant(free_then_sync))
		tlb_remove_table_sync_one();
}

void cpu1(void)
{
	struct page *page;

	get_user_pages_fast_only(addr, 1, FOLL_WRITE, &page);
}
