// SPDX-License-Identifier: Apache-2.0
/*
 * Pages of user space that CPUs reach through their TLBs, and the flush that
 * the questions about stale translations take for granted: by waited IPIs, as
 * native_flush_tlb_multi() does it. For the built-in kernel.
 */
#ifndef SHOOTDOWN_USER_MEMORY_H
#define SHOOTDOWN_USER_MEMORY_H

#include <linux/smp.h>
#include <asm/special_insns.h>
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

static inline void flush_page_here(void *address)
{
	native_flush_tlb_one_user((unsigned long)address);
}

/* flush_tlb_page(): one page, on every CPU. Interrupts are on. */
static inline void flush_user_page(unsigned long address)
{
	smp_call_function(flush_page_here, (void *)address, 1);
	flush_page_here((void *)address);
}

static inline void flush_all_here(void *unused)
{
	(void)unused;
	native_flush_tlb_local();
}

/* flush_tlb_mm(): everything that is not global, on every CPU. */
static inline void flush_user_mm(void)
{
	smp_call_function(flush_all_here, NULL, 1);
	flush_all_here(NULL);
}

#endif
