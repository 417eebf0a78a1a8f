// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_KHUGEPAGED_H
#define _LINUX_KHUGEPAGED_H

#include <linux/mm_types.h>

/*
 * How a collapse waits for lockless walkers once it has cleared a PMD: what the
 * mails discuss. A scenario sets `collapse_sync` in setup().
 */
enum collapse_sync {
	/* Linux 6.12: see each caller. */
	COLLAPSE_SYNC_MAINLINE,
	/* The first mail: pmdp_collapse_flush_sync(), all under the page-table lock. */
	COLLAPSE_SYNC_V3,
	/* Its reply: the lock goes in, and is dropped before the wait. */
	COLLAPSE_SYNC_V3_REPLY,
	/* The second mail: pmdp_get_lockless_sync() after the lock is dropped. */
	COLLAPSE_SYNC_AFTER_UNLOCK,
	COLLAPSE_SYNC_NONE,
	/* tlb_remove_table_sync_one() after the lock is dropped, on every configuration. */
	COLLAPSE_SYNC_UNCONDITIONAL,
	/* As V3, but what the flush has sent is not forgotten when the wait was skipped. */
	COLLAPSE_SYNC_FLAG_KEPT,
};

extern enum collapse_sync collapse_sync;

#endif
