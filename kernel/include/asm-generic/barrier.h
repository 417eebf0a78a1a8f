// SPDX-License-Identifier: Apache-2.0
/*
 * Barriers of an architecture that reorders reads with reads and writes with
 * writes. As fences of the language: what instruction they become is nothing
 * that the order of accesses here depends on.
 */
#ifndef _ASM_GENERIC_BARRIER_H
#define _ASM_GENERIC_BARRIER_H

#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_mb__after_atomic() smp_mb()

#endif
