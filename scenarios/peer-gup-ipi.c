// SPDX-License-Identifier: Apache-2.0
/*
 * @question The protocol of peer-gup with interrupts as a machine has them: an
 *   interrupt flag for each CPU, IPIs that wait for it, a collapser that waits for
 *   the IPIs. How many executions are there?
 * @source the GUP-fast protocol of C model checkers, its flags and waiting replaced
 *   by local_irq_save() and smp_call_function()
 * @cpu 0 collapser: clears the entry, interrupts all CPUs and waits, checks the
 *   reference count, frees
 * @cpu 1 walker: reads the entry with interrupts off and takes a reference
 * @cpu 2 walker: the same
 * @cpu 3 walker: the same
 * @cpu 4 walker: the same
 * @cpu 5 walker: the same
 * @variant n2: two walkers
 * @variant n3: three walkers
 * @variant n4: four walkers
 * @variant n5: five walkers
 * @online n2 3
 * @online n3 4
 * @online n4 5
 * @online n5 6
 * @arch x86_64
 * @platform native
 * @expect * * * safe
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <shootdown/gup-protocol.h>

void setup(void)
{
	name_protocol();
}

static void acknowledge(void *info)
{
	(void)info;
}

static void walker(void)
{
	unsigned long flags;

	local_irq_save(flags);
	walk();
	local_irq_restore(flags);
}

void cpu0(void)
{
	WRITE_ONCE(entry, NONE);
	smp_call_function(acknowledge, NULL, 1);
	finish_collapse();
}

void cpu1(void) { walker(); }
void cpu2(void) { walker(); }
void cpu3(void) { walker(); }
void cpu4(void) { walker(); }
void cpu5(void) { walker(); }
