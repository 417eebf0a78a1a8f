// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_PAGE_REF_H
#define _LINUX_PAGE_REF_H

#include <linux/atomic.h>
#include <linux/mm_types.h>

static inline int page_ref_count(const struct page *page)
{
	return atomic_read(&page->_refcount);
}

static inline int folio_ref_count(const struct folio *folio)
{
	return page_ref_count(&folio->page);
}

/* Fails when the count has reached zero: the page is being freed. */
static inline bool folio_ref_try_add(struct folio *folio, int count)
{
	return atomic_add_unless(&folio->page._refcount, count, 0);
}

static inline int folio_ref_sub_and_test(struct folio *folio, int count)
{
	return atomic_sub_and_test(count, &folio->page._refcount);
}

static inline void folio_ref_add(struct folio *folio, int count)
{
	atomic_add(count, &folio->page._refcount);
}

static inline void folio_ref_sub(struct folio *folio, int count)
{
	atomic_sub(count, &folio->page._refcount);
}

static inline bool folio_try_get(struct folio *folio)
{
	return folio_ref_try_add(folio, 1);
}

#endif
