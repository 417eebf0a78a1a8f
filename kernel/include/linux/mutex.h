// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_MUTEX_H
#define _LINUX_MUTEX_H

#include <linux/types.h>

struct mutex {
	atomic_long_t owner;
};

void mutex_lock(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);

static inline void mutex_init(struct mutex *lock)
{
	lock->owner.counter = 0;
}

static inline bool mutex_is_locked(struct mutex *lock)
{
	return READ_ONCE(lock->owner.counter) != 0;
}

#endif
