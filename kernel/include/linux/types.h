// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H

#include <linux/kconfig.h>
#include <linux/compiler.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;
typedef __SIZE_TYPE__ size_t;
typedef _Bool bool;
typedef unsigned int gfp_t;
/* Both architectures address physical memory beyond what a 32-bit long holds. */
typedef u64 phys_addr_t;

typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;
typedef struct { s64 __aligned(8) counter; } atomic64_t;

struct list_head {
	struct list_head *next, *prev;
};

/* The machine runs `func` with the head it was queued with. */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
} __aligned(sizeof(void *));
typedef void (*rcu_callback_t)(struct rcu_head *head);

#define NULL ((void *)0)
#define true 1
#define false 0

#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define BITS_PER_LONG (8 * (int)sizeof(long))
#define BITS_TO_LONGS(bits) (((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BIT(nr) (1UL << (nr))

#endif
