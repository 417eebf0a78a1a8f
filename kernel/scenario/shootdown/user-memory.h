// SPDX-License-Identifier: Apache-2.0
/* Pages of user space that CPUs reach through their TLBs. */
#ifndef SHOOTDOWN_USER_MEMORY_H
#define SHOOTDOWN_USER_MEMORY_H

#include <shootdown/address-space.h>
#include <shootdown/hardware.h>

static inline unsigned long *page_data(struct page *page)
{
	return (unsigned long *)lowmem_page_address(page);
}

/* A page whose first word is `value`; only in setup(). */
static inline struct page *make_user_page(unsigned long value, const char *name)
{
	struct page *page = make_table(name);

	*page_data(page) = value;
	return page;
}

#endif
