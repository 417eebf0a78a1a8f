// SPDX-License-Identifier: Apache-2.0
/* Which hypervisor's operations are in place: known when the program is linked. */
#ifndef _ASM_X86_PARAVIRT_H
#define _ASM_X86_PARAVIRT_H

enum scenario_platform { P_native, P_kvm, P_hyperv, P_xen, P_invlpgb };

/* Set by the machine when it loads the program. */
extern const enum scenario_platform scenario_platform;

#endif
