// SPDX-License-Identifier: Apache-2.0
/*
 * @question Two lockless walkers keep interrupts off; a collapser clears the entry
 *   and waits for an IPI before it looks at the reference count. A model that turns
 *   the interrupt flag into a variable and the IPI into waiting for that variable
 *   finds a use after free, for the store "interrupts off" can be delayed past the
 *   reads that follow it. Does a CPU with a real interrupt flag show it?
 * @source the GUP-fast example of C model checkers, with the flag as a CPU has it:
 *   masking interrupts is not a store, so no store buffer holds it back
 * @cpu 0 walker: reads the entry with interrupts off and takes a reference
 * @cpu 1 second-walker: the same
 * @cpu 2 collapser: clears the entry, waits, checks the reference count, frees
 * @variant waited-ipi: smp_call_function() with wait after the clear
 * @variant no-ipi: nothing between the clear and the check
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm
 * @preemptions kvm 1
 * @expect waited-ipi * * safe
 * @expect no-ipi * * unsafe assertion
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <shootdown/gup-protocol.h>

void setup(void)
{
	name_protocol();
}

static void walk_with_interrupts_off(void)
{
	unsigned long flags;

	local_irq_save(flags);
	walk();
	local_irq_restore(flags);
}

void cpu0(void)
{
	walk_with_interrupts_off();
}

void cpu1(void)
{
	walk_with_interrupts_off();
}

static void acknowledge(void *info)
{
	(void)info;
}

void cpu2(void)
{
	WRITE_ONCE(entry, NONE);
	if (variant(waited_ipi))
		smp_call_function(acknowledge, NULL, 1);
	finish_collapse();
}
