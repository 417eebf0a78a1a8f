// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#include <linux/types.h>

/* The number of the CPU that runs; a primitive of the machine. */
int shootdown_cpu(void);

/* The count is machine state: a section that holds it is an RCU reader. */
void __preempt_count_add(int value);
void __preempt_count_sub(int value);

#define preempt_disable() do { __preempt_count_add(1); barrier(); } while (0)
#define preempt_enable() do { barrier(); __preempt_count_sub(1); } while (0)

#define smp_processor_id() ((unsigned int)shootdown_cpu())
#define get_cpu() ({ preempt_disable(); smp_processor_id(); })
#define put_cpu() preempt_enable()

#endif
