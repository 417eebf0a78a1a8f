// SPDX-License-Identifier: Apache-2.0
/* Which hypervisor's operations are in place. */
#ifndef _ASM_X86_PARAVIRT_H
#define _ASM_X86_PARAVIRT_H

#include <linux/scenario_platform.h>

/* pv_ops.mmu.lazy_mode: only Xen puts work off. */
void xen_enter_lazy_mmu(void);
void xen_leave_lazy_mmu(void);

static inline void arch_enter_lazy_mmu_mode(void)
{
	if (scenario_platform == P_xen)
		xen_enter_lazy_mmu();
}
static inline void arch_leave_lazy_mmu_mode(void)
{
	if (scenario_platform == P_xen)
		xen_leave_lazy_mmu();
}
#define arch_enter_lazy_mmu_mode arch_enter_lazy_mmu_mode

#endif
