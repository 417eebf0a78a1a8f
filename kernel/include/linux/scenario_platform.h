// SPDX-License-Identifier: Apache-2.0
/* What the kernel finds itself on at boot: known when the program is linked. */
#ifndef _LINUX_SCENARIO_PLATFORM_H
#define _LINUX_SCENARIO_PLATFORM_H

enum scenario_platform { P_native, P_kvm, P_hyperv, P_xen, P_invlpgb, P_sbi, P_hash };

/* Set by the machine when it loads the program. */
extern const enum scenario_platform scenario_platform;

#endif
