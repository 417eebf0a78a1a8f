// SPDX-License-Identifier: Apache-2.0
/*
 * @question Two processes share a hugetlb PMD table. One unmaps its half of the sharing and
 *   flushes later; the other, now the last, frees the page. Does a thread of the first
 *   still reach the page through its TLB?
 * @source B7 of docs/bugs.md, CVE-2021-4002: "hugetlbfs: flush TLBs correctly after
 *   huge_pmd_unshare", a4a118f2eead, Linux 5.16
 * @cpu 0 unmap: the first process clears its PUD, in whose table the other goes on
 * @cpu 1 sharer: the other process unmaps the page and frees it
 * @cpu 2 user: a thread of the first process reads the page
 * @variant before: what huge_pmd_unshare() cleared is not flushed
 * @variant fixed: it is flushed before i_mmap_rwsem is dropped
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe stale-translation
 * @expect fixed * * safe
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlb.h>
#include <shootdown/address-space.h>
#include <shootdown/user-memory.h>

static struct address_space mapping;
static struct page *huge_page;
static struct ptdesc *table;
/* The table's entry in either process. The other's tables above it are not walked here. */
static pud_t *pud;
static pud_t other_pud;

void setup(void)
{
	/* The first frame there is, which is aligned as a huge page must be. */
	huge_page = make_user_page(1, "huge page");
	make_mm(3);
	make_upper_tables();
	pud = pud_offset(p4d_offset(pgd_offset(mm, addr), addr), addr);
	other_pud = *pud;
	table = pmd_ptdesc(pmd);
	ptdesc_pmd_pts_inc(table);
	set_pmd_at(mm, addr, pmd, pmd_mkhuge(pfn_pmd(page_to_pfn(huge_page), PAGE_SHARED)));
	shootdown_name(pud, sizeof(*pud), "*pud");
	shootdown_name(&other_pud, sizeof(other_pud), "*pud of the other process");
	shootdown_name(&mapping.i_mmap_rwsem, sizeof(mapping.i_mmap_rwsem), "i_mmap_rwsem");
	load_mm(2, mm);
}

/* huge_pmd_unshare(), with i_mmap_rwsem held for writing. */
static int unshare(pud_t *entry)
{
	if (!ptdesc_pmd_is_shared(table))
		return 0;
	WRITE_ONCE(*entry, ((pud_t){ 0 }));
	ptdesc_pmd_pts_dec(table);
	return 1;
}

/* __unmap_hugepage_range() and what tlb_finish_mmu() does for a page that was the own. */
static void unmap(pud_t *entry, int has_user)
{
	int unshared;

	i_mmap_lock_write(&mapping);
	unshared = unshare(entry);
	if (!unshared)
		pmdp_huge_get_and_clear(mm, addr, pmd);
	else if (has_user && variant(fixed))
		flush_tlb_mm(mm);
	i_mmap_unlock_write(&mapping);
	if (unshared)
		return;
	if (has_user)
		flush_tlb_mm(mm);
	put_page(huge_page);
}

void cpu0(void)
{
	unmap(pud, 1);
}

/* No CPU runs with the other process' tables. */
void cpu1(void)
{
	unmap(&other_pud, 0);
}

void cpu2(void)
{
	unsigned long value;

	shootdown_user_read(addr, &value);
}
