// SPDX-License-Identifier: Apache-2.0
/*
 * Who holds a lock, asserted. After include/linux/lockdep.h, 6.12: of lockdep,
 * only this; orders of locks are the machine's `deadlock`. The machine knows
 * what each context holds, so asking reads no memory and is no step.
 */
#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H

#include <linux/bug.h>
#include <linux/irqflags.h>

/* Whether whoever asks holds the lock of that many bytes; `exclusive`: and nobody else can. */
int shootdown_holds(const void *lock, int exclusive, unsigned int size);

#define lockdep_assert_held(lock) ((void)WARN_ON(!shootdown_holds(lock, 0, sizeof(*(lock)))))
#define lockdep_assert_held_write(lock) ((void)WARN_ON(!shootdown_holds(lock, 1, sizeof(*(lock)))))
#define lockdep_assert_irqs_disabled() ((void)WARN_ON(!irqs_disabled()))
#define lockdep_assert_irqs_enabled() ((void)WARN_ON(irqs_disabled()))

#endif
