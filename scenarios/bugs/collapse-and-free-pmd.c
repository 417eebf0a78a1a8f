// SPDX-License-Identifier: Apache-2.0
/*
 * @question GUP-fast has read the PMD when a collapse clears it and flushes without an IPI:
 *   may the PTE table be freed, and be something else, while the walk goes on?
 * @source B2 of docs/bugs.md: "mm/khugepaged: fix GUP-fast interaction by sending IPI",
 *   2ba99c5e0881, Linux 6.1
 * @cpu 0 retract: clears the PMD, flushes, frees the table
 * @cpu 1 gup-fast: takes a reference to the page
 * @cpu 2 reuse: allocates a page and fills it
 * @variant before: nothing between flush and free
 * @variant fixed: tlb_remove_table_sync_one() between them
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native hyperv sbi hash
 * @config PARAVIRT
 * @expect before arm64 native unsafe use-after-free
 * @expect before riscv sbi unsafe use-after-free
 * @expect before s390 native unsafe use-after-free
 * @expect before powerpc native unsafe use-after-free
 * @expect before powerpc hash safe
 * @expect before * native safe
 * @expect before * hyperv unsafe use-after-free
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>
#include <shootdown/address-space.h>
#include <shootdown/current.h>

void setup(void)
{
	struct page *page;

	make_mm(3);
	make_upper_tables();
	make_pte_table();
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	page->mapping = (void *)PAGE_MAPPING_ANON;
	install_pte(mk_pte(page, PAGE_SHARED));
	run_with_mm(1, mm);
}

/* collapse_and_free_pmd() of 6.1, under mmap_lock for writing: the table goes at once. */
void cpu0(void)
{
	spinlock_t *pml = pmd_lock(mm, pmd);
	pmd_t old = pmdp_collapse_flush(vma, addr, pmd);

	spin_unlock(pml);
	mm_dec_nr_ptes(mm);
	if (variant(fixed))
		tlb_remove_table_sync_one();
	pte_free(mm, pmd_pgtable(old));
}

void cpu1(void)
{
	struct page *page;

	get_user_pages_fast_only(addr, 1, FOLL_WRITE, &page);
}

void cpu2(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	WRITE_ONCE(*(unsigned long *)lowmem_page_address(page), ~0UL);
}
