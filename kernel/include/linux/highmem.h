// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_HIGHMEM_H
#define _LINUX_HIGHMEM_H

#include <linux/mm_types.h>

static inline void *lowmem_page_address(const struct page *page)
{
	return __va(page_to_phys(page));
}

#ifdef CONFIG_HIGHMEM
/* A window of this CPU onto a frame: another address for the same memory. */
void *__kmap_local_page_prot(struct page *page, pgprot_t prot);
void kunmap_local_indexed(const void *vaddr);

static inline void *kmap_local_page(struct page *page)
{
	return __kmap_local_page_prot(page, PAGE_KERNEL);
}
#define kunmap_local(address) kunmap_local_indexed(address)
#else
static inline void *kmap_local_page(struct page *page)
{
	return lowmem_page_address(page);
}
#define kunmap_local(address) ((void)(address))
#endif

#endif
