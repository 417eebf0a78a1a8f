// SPDX-License-Identifier: Apache-2.0
/*
 * What hardware does that no kernel function stands for: page tables that a
 * CPU has loaded, user accesses through its TLB, flushes by a hypervisor or by
 * broadcast. A CPU without page tables loaded has no TLB to go stale.
 */
#ifndef SHOOTDOWN_HARDWARE_H
#define SHOOTDOWN_HARDWARE_H

#include <shootdown/remote-flush.h>
#include <shootdown/scenario.h>

/* Only in setup(): the CPU's root register, as the architecture writes it. */
void shootdown_load_root(int cpu, unsigned long root);

/*
 * Drops what another CPU may have cached; it is not interrupted. Done when
 * that CPU's accesses through it are: whoever flushes for others waits for it.
 */
void shootdown_remote_flush(int cpu);
void shootdown_remote_flush_page(int cpu, unsigned long address);

/*
 * Whether another vCPU is found preempted: a choice, while the @preemptions of
 * the header last. It may run on at once. What the host is asked to flush
 * meanwhile, it flushes before that vCPU's next step, which may be the next of
 * all: shootdown_remote_flush() where the flag is set stands for it.
 */
int shootdown_preempted(int cpu);

/*
 * User space of the CPU that calls, one access of a word. 0, or 1 for a page
 * fault, which the caller handles. Every translation that may be cached is
 * explored.
 */
int shootdown_user_read(unsigned long address, unsigned long *value);
int shootdown_user_write(unsigned long address, unsigned long value);

/* The own walker fetches the translation and sets the accessed bit. 1: it met no translation. */
int shootdown_walk(unsigned long address);

/* What the root register is while an mm is loaded; where it is more than the root table, asm/ says what. */
#ifndef shootdown_root
#define shootdown_root(mm) __pa((mm)->pgd)
#endif

/* The CPU runs with this mm's page tables from the start; last in setup(). */
static inline void load_mm(int cpu, struct mm_struct *mm)
{
	shootdown_load_root(cpu, shootdown_root(mm));
}

/* What a CPU that had nothing cached would read; 1 where nothing is mapped. Only in finish(). */
int shootdown_user_peek(unsigned long root, unsigned long address, unsigned long *value);

/*
 * In finish(): a user store that succeeded, and that nothing was to discard, is
 * what the address holds. What was meant to be discarded, only the scenario
 * knows; so this is its to require, and not found by itself.
 */
static inline void require_stored(struct mm_struct *mm, unsigned long address,
				  unsigned long value)
{
	unsigned long found = 0;
	int fault = shootdown_user_peek(shootdown_root(mm), address, &found);

	shootdown_require("lost-store", !fault && found == value,
			  "what user space has stored is there for the next load");
}

#endif
