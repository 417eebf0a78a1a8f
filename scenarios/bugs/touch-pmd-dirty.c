// SPDX-License-Identifier: Apache-2.0
/*
 * @question A forced write to a read-only private mapping copies the page first and then
 *   takes a dirty PMD as proof that it has its copy. Reading marks PMDs dirty as well: can
 *   the write go to the huge zero page that everybody shares?
 * @source B18 of docs/bugs.md, CVE-2017-1000405: "mm, thp: Do not make page table dirty
 *   unconditionally in touch_p[mu]d()", Linux 4.15
 * @cpu 0 forced-write: faults until it may write, and writes
 * @cpu 1 dontneed: MADV_DONTNEED zaps the PMD
 * @cpu 2 read: faults the huge zero page in and touches its PMD
 * @variant before: touch_pmd() marks the PMD dirty
 * @variant fixed: only for a write
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe assertion
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <shootdown/address-space.h>

/* The zero page, and the private copy: pages that are only told apart, never read. */
#define ZERO_PFN 512
#define COPY_PFN 1024

static pmd_t read_only(unsigned long pfn)
{
	return pmd_mkhuge(pfn_pmd(pfn, PAGE_READONLY));
}

static int is_dirty(pmd_t value)
{
	return (pmd_flags(value) & _PAGE_DIRTY) != 0;
}

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	set_pmd_at(mm, addr, pmd, read_only(ZERO_PFN));
}

/*
 * handle_mm_fault() for a write: a page of its own, dirty, and still not writable, as the
 * VMA is not. True if a copy was made of what was there: the caller sets FOLL_COW.
 */
static int write_fault(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);
	int copied = !pmd_none(*pmd);

	set_pmd_at(mm, addr, pmd, __pmd(pmd_val(read_only(COPY_PFN)) | _PAGE_DIRTY));
	spin_unlock(ptl);
	return copied;
}

/* __get_user_pages() with FOLL_WRITE and FOLL_FORCE; twice is enough to come back to it. */
void cpu0(void)
{
	int cow = 0, tries;

	for (tries = 0; tries < 2; tries++) {
		spinlock_t *ptl = pmd_lock(mm, pmd);
		pmd_t found = *pmd;

		spin_unlock(ptl);
		/* can_follow_write_pmd() */
		if (!pmd_none(found) && cow && is_dirty(found)) {
			shootdown_require("assertion", pmd_pfn(found) != ZERO_PFN,
					  "the huge zero page is not written to");
			return;
		}
		cow |= write_fault();
	}
}

void cpu1(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	pmdp_huge_get_and_clear(mm, addr, pmd);
	spin_unlock(ptl);
}

/* A read fault, then follow_trans_huge_pmd() with FOLL_TOUCH. */
void cpu2(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	if (pmd_none(*pmd))
		set_pmd_at(mm, addr, pmd, read_only(ZERO_PFN));
	spin_unlock(ptl);

	ptl = pmd_lock(mm, pmd);
	if (!pmd_none(*pmd) && variant(before))
		set_pmd_at(mm, addr, pmd, __pmd(pmd_val(*pmd) | _PAGE_DIRTY));
	spin_unlock(ptl);
}
