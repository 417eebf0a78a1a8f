// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_S390_CURRENT_H
#define _ASM_S390_CURRENT_H

#include <asm-generic/current.h>

#endif
