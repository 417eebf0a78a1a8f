// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_POWERPC_BARRIER_H
#define _ASM_POWERPC_BARRIER_H

#include <asm-generic/barrier.h>

#endif
