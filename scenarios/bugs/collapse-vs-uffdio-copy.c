// SPDX-License-Identifier: Apache-2.0
/*
 * @question collapse_pte_mapped_thp() clears all PTEs of a table under its lock and then
 *   takes the PMD's lock to remove the table. UFFDIO_COPY fills a PTE in between: what
 *   becomes of it?
 * @source B52 of docs/bugs.md: "mm/khugepaged: fix collapse_pte_mapped_thp() versus uffd",
 *   a98460494b16, Linux 6.6
 * @cpu 0 collapse: clears the PTEs, removes the table, frees it by RCU
 * @cpu 1 uffd: mfill_atomic_install_pte() puts a page where the PTE is none
 * @variant before: the PTE table's lock is dropped before the PMD's is taken
 * @variant fixed: the PMD's lock is taken first, both are held to the end
 * @era * 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv
 * @platform native
 * @expect before * * unsafe refcount
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlb.h>
#include <shootdown/address-space.h>

static struct page *file_page;
static struct page *new_page;
/* MM_SHMEMPAGES, with only the page of UFFDIO_COPY counted. */
static int rss;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	make_pte_table();
	file_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	new_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	install_pte(mk_pte(file_page, PAGE_SHARED));
	shootdown_name(new_page, sizeof(*new_page), "page of UFFDIO_COPY");
}

/* From step 2 of the kernel's function on; both hold mmap_lock for reading. */
void cpu0(void)
{
	spinlock_t *pml = NULL, *ptl;
	pte_t *pte;
	pmd_t old;

	if (variant(fixed))
		pml = pmd_lock(mm, pmd);
	pte = pte_offset_map_nolock(mm, pmd, addr, &ptl);
	if (!pml)
		spin_lock(ptl);
	else if (ptl != pml)
		spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	if (pte_present(ptep_get(pte)))
		ptep_clear(mm, addr, pte);
	pte_unmap(pte);
	if (!pml) {
		spin_unlock(ptl);
		pml = pmd_lock(mm, pmd);
		if (ptl != pml)
			spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
	}
	old = pmdp_collapse_flush(vma, addr, pmd);
	pmdp_get_lockless_sync();
	if (ptl != pml)
		spin_unlock(ptl);
	spin_unlock(pml);
	mm_dec_nr_ptes(mm);
	pte_free_defer(mm, pmd_pgtable(old));
}

void cpu1(void)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);

	if (!pte)
		return;
	if (pte_none(ptep_get(pte))) {
		atomic_add(1, &new_page->_refcount);
		set_pte(pte, mk_pte(new_page, PAGE_SHARED));
		rss = 1;
	}
	pte_unmap_unlock(pte, ptl);
}

/* No PTE table is left, so nothing is mapped. */
void finish(void)
{
	shootdown_require("refcount", !rss, "a page that is counted as mapped is mapped");
}
