// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_RISCV_BARRIER_H
#define _ASM_RISCV_BARRIER_H

#include <asm-generic/barrier.h>

#endif
