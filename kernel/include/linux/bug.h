// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

#include <linux/types.h>

/* Both are findings; a warning lets the CPU go on. */
void shootdown_bug(void) __noreturn;
void shootdown_warn(void);

#define BUG() shootdown_bug()
#define BUG_ON(condition) \
	do { if (unlikely(condition)) BUG(); } while (0)

#define WARN_ON(condition) ({ \
	bool __warned = !!(condition); \
	if (unlikely(__warned)) \
		shootdown_warn(); \
	unlikely(__warned); \
})
/* A flag "warned already" would be one more thing two executions differ in. */
#define WARN_ON_ONCE(condition) WARN_ON(condition)

/* Must not be reachable. Nothing provides it, so code that calls it is refused by this name. */
void __compiletime_assert_build_bug(void);
#define BUILD_BUG() __compiletime_assert_build_bug()

#ifdef CONFIG_DEBUG_VM
#define VM_BUG_ON(condition) BUG_ON(condition)
#define VM_WARN_ON(condition) ((void)WARN_ON(condition))
#else
#define VM_BUG_ON(condition) ((void)sizeof(!!(condition)))
#define VM_WARN_ON(condition) ((void)sizeof(!!(condition)))
#endif
#define VM_WARN_ON_ONCE(condition) VM_WARN_ON(condition)
/* The kernel prints the second argument besides. */
#define VM_BUG_ON_FOLIO(condition, folio) VM_BUG_ON(condition)
#define VM_BUG_ON_VMA(condition, vma) VM_BUG_ON(condition)
#define VM_WARN_ON_FOLIO(condition, folio) VM_WARN_ON(condition)

#endif
