// SPDX-License-Identifier: Apache-2.0
/*
 * @question With PAE an entry is 8 bytes and a plain access 4. A walker reads a PMD while
 *   a fault fills it: can it take the new low half with the old high half?
 * @source B38 of docs/bugs.md, CVE-2012-2373: "mm: pmd_read_atomic: fix 32bit PAE pmd walk vs
 *   pmd_populate SMP race condition", 26c191788f18, Linux 3.5
 * @cpu 0 walk: reads the PMD, maps the table it names and reads a PTE
 * @cpu 1 fault: finds no table and installs one
 * @variant before: one access in C, so the high half may be read first
 * @variant fixed: the low half, and the high half only if that was not 0
 * @arch i386-pae
 * @platform native
 * @config HIGHPTE
 * @expect before * * HIGHPTE=y unsafe torn-entry
 * @expect before * * HIGHPTE=n safe
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <shootdown/address-space.h>

void setup(void)
{
	make_mm(2);
	make_upper_tables();
}

/* Both hold mmap_lock for reading: no table goes away, but one may come. */
static pmd_t pmd_read_atomic(pmd_t *pmdp)
{
	pmd_t pmdval = { .pmd = 0 };

	if (variant(before))
		return __pmd(pmdp->pmd);
	pmdval.pmd_low = READ_ONCE(pmdp->pmd_low);
	if (pmdval.pmd_low) {
		smp_rmb();
		pmdval.pmd_high = READ_ONCE(pmdp->pmd_high);
	}
	return pmdval;
}

/* pmd_none_or_trans_huge_or_clear_bad() and what its callers do next. */
void cpu0(void)
{
	pmd_t pmdval = pmd_read_atomic(pmd);
	pte_t *pte;

	if (pmd_none(pmdval) || pmd_trans_huge(pmdval))
		return;
	if (pmd_bad(pmdval)) {
		pmd_clear_bad(pmd);
		return;
	}
	rcu_read_lock();
	pte = __pte_map(&pmdval, addr);
	(void)ptep_get(pte);
	pte_unmap(pte);
}

void cpu1(void)
{
	__pte_alloc(mm, pmd);
}
