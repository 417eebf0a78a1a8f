// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_PAGE_FLAGS_H
#define _LINUX_PAGE_FLAGS_H

#include <linux/mm.h>

#define PG_locked 0
#define PG_dirty 4
/* No other address space can have the anonymous page. */
#define PG_anon_exclusive 16

static inline bool PageAnon(const struct page *page)
{
	return ((unsigned long)READ_ONCE(page->mapping) & PAGE_MAPPING_ANON) != 0;
}

static inline bool page_test_flag(const struct page *page, int flag)
{
	return (READ_ONCE(page->flags) & BIT(flag)) != 0;
}
static inline void page_set_flag(struct page *page, int flag)
{
	__atomic_fetch_or(&page->flags, BIT(flag), __ATOMIC_SEQ_CST);
}
static inline bool page_test_clear_flag(struct page *page, int flag)
{
	return (__atomic_fetch_and(&page->flags, ~BIT(flag), __ATOMIC_SEQ_CST) & BIT(flag)) != 0;
}

#define PageAnonExclusive(page) page_test_flag(page, PG_anon_exclusive)
#define SetPageAnonExclusive(page) page_set_flag(page, PG_anon_exclusive)
#define ClearPageAnonExclusive(page) ((void)page_test_clear_flag(page, PG_anon_exclusive))
#define folio_test_dirty(folio) page_test_flag(&(folio)->page, PG_dirty)
#define folio_mark_dirty(folio) page_set_flag(&(folio)->page, PG_dirty)
#define folio_test_clear_dirty(folio) page_test_clear_flag(&(folio)->page, PG_dirty)

#endif
