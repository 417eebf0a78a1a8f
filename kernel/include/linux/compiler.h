// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#define __always_inline inline __attribute__((__always_inline__))
#define __maybe_unused __attribute__((__unused__))
#define __noreturn __attribute__((__noreturn__))
#define __aligned(x) __attribute__((__aligned__(x)))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define static_assert _Static_assert

/* Volatile: one access as written. On i386 an 8-byte one is still two. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val) \
	do { *(volatile __typeof__(x) *)&(x) = (val); } while (0)

/* Spinning is known by what it reads, not by this. */
#define cpu_relax() barrier()
#define barrier() __asm__ __volatile__("" : : : "memory")

#include <asm/barrier.h>

#endif
