// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_X86_BARRIER_H
#define _ASM_X86_BARRIER_H

/* Only a store followed by a load can change places. */
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
/* Atomic read-modify-writes are full barriers by themselves. */
#define smp_mb__after_atomic() barrier()

#endif
