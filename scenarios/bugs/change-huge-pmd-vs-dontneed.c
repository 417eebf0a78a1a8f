// SPDX-License-Identifier: Apache-2.0
/*
 * @question NUMA balancing changes the protection of a huge PMD while another thread, which
 *   also holds mmap_lock for reading, runs MADV_DONTNEED over it: is the page gone then?
 * @source B35 of docs/bugs.md: "thp: fix MADV_DONTNEED vs. numa balancing race", ced108037c2a,
 *   Linux 4.11
 * @cpu 0 numa: change_huge_pmd() makes the entry PROT_NONE
 * @cpu 1 dontneed: looks at the PMD without the lock, zaps it if it is huge, skips it if none
 * @variant before: the entry is cleared, and written back changed
 * @variant fixed: the entry is made invalid and never none
 * @arch x86_64 i386-pae
 * @platform native
 * @expect before * * unsafe assertion
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <shootdown/address-space.h>

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	set_pmd_at(mm, addr, pmd, pmd_mkhuge(pfn_pmd(512, PAGE_SHARED)));
}

/* pmdp_invalidate(), its flush apart: present no more, and still huge. */
static pmd_t invalidate(void)
{
	pmd_t old = *pmd;

	set_pmd_at(mm, addr, pmd, __pmd(pmd_val(old) & ~_PAGE_PRESENT));
	return old;
}

void cpu0(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);
	pmd_t old;

	if (pmd_trans_huge(*pmd)) {
		old = variant(before) ? pmdp_huge_get_and_clear(mm, addr, pmd) : invalidate();
		set_pmd_at(mm, addr, pmd,
			   __pmd((pmd_val(old) & ~(_PAGE_PRESENT | _PAGE_RW)) | _PAGE_PROTNONE));
	}
	spin_unlock(ptl);
}

static int zap_huge_pmd(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);
	int zapped = pmd_trans_huge(*pmd);

	if (zapped)
		pmdp_huge_get_and_clear(mm, addr, pmd);
	spin_unlock(ptl);
	return zapped;
}

/* zap_pmd_range() */
void cpu1(void)
{
	pmd_t pmdval;

	if (pmd_trans_huge(*pmd) && zap_huge_pmd())
		return;
	pmdval = pmdp_get_lockless(pmd);
	shootdown_require("assertion", pmd_none(pmdval) || pmd_trans_huge(pmdval),
			  "no PTE table is ever here");
}

void finish(void)
{
	shootdown_require("assertion", pmd_none(*pmd), "MADV_DONTNEED leaves nothing mapped");
}
