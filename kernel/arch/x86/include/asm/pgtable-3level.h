// SPDX-License-Identifier: Apache-2.0
/*
 * PAE: entries are 8 bytes, the CPU's plain accesses are 4. So every setter
 * either swaps all 8 with cmpxchg8b or writes the halves in an order in which
 * a half-written entry is not present.
 */
#ifndef _ASM_X86_PGTABLE_3LEVEL_H
#define _ASM_X86_PGTABLE_3LEVEL_H

#include <linux/compiler.h>

#define PGDIR_SHIFT 30
#define PTRS_PER_PGD 4
#define PMD_SHIFT 21
#define PTRS_PER_PMD 512
#define PTRS_PER_PTE 512

#include <asm-generic/pgtable-nopud.h>

/* i386 aligns 8-byte integers to 4, for which there is no inline cmpxchg8b. */
typedef u64 __aligned(8) entry64_t;

static __always_inline u64 native_xchg64(void *entry, u64 val)
{
	entry64_t *ptr = entry;
	/* Two loads, perhaps of two values: then the first cmpxchg8b fails. */
	u64 old = *ptr;

	while (!__atomic_compare_exchange_n(ptr, &old, val, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	return old;
}

static inline void native_set_pte(pte_t *ptep, pte_t pte)
{
	ptep->pte_high = pte.pte_high;
	smp_wmb();
	ptep->pte_low = pte.pte_low;
}

static inline void native_set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	native_xchg64(pmdp, native_pmd_val(pmd));
}

static inline void native_pte_clear(pte_t *ptep)
{
	WRITE_ONCE(ptep->pte_low, 0);
	smp_wmb();
	WRITE_ONCE(ptep->pte_high, 0);
}

static inline pte_t native_ptep_get_and_clear(pte_t *ptep)
{
	return native_make_pte(native_xchg64(ptep, 0));
}

/* By halves where the new entry is not present: the first one takes the present bit away. */
static inline pmd_t pmdp_establish(struct vm_area_struct *vma, unsigned long address,
				   pmd_t *pmdp, pmd_t pmd)
{
	pmd_t old;

	(void)vma, (void)address;
	if (pmd.pmd_low & (unsigned long)_PAGE_PRESENT)
		return native_make_pmd(native_xchg64(pmdp, native_pmd_val(pmd)));
	old.pmd_low = __atomic_exchange_n(&pmdp->pmd_low, pmd.pmd_low, __ATOMIC_SEQ_CST);
	old.pmd_high = READ_ONCE(pmdp->pmd_high);
	WRITE_ONCE(pmdp->pmd_high, pmd.pmd_high);
	return old;
}

static inline pmd_t native_pmdp_get_and_clear(pmd_t *pmdp)
{
	return native_make_pmd(native_xchg64(pmdp, 0));
}

#endif
