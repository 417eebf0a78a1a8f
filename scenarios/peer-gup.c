// SPDX-License-Identifier: Apache-2.0
/*
 * @question Lockless walkers with a flag "interrupts off" each, and a collapser that
 *   clears the entry and waits for every flag: how many executions are there? The
 *   flag is plain memory here, as C model checkers have to have it; so with store
 *   buffers a walker reads the entry before others see its flag.
 * @source the GUP-fast protocol as GenMC and Nidhugg run it, one execution per
 *   Mazurkiewicz trace: 57, 1,014 and 31,825 for two to four walkers with reads and
 *   writes as they stand, 6 to the power of walkers where additions commute
 * @cpu 0 collapser: clears the entry, waits for the walkers' flags, checks the
 *   reference count, frees
 * @cpu 1 walker: reads the entry with its flag set and takes a reference
 * @cpu 2 walker: the same
 * @cpu 3 walker: the same
 * @cpu 4 walker: the same
 * @cpu 5 walker: the same
 * @variant n2: two walkers
 * @variant n3: three walkers
 * @variant n4: four walkers
 * @variant n5: five walkers
 * @variant n2-ipi-barrier: two, and a full barrier where the collapser waits, as sending an IPI is
 * @variant n2-barriers: two, and full barriers there and after each flag, which no kernel needs
 * @variant n3-barriers: the same with three
 * @online n2 3
 * @online n3 4
 * @online n4 5
 * @online n5 6
 * @online n2-ipi-barrier 3
 * @online n2-barriers 3
 * @online n3-barriers 4
 * @arch x86_64
 * @platform native
 * @expect n2 * * MEMORY=tso unsafe assertion
 * @expect n3 * * MEMORY=tso unsafe assertion
 * @expect n4 * * MEMORY=tso unsafe assertion
 * @expect n5 * * MEMORY=tso unsafe assertion
 * @expect n2-ipi-barrier * * MEMORY=tso unsafe assertion
 * @expect * * * safe
 */
#include <linux/mm.h>
#include <shootdown/gup-protocol.h>

static int irqoff[6];

void setup(void)
{
	name_protocol();
	shootdown_name(irqoff, sizeof(irqoff), "irqoff");
}

static int walkers(void)
{
	if (variant(n2) || variant(n2_ipi_barrier) || variant(n2_barriers))
		return 2;
	return variant(n3) || variant(n3_barriers) ? 3 : variant(n4) ? 4 : 5;
}

static void walker(int cpu)
{
	WRITE_ONCE(irqoff[cpu], 1);
	if (variant(n2_barriers) || variant(n3_barriers))
		smp_mb();
	walk();
	WRITE_ONCE(irqoff[cpu], 0);
}

void cpu0(void)
{
	int cpu;

	WRITE_ONCE(entry, NONE);
	if (variant(n2_ipi_barrier) || variant(n2_barriers) || variant(n3_barriers))
		smp_mb();
	for (cpu = 1; cpu <= walkers(); cpu++)
		shootdown_await(&irqoff[cpu], 0);
	finish_collapse();
}

void cpu1(void) { walker(1); }
void cpu2(void) { walker(2); }
void cpu3(void) { walker(3); }
void cpu4(void) { walker(4); }
void cpu5(void) { walker(5); }
