// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_PERF_EVENT_H
#define _LINUX_PERF_EVENT_H

#include <linux/types.h>

/* How big a page of the running task is. Any context, NMI too. */
u64 perf_get_page_size(unsigned long addr);

#endif
