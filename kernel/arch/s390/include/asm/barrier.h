// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_S390_BARRIER_H
#define _ASM_S390_BARRIER_H

/* Only a store followed by a load can change places; an interlocked update is a barrier by itself. */
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_mb__after_atomic() barrier()

#endif
