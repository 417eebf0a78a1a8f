// SPDX-License-Identifier: Apache-2.0
/*
 * The configuration, as Kconfig would settle it. The tool passes the symbols a
 * user can choose (HIGHPTE, PARAVIRT) and the architecture; what
 * follows from them is derived here and in the architecture's asm/kconfig.h,
 * so that no combination exists which a real .config cannot have.
 */
#ifndef _LINUX_KCONFIG_H
#define _LINUX_KCONFIG_H

#include <linux/version.h>

/* This kernel, not a tree: for scenarios that use what no tree has. */
#define SHOOTDOWN_BUILTIN 1

#define CONFIG_SMP 1
#define CONFIG_SPLIT_PTE_PTLOCKS 1
/* The kernel's own assertions are properties here: all that the code reaches are checked. */
#define CONFIG_DEBUG_VM 1
/* On, but for tests of what is left without it. */
#ifndef SHOOTDOWN_WITHOUT_THP
#define CONFIG_TRANSPARENT_HUGEPAGE 1
#endif
#define CONFIG_NR_CPUS 8

#include <asm/kconfig.h>

#endif
