// SPDX-License-Identifier: Apache-2.0
/*
 * A small address space for a scenario: one mm, one VMA of 2 MB, page tables
 * down to one PMD. Everything is made by the kernel's own functions, so that
 * the zone of each table follows from the code.
 */
#ifndef SHOOTDOWN_ADDRESS_SPACE_H
#define SHOOTDOWN_ADDRESS_SPACE_H

#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/pgalloc.h>
#include <shootdown/scenario.h>

static struct mm_struct *mm;
static struct vm_area_struct *vma;
/* The PMD under dispute: maps the whole of `vma`. */
static pmd_t *pmd;
static const unsigned long addr = 0x40000000UL;

/* CPUs 0 ... cpus - 1 have the mm loaded: a flush reaches them. */
static inline void make_mm(unsigned int cpus)
{
	mm = shootdown_alloc(sizeof(struct mm_struct) + sizeof(struct cpumask), "mm");
	cpumask_bits(mm_cpumask(mm))[0] = (1UL << cpus) - 1;
	shootdown_name(&mm->page_table_lock, sizeof(mm->page_table_lock), "page_table_lock");

	vma = shootdown_alloc(sizeof(struct vm_area_struct), "vma");
	vma->vm_mm = mm;
	vma->vm_start = addr;
	vma->vm_end = addr + HPAGE_PMD_SIZE;
}

/* The levels above the PTE table; 32 bits folds the pud into the pgd. */
static inline void make_upper_tables(void)
{
	p4d_t *p4d;
	pud_t *pud;

	mm->pgd = lowmem_page_address(alloc_page(GFP_KERNEL | __GFP_ZERO));
	shootdown_name(mm->pgd, PAGE_SIZE, "pgd");
	p4d = p4d_offset(pgd_offset(mm, addr), addr);
#ifdef CONFIG_X86_64
	pud = pud_alloc_one(mm, addr);
	shootdown_name(pud, PAGE_SIZE, "pud");
	p4d_populate(mm, p4d, pud);
#endif
	pud = pud_offset(p4d, addr);
	pmd = pmd_alloc_one(mm, addr);
	shootdown_name(pmd, PAGE_SIZE, "pmd");
	pud_populate(mm, pud, pmd);
	pmd = pmd_offset(pud, addr);
	shootdown_name(pmd, sizeof(*pmd), "*pmd");
	shootdown_name(pmd_lockptr(mm, pmd), sizeof(spinlock_t), "pmd lock");
}

/* An empty PTE table under `pmd`. */
static inline pgtable_t make_pte_table(void)
{
	pgtable_t table = pte_alloc_one(mm);

	pmd_populate(mm, pmd, table);
	mm_inc_nr_ptes(mm);
	shootdown_name(table, sizeof(*table), "page of the old table");
	shootdown_name(pte_lockptr(mm, pmd), sizeof(spinlock_t), "PTL of the old table");
	return table;
}

#endif
