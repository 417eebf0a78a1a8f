// SPDX-License-Identifier: Apache-2.0
/* Which hypervisor's operations are in place. */
#ifndef _ASM_X86_PARAVIRT_H
#define _ASM_X86_PARAVIRT_H

#include <linux/scenario_platform.h>

#endif
