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
#include <linux/smp.h>
#include <asm/pgalloc.h>
#include <asm/special_insns.h>
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

static void flush_tlb_func_4_4(void *unused)
{
	(void)unused;
	native_flush_tlb_local();
}

/*
 * The flush of that time, and so the scenario's: what Linux has since 4.14 begins by
 * counting, which is a locked operation and the barrier that `before` has not got.
 * flush_tlb_mm_range(), from cpumask_any_but() on.
 */
static void flush_tlb_mm_4_4(void)
{
	if (READ_ONCE(cpumask_bits(mm_cpumask(mm))[0]) & BIT(1))
		smp_call_function(flush_tlb_func_4_4, NULL, 1);
	/* CPU 0 itself has loaded nothing. */
}

void cpu0(void)
{
	pmd_clear(pmd);
	if (variant(fixed))
		smp_mb();
	flush_tlb_mm_4_4();
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
