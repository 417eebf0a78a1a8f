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
 * @arch x86_64 i386-pae
 * @platform native kvm
 * @preemptions kvm 1
 * @expect waited-ipi * * safe
 * @expect no-ipi * * unsafe assertion
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <shootdown/scenario.h>

enum entry { NONE, TABLE, HUGE };

static int pmd = TABLE;
static int pte = 1;
static atomic_t refcount = { 1 };
static atomic_t kept;
static int freed;

void setup(void)
{
	shootdown_name(&pmd, sizeof(pmd), "pmd");
	shootdown_name(&pte, sizeof(pte), "pte");
	shootdown_name(&refcount, sizeof(refcount), "refcount");
	shootdown_name(&kept, sizeof(kept), "kept");
	shootdown_name(&freed, sizeof(freed), "freed");
}

static void require_not_freed(void)
{
	shootdown_require("assertion", !READ_ONCE(freed), "a walker's table is not freed");
}

static void walk(void)
{
	if (READ_ONCE(pmd) != TABLE)
		return;
	require_not_freed();
	if (!READ_ONCE(pte))
		return;
	atomic_add(1, &refcount);
	if (READ_ONCE(pmd) != TABLE) {
		atomic_sub(1, &refcount);
		return;
	}
	require_not_freed();
	if (!READ_ONCE(pte)) {
		atomic_sub(1, &refcount);
		return;
	}
	atomic_add(1, &kept);
	shootdown_require("assertion", READ_ONCE(pmd) != HUGE,
			  "a page that was kept has not been collapsed");
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
	WRITE_ONCE(pmd, NONE);
	if (variant(waited_ipi))
		smp_call_function(acknowledge, NULL, 1);
	if (atomic_read(&refcount) != 1) {
		WRITE_ONCE(pmd, TABLE);
		return;
	}
	WRITE_ONCE(pte, 0);
	WRITE_ONCE(pmd, HUGE);
	shootdown_require("assertion", atomic_read(&kept) == 0,
			  "nobody keeps a page that is collapsed");
	WRITE_ONCE(freed, 1);
}
