// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

#include <linux/types.h>

static __always_inline int atomic_read(const atomic_t *v)
{
	return READ_ONCE(v->counter);
}

static __always_inline void atomic_set(atomic_t *v, int value)
{
	WRITE_ONCE(v->counter, value);
}

static __always_inline void atomic_add(int value, atomic_t *v)
{
	__atomic_fetch_add(&v->counter, value, __ATOMIC_SEQ_CST);
}

static __always_inline void atomic_sub(int value, atomic_t *v)
{
	__atomic_fetch_sub(&v->counter, value, __ATOMIC_SEQ_CST);
}

static __always_inline bool atomic_sub_and_test(int value, atomic_t *v)
{
	return __atomic_sub_fetch(&v->counter, value, __ATOMIC_SEQ_CST) == 0;
}

/* Returns what was there: `old` if it is `new` now. */
static __always_inline int atomic_cmpxchg(atomic_t *v, int old, int new)
{
	__atomic_compare_exchange_n(&v->counter, &old, new, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	return old;
}

/* Adds unless the value is `unless`; a read that finds it there writes nothing. */
static __always_inline bool atomic_add_unless(atomic_t *v, int value, int unless)
{
	int old = atomic_read(v);

	do {
		if (unlikely(old == unless))
			return false;
	} while (!__atomic_compare_exchange_n(&v->counter, &old, old + value, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return true;
}

static __always_inline void atomic_long_add(long value, atomic_long_t *v)
{
	__atomic_fetch_add(&v->counter, value, __ATOMIC_SEQ_CST);
}

static __always_inline void atomic_long_sub(long value, atomic_long_t *v)
{
	__atomic_fetch_sub(&v->counter, value, __ATOMIC_SEQ_CST);
}

/* Whole on 32 bits as well, where a plain access is two. */
static __always_inline s64 atomic64_read(const atomic64_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static __always_inline s64 atomic64_inc_return(atomic64_t *v)
{
	return __atomic_add_fetch(&v->counter, 1, __ATOMIC_SEQ_CST);
}

#endif
