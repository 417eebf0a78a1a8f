// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <linux/lockdep.h>
#include <linux/types.h>

/* The word lies in memory (0 free, 1 held) because code reads it inline. */
typedef struct { atomic_t val; } arch_spinlock_t;
typedef struct { arch_spinlock_t raw_lock; } raw_spinlock_t;
typedef struct { raw_spinlock_t rlock; } spinlock_t;

void _raw_spin_lock(raw_spinlock_t *lock);
void _raw_spin_unlock(raw_spinlock_t *lock);
int _raw_spin_trylock(raw_spinlock_t *lock);

#define SINGLE_DEPTH_NESTING 1
#define spin_lock_nested(lock, subclass) ((void)(subclass), spin_lock(lock))

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->rlock.raw_lock.val.counter = 0;
}

static __always_inline void spin_lock(spinlock_t *lock)
{
	_raw_spin_lock(&lock->rlock);
}

static __always_inline void spin_unlock(spinlock_t *lock)
{
	_raw_spin_unlock(&lock->rlock);
}

static __always_inline int spin_trylock(spinlock_t *lock)
{
	return _raw_spin_trylock(&lock->rlock);
}

static __always_inline int spin_is_locked(spinlock_t *lock)
{
	return READ_ONCE(lock->rlock.raw_lock.val.counter) != 0;
}

/* By whomever, says the kernel; but another CPU that holds it protects nothing of ours. */
#define assert_spin_locked(lock) \
	BUG_ON(!spin_is_locked(lock) || !shootdown_holds(lock, 1, sizeof(*(lock))))

#endif
