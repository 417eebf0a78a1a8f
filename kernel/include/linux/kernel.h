// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <linux/types.h>

/* A finding where sleeping is forbidden, whether or not anything would sleep. */
void __might_sleep(const char *file, int line);
#define might_sleep() __might_sleep(__FILE__, __LINE__)
/* Nobody else wants this CPU: only the check is left. */
#define cond_resched() might_sleep()

#endif
