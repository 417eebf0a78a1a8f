// SPDX-License-Identifier: Apache-2.0
#ifndef _ASM_ARM64_MMU_H
#define _ASM_ARM64_MMU_H

typedef struct {
} mm_context_t;

#endif
