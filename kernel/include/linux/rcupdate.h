// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

#include <linux/types.h>

void __rcu_read_lock(void);
void __rcu_read_unlock(void);
void call_rcu(struct rcu_head *head, rcu_callback_t func);
void synchronize_rcu(void);

static __always_inline void rcu_read_lock(void)
{
	__rcu_read_lock();
}

static inline void rcu_read_unlock(void)
{
	__rcu_read_unlock();
}

#endif
