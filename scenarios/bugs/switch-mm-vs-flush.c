// SPDX-License-Identifier: Apache-2.0
/*
 * @question munmap clears a PMD and then looks in mm_cpumask for whom to flush, while another
 *   CPU sets its bit there and then walks the tables. Can each miss the other?
 * @source B22 of docs/bugs.md, CVE-2016-2069: "x86/mm: Add barriers and document
 *   switch_mm()-vs-flush synchronization", Linux 4.5
 * @cpu 0 munmap: free_pgtables() clears the PMD with a plain store; flushes the CPUs of the
 *   mask; frees the table
 * @cpu 1 switch: switch_mm() sets its bit and loads the tables; then user space reads
 * @variant before: nothing between the store and the look at the mask
 * @variant fixed: a full barrier
 * @arch x86_64
 * @platform native
 * @expect before * * MEMORY=sc safe
 * @expect before * * MEMORY=tso unsafe stale-translation
 * @expect fixed * * safe
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <asm/pgalloc.h>
#include <shootdown/address-space.h>
#include <shootdown/user-memory.h>

static struct page *table;

void setup(void)
{
	make_mm(0);
	make_upper_tables();
	table = make_pte_table();
	install_pte(mk_pte(make_user_page(1, "page"), PAGE_SHARED));
	shootdown_name(mm_cpumask(mm), sizeof(struct cpumask), "mm_cpumask");
	/* CPU 1 begins with the tables of init_mm, which map nothing of user space. */
	shootdown_load_root(1, __pa(lowmem_page_address(make_table("pgd table of init_mm"))));
}

void cpu0(void)
{
	pmd_clear(pmd);
	if (variant(fixed))
		smp_mb();
	/* cpumask_any_but() of flush_tlb_mm_range() */
	if (READ_ONCE(cpumask_bits(mm_cpumask(mm))[0]) & BIT(1))
		flush_user_mm();
	pte_free(mm, table);
}

void cpu1(void)
{
	unsigned long value, flags;

	/* Interrupts are off from the bit to the tables, as in the scheduler. */
	local_irq_save(flags);
	__atomic_fetch_or(&cpumask_bits(mm_cpumask(mm))[0], BIT(1), __ATOMIC_SEQ_CST);
	native_write_cr3(__pa(mm->pgd));
	local_irq_restore(flags);
	shootdown_user_read(addr, &value);
}
