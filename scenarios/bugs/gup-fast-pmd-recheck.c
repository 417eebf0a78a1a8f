// SPDX-License-Identifier: Apache-2.0
/*
 * @question GUP-fast takes a reference and then looks whether the PTE is still the same. A
 *   collapse clears the PMD and leaves the PTE as it was: can the reference be missed?
 * @source B1 of docs/bugs.md: "mm: gup: fix the fast GUP race against THP collapse",
 *   70cbc3cc78a9, Linux 6.1
 * @cpu 0 collapse: clears the PMD, flushes, checks that nobody holds the page, copies it,
 *   lets it go
 * @cpu 1 gup-fast: takes a reference to the page
 * @variant before: after the reference only the PTE is read again
 * @variant fixed: the PMD is read again as well
 * @era * 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native hyperv sbi hash
 * @expect before arm64 native unsafe lost-pin
 * @expect before riscv sbi unsafe lost-pin
 * @expect before s390 native unsafe lost-pin
 * @expect before powerpc native unsafe lost-pin
 * @expect before powerpc hash safe
 * @expect before * native safe
 * @expect before * hyperv unsafe lost-pin
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <shootdown/address-space.h>
#include <shootdown/current.h>

static struct page *old_page;
static struct page *pinned;
static int copied;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	make_pte_table();
	old_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	old_page->mapping = (void *)PAGE_MAPPING_ANON;
	install_pte(mk_pte(old_page, PAGE_SHARED));
	run_with_mm(1, mm);
}

/*
 * collapse_huge_page() before 2ba99c5e0881, which added a wait for GUP-fast. The table stays:
 * it is put aside for the huge page, which is not looked at here.
 */
void cpu0(void)
{
	spinlock_t *pml = pmd_lock(mm, pmd);
	pmd_t old = pmdp_collapse_flush(vma, addr, pmd);
	spinlock_t *ptl;
	pte_t *pte;

	spin_unlock(pml);
	pte = pte_offset_map_lock(mm, &old, addr, &ptl);
	copied = page_ref_count(pte_page(ptep_get(pte))) == 1;
	if (copied)
		ptep_clear(mm, addr, pte);
	pte_unmap_unlock(pte, ptl);
	if (copied)
		put_page(old_page);
}

/* GUP-fast as it was: the levels above cannot change here and are not walked. */
static struct page *gup_fast_before(void)
{
	struct page *page = NULL;
	unsigned long flags;
	pmd_t pmdval;
	pte_t *ptep, pte;

	local_irq_save(flags);
	pmdval = pmdp_get_lockless(pmd);
	ptep = pte_offset_map(&pmdval, addr);
	if (ptep) {
		pte = ptep_get_lockless(ptep);
		if (pte_present(pte) && folio_try_get(page_folio(pte_page(pte)))) {
			page = pte_page(pte);
			if (!pte_same(pte, ptep_get(ptep))) {
				put_page(page);
				page = NULL;
			}
		}
		pte_unmap(ptep);
	}
	local_irq_restore(flags);
	return page;
}

void cpu1(void)
{
	struct page *page = NULL;

	if (variant(before))
		page = gup_fast_before();
	else
		get_user_pages_fast_only(addr, 1, FOLL_WRITE, &page);
	pinned = page;
}

void finish(void)
{
	shootdown_require("lost-pin", !(copied && pinned),
			  "nobody holds the old page once its data has moved");
}
