// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_GFP_H
#define _LINUX_GFP_H

#include <linux/types.h>

#define __GFP_HIGHMEM ((gfp_t)BIT(1))
#define __GFP_IO ((gfp_t)BIT(6))
#define __GFP_FS ((gfp_t)BIT(7))
#define __GFP_ZERO ((gfp_t)BIT(8))
/* An allocation without the first may not sleep, and so may fail: a choice of the machine. */
#define __GFP_DIRECT_RECLAIM ((gfp_t)BIT(10))
#define __GFP_KSWAPD_RECLAIM ((gfp_t)BIT(11))
#define __GFP_RECLAIM (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define __GFP_NOWARN ((gfp_t)BIT(13))
#define __GFP_COMP ((gfp_t)BIT(18))
#define __GFP_HARDWALL ((gfp_t)BIT(20))
#define __GFP_ACCOUNT ((gfp_t)BIT(22))

#define GFP_KERNEL (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_NOWAIT (__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)
#define GFP_USER (GFP_KERNEL | __GFP_HARDWALL)
/* Departs: from low memory, which needs no mapping to be copied to. */
#define GFP_TRANSHUGE GFP_USER
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)

struct page;

/* The frame's zone follows from the mask: high memory only if it asks. */
struct page *alloc_pages_noprof(gfp_t gfp, unsigned int order);
void __free_pages(struct page *page, unsigned int order);

#define alloc_pages(gfp, order) alloc_pages_noprof(gfp, order)
#define alloc_page(gfp) alloc_pages(gfp, 0)
#define __free_page(page) __free_pages(page, 0)

#endif
