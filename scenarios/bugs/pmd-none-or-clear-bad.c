// SPDX-License-Identifier: Apache-2.0
/*
 * @question A walker that holds mmap_lock for reading asks of a PMD: huge? none? bad? Each
 *   question reads it anew. Can a huge page that comes and goes be taken for garbage?
 * @source B39 of docs/bugs.md, CVE-2012-1179: "mm: thp: fix pmd_bad() triggering in code paths
 *   holding mmap_sem read mode", Linux 3.4
 * @cpu 0 walk: handles a huge PMD, else goes down to PTEs unless it is none or bad
 * @cpu 1 dontneed: MADV_DONTNEED zaps the huge page
 * @cpu 2 fault: maps a new huge page where there is nothing
 * @variant before: pmd_none_or_clear_bad(), which reads for each test
 * @variant fixed: pmd_none_or_trans_huge_or_clear_bad(), which tests one reading
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native
 * @expect before * * unsafe warn
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <shootdown/address-space.h>

static pmd_t huge_pmd(unsigned long pfn)
{
	return pmd_mkhuge(pfn_pmd(pfn, PAGE_SHARED));
}

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	set_pmd_at(mm, addr, pmd, huge_pmd(512));
}

static int pmd_none_or_clear_bad(void)
{
	if (pmd_none(*pmd))
		return 1;
	if (unlikely(pmd_bad(*pmd))) {
		pmd_clear_bad(pmd);
		return 1;
	}
	return 0;
}

static int pmd_none_or_trans_huge_or_clear_bad(void)
{
	pmd_t pmdval = pmdp_get(pmd);

	if (pmd_none(pmdval) || pmd_trans_huge(pmdval))
		return 1;
	if (unlikely(pmd_bad(pmdval))) {
		pmd_clear_bad(pmd);
		return 1;
	}
	return 0;
}

void cpu0(void)
{
	int skip;

	if (pmd_trans_huge(*pmd))
		return;
	skip = variant(before) ? pmd_none_or_clear_bad() : pmd_none_or_trans_huge_or_clear_bad();
	shootdown_require("assertion", skip, "no PTE table is ever here");
}

/* zap_huge_pmd() */
void cpu1(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	if (pmd_trans_huge(*pmd))
		pmdp_huge_get_and_clear(mm, addr, pmd);
	spin_unlock(ptl);
}

/* __do_huge_pmd_anonymous_page() */
void cpu2(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	if (pmd_none(*pmd))
		set_pmd_at(mm, addr, pmd, huge_pmd(1024));
	spin_unlock(ptl);
}
