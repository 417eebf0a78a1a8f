// SPDX-License-Identifier: Apache-2.0
/*
 * The smallest protocol of a lockless walker and a collapser, on plain
 * variables: one entry, one PTE, a reference count. How the collapser waits
 * for walkers, and how walkers say that they walk, is the scenario's.
 */
#ifndef SHOOTDOWN_GUP_PROTOCOL_H
#define SHOOTDOWN_GUP_PROTOCOL_H

#include <linux/atomic.h>
#include <shootdown/scenario.h>

enum entry_state { NONE, TABLE, HUGE };

static int entry = TABLE;
static int pte = 1;
static atomic_t refcount = { 1 };
static atomic_t kept;
static int freed;

static inline void name_protocol(void)
{
	shootdown_name(&entry, sizeof(entry), "entry");
	shootdown_name(&pte, sizeof(pte), "pte");
	shootdown_name(&refcount, sizeof(refcount), "refcount");
	shootdown_name(&kept, sizeof(kept), "kept");
	shootdown_name(&freed, sizeof(freed), "freed");
}

static inline void require_not_freed(void)
{
	shootdown_require("assertion", !READ_ONCE(freed), "a walker's table is not freed");
}

/* GUP-fast: entry, PTE, reference, both again. */
static inline void walk(void)
{
	if (READ_ONCE(entry) != TABLE)
		return;
	require_not_freed();
	if (!READ_ONCE(pte))
		return;
	atomic_add(1, &refcount);
	if (READ_ONCE(entry) != TABLE) {
		atomic_sub(1, &refcount);
		return;
	}
	require_not_freed();
	if (!READ_ONCE(pte)) {
		atomic_sub(1, &refcount);
		return;
	}
	atomic_add(1, &kept);
	shootdown_require("assertion", READ_ONCE(entry) != HUGE,
			  "a page that was kept has not been collapsed");
}

/* The collapser, once the entry is clear and the walkers are waited for. */
static inline void finish_collapse(void)
{
	if (atomic_read(&refcount) != 1) {
		WRITE_ONCE(entry, TABLE);
		return;
	}
	WRITE_ONCE(pte, 0);
	WRITE_ONCE(entry, HUGE);
	shootdown_require("assertion", atomic_read(&kept) == 0,
			  "nobody keeps a page that is collapsed");
	WRITE_ONCE(freed, 1);
}

#endif
