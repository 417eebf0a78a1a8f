// SPDX-License-Identifier: Apache-2.0
/*
 * The tables above a VMA's last: each goes where the gap that is left,
 * `floor` to `ceiling`, holds all that it maps. After free_pgd_range(), mm/memory.c,
 * 6.12. No lock of a table: nobody can find a VMA there any more.
 */
#include <linux/memory.h>
#include <linux/mm.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

/* Whether the gap holds all of an entry that maps what `mask` leaves; a ceiling of 0 is none. */
static bool gap_holds(unsigned long addr, unsigned long end, unsigned long floor,
		      unsigned long ceiling, unsigned long mask)
{
	if ((addr & mask) < floor)
		return false;
	if (ceiling) {
		ceiling &= mask;
		if (!ceiling)
			return false;
	}
	return end - 1 <= ceiling - 1;
}

static void free_pmd_range(struct mmu_gather *tlb, pud_t *pud, unsigned long addr,
			   unsigned long end, unsigned long floor, unsigned long ceiling)
{
	unsigned long start = addr, next;
	pmd_t *pmd = pmd_offset(pud, addr);

	do {
		next = pmd_addr_end(addr, end);
		if (!pmd_none(*pmd))
			free_pte_range(tlb, pmd, addr);
	} while (pmd++, addr = next, addr != end);
	if (!gap_holds(start, end, floor, ceiling, PUD_MASK))
		return;
	pmd = pmd_offset(pud, start & PUD_MASK);
	pud_clear(pud);
	pmd_free_tlb(tlb, pmd, start & PUD_MASK);
	mm_dec_nr_pmds(tlb->mm);
}

static void free_pud_range(struct mmu_gather *tlb, p4d_t *p4d, unsigned long addr,
			   unsigned long end, unsigned long floor, unsigned long ceiling)
{
	unsigned long start = addr, next;
	pud_t *pud = pud_offset(p4d, addr);

	do {
		next = pud_addr_end(addr, end);
		if (pud_present(*pud))
			free_pmd_range(tlb, pud, addr, next, floor, ceiling);
	} while (pud++, addr = next, addr != end);
	if (PTRS_PER_PUD == 1 || !gap_holds(start, end, floor, ceiling, PGDIR_MASK))
		return;
	pud = pud_offset(p4d, start & PGDIR_MASK);
	p4d_clear(p4d);
	pud_free_tlb(tlb, pud, start & PGDIR_MASK);
	mm_dec_nr_puds(tlb->mm);
}

/*
 * Departs: the range begins and ends with PMDs, and lies under one entry of the
 * top table. p4d is folded, so that table is what is left.
 */
void free_pgd_range(struct mmu_gather *tlb, unsigned long addr, unsigned long end,
		    unsigned long floor, unsigned long ceiling)
{
	p4d_t *p4d = p4d_offset(pgd_offset(tlb->mm, addr), addr);

	tlb_change_page_size(tlb, PAGE_SIZE);
	if (p4d_present(*p4d))
		free_pud_range(tlb, p4d, addr, end, floor, ceiling);
}
