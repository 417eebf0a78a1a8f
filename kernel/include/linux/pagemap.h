// SPDX-License-Identifier: Apache-2.0
/* The folio lock: bit 0 of the flags, so that trying it is one atomic operation. */
#ifndef _LINUX_PAGEMAP_H
#define _LINUX_PAGEMAP_H

#include <linux/kernel.h>
#include <linux/page-flags.h>

/* Waits, asleep, until the bit is clear, and sets it. */
void __folio_lock(struct folio *folio);
void folio_unlock(struct folio *folio);

struct address_space;
struct folio *filemap_lock_folio(struct address_space *mapping);

static inline bool folio_trylock(struct folio *folio)
{
	unsigned long old = __atomic_fetch_or(&folio->page.flags, BIT(PG_locked), __ATOMIC_SEQ_CST);

	return !(old & BIT(PG_locked));
}

static inline void folio_lock(struct folio *folio)
{
	might_sleep();
	if (!folio_trylock(folio))
		__folio_lock(folio);
}

static inline bool folio_test_locked(const struct folio *folio)
{
	return (READ_ONCE(folio->page.flags) & BIT(PG_locked)) != 0;
}

#endif
