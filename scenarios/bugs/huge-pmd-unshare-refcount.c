// SPDX-License-Identifier: Apache-2.0
/*
 * @question hugetlb asks the reference count of a PMD table's page whether another process
 *   shares the table. Somebody else takes a reference for a moment: is the table then
 *   left without unmapping what is in it?
 * @source B8 of docs/bugs.md, CVE-2024-57883: "mm: hugetlb: independent PMD page table shared
 *   count", Linux 6.13
 * @cpu 0 unmap: huge_pmd_unshare(); unmaps the huge page if the table was its own
 * @cpu 1 speculate: takes a reference to the table's page and drops it, as compaction does
 * @variant before: page_count() decides
 * @variant fixed: a count of sharers of its own decides
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe refcount
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <asm/tlb.h>
#include <shootdown/address-space.h>

static struct page *table;
static struct page *huge_page;
static pud_t *pud;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	table = pmd_pgtable_page(pmd);
	pud = pud_offset(p4d_offset(pgd_offset(mm, addr), addr), addr);
	huge_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	set_pmd_at(mm, addr, pmd, pmd_mkhuge(pfn_pmd(page_to_pfn(huge_page), PAGE_SHARED)));
	shootdown_name(pud, sizeof(*pud), "*pud");
	shootdown_name(&table->_refcount, sizeof(table->_refcount), "refcount of the table");
}

static int is_shared(void)
{
	if (variant(before))
		return page_ref_count(table) > 1;
	return ptdesc_pmd_is_shared(page_ptdesc(table));
}

/* Under the page-table lock and i_mmap_rwsem, which no other CPU here takes. */
static int huge_pmd_unshare(void)
{
	if (!is_shared())
		return 0;
	WRITE_ONCE(*pud, ((pud_t){ 0 }));
	if (variant(fixed))
		ptdesc_pmd_pts_dec(page_ptdesc(table));
	else
		put_page(table);
	return 1;
}

/* __unmap_hugepage_range(), for one huge page. */
void cpu0(void)
{
	if (huge_pmd_unshare())
		return;
	pmdp_huge_get_and_clear(mm, addr, pmd);
	put_page(huge_page);
}

void cpu1(void)
{
	if (folio_try_get(page_folio(table)))
		put_page(table);
}

void finish(void)
{
	shootdown_require("refcount", page_ref_count(huge_page) == 0,
			  "a huge page that nobody maps has no reference left");
}
