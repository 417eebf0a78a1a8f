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
#if defined(SHOOTDOWN_BUILTIN) && defined(CONFIG_X86)
#include <asm/mmu_context.h>
#endif

static struct mm_struct *mm;
static struct vm_area_struct *vma;
/* The PMD under dispute: maps the whole of `vma`. */
static pmd_t *pmd;
#ifdef CONFIG_S390
/* Among the entries that its tables of one page have. */
static const unsigned long addr = 0x10000000UL;
#else
static const unsigned long addr = 0x40000000UL;
#endif

/* The CPUs of `cpus`, a bit each, have the mm loaded: a flush reaches them. */
static inline void make_mm_on(unsigned long cpus)
{
	mm = shootdown_alloc(sizeof(struct mm_struct) + sizeof(struct cpumask), "mm");
#ifdef CONFIG_ARM64
	/* Whose TLB instructions reach all CPUs: it keeps no mask. */
	(void)cpus;
#else
	cpumask_bits(mm_cpumask(mm))[0] = cpus;
#ifdef CONFIG_S390
	mm->context.cpu_attach_mask = *mm_cpumask(mm);
#elif defined(CONFIG_PPC64)
	mm->context.active_cpus.counter = __builtin_popcountl(cpus);
#endif
#endif
#if defined(SHOOTDOWN_BUILTIN) && defined(CONFIG_X86)
	init_new_context(mm);
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		boot_with_mm(cpu, cpus & BIT(cpu) ? mm : &init_mm);
#endif
	shootdown_name(&mm->page_table_lock, sizeof(mm->page_table_lock), "page_table_lock");

	vma = shootdown_alloc(sizeof(struct vm_area_struct), "vma");
	vma->vm_mm = mm;
	vma->vm_start = addr;
	vma->vm_end = addr + HPAGE_PMD_SIZE;
}

/* CPUs 0 ... cpus - 1. */
static inline void make_mm(unsigned int cpus)
{
	make_mm_on((1UL << cpus) - 1);
}

static inline struct page *make_table(const char *name)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	shootdown_name(lowmem_page_address(page), PAGE_SIZE, name);
	return page;
}

/* Slot of `addr` in a table of 512 entries that each map 1 << shift bytes. */
static inline u64 *table_slot(struct page *table, unsigned int shift)
{
	return (u64 *)lowmem_page_address(table) + (((u64)addr >> shift) & 511);
}

#ifdef CONFIG_X86
/*
 * The levels above the PTE table. Written by hand, as no CPU runs yet: x86's
 * own functions for them look at CR3 and at page-table isolation.
 */
static inline void link_upper_tables(struct page *pgd_table, struct page *pmd_table)
{
#ifdef CONFIG_X86_64
	struct page *pud_table = make_table("pud table");

	*table_slot(pgd_table, 39) = PFN_PHYS(page_to_pfn(pud_table)) | _PAGE_TABLE;
	*table_slot(pud_table, 30) = PFN_PHYS(page_to_pfn(pmd_table)) | _PAGE_TABLE;
#else
	/* One of four top entries, where other flags are reserved. */
	*table_slot(pgd_table, 30) = PFN_PHYS(page_to_pfn(pmd_table)) | _PAGE_PRESENT;
#endif
}
#elif defined(CONFIG_S390)
/* Three levels: the top table is that of the third region, whose entries are PUDs. */
static inline void link_upper_tables(struct page *pgd_table, struct page *pmd_table)
{
	pgd_t *pgd = lowmem_page_address(pgd_table);

	crst_table_init((unsigned long *)pgd, _REGION3_ENTRY_EMPTY);
	crst_table_init(lowmem_page_address(pmd_table), _SEGMENT_ENTRY_EMPTY);
	pud_populate(mm, (pud_t *)pgd_offset_raw(pgd, addr), lowmem_page_address(pmd_table));
}
#else
static inline void link_upper_tables(struct page *pgd_table, struct page *pmd_table)
{
	struct page *pud_table = make_table("pud table");
	p4d_t *p4d = p4d_offset(pgd_offset_pgd(lowmem_page_address(pgd_table), addr), addr);

	p4d_populate(mm, p4d, lowmem_page_address(pud_table));
	pud_populate(mm, pud_offset(p4d, addr), lowmem_page_address(pmd_table));
}
#endif

static inline void make_upper_tables(void)
{
	struct page *pgd_table = make_table("pgd table");
	struct page *pmd_table = make_table("pmd table");

	link_upper_tables(pgd_table, pmd_table);
	mm->pgd = lowmem_page_address(pgd_table);
	pagetable_pmd_ctor(page_ptdesc(pmd_table));
	pmd = (pmd_t *)table_slot(pmd_table, PMD_SHIFT);
	shootdown_name(pmd, sizeof(*pmd), "*pmd");
	shootdown_name(pmd_lockptr(mm, pmd), sizeof(spinlock_t), "pmd lock");
}

/* An empty PTE table under `pmd`. */
static inline pgtable_t make_pte_table(void)
{
	pgtable_t table = pte_alloc_one(mm);

	pmd_populate(mm, pmd, table);
	mm_inc_nr_ptes(mm);
	shootdown_name(pmd_page(*pmd), sizeof(struct page), "page of the old table");
	shootdown_name(pte_lockptr(mm, pmd), sizeof(spinlock_t), "PTL of the old table");
	return table;
}

/* The PTE of `addr`, before any other CPU runs. */
static inline void install_pte(pte_t entry)
{
	pte_t *pte = pte_offset_map(pmd, addr);

	set_pte(pte, entry);
	pte_unmap(pte);
}

#endif
