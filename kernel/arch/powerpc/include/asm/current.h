// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_POWERPC_CURRENT_H
#define _ASM_POWERPC_CURRENT_H

#include <asm-generic/current.h>

#endif
