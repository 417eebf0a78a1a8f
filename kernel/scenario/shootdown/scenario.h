// SPDX-License-Identifier: Apache-2.0
/*
 * What a scenario gets from the machine, and tells it. The one header that the
 * built-in kernel and a real tree share: it uses only names that both have.
 *
 * A scenario defines, with external linkage:
 *   void setup(void)             runs alone, before the CPUs start
 *   void cpu0(void), cpu1 ...    one per CPU
 *   void nmi(void), nmi0 ...     with @nmis; what a non-maskable interrupt runs
 *   void finish(void)            optional; runs alone where an execution ends
 */
#ifndef SHOOTDOWN_SCENARIO_H
#define SHOOTDOWN_SCENARIO_H

#include <linux/gfp.h>
#include <linux/mm.h>

/* -- variants -------------------------------------------------------------- */

/* V_mainline, V_sync_after_unlock, ...: the header's @variant lines, in order. */
enum scenario_variant { SCENARIO_VARIANTS };

/* Set by the machine when it loads the program. */
extern const enum scenario_variant scenario_variant;

/* '-' and '+' of a name are '_' here: variant(v3_foreign_mm) is v3+foreign-mm. */
#define variant(name) (scenario_variant == V_##name)
/* v3, alone and with whatever is added to it. */
#define variant_of(name) ((VARIANTS_OF_##name >> scenario_variant) & 1)
/* Any variant to which +foreign-mm is added: variant_with(foreign_mm). */
#define variant_with(name) ((VARIANTS_WITH_##name >> scenario_variant) & 1)

/* -- primitives of the machine --------------------------------------------- */

/* Zeroed low memory that lives as long as the execution; only in setup(). */
void *shootdown_alloc(unsigned long size, const char *name);

/* Violates `property` if `condition` is 0; `text` says what was required. */
void shootdown_require(const char *property, int condition, const char *text);

/* 0 ... n - 1; every value is explored. */
unsigned int shootdown_choose(unsigned int n);

/* Waits until `*word` is `value`: one step, forbidden until then. */
void shootdown_await(const volatile int *word, int value);

/* The number of the CPU that runs. */
int shootdown_cpu(void);

/* What traces call these bytes. */
void shootdown_name(const void *address, unsigned long size, const char *name);

void setup(void);
void finish(void);
void cpu0(void);
void cpu1(void);
void cpu2(void);
void cpu3(void);
void cpu4(void);
void cpu5(void);

/* What an NMI runs, on every CPU or on one; as often as @nmis allows. */
void nmi(void);
void nmi0(void);
void nmi1(void);
void nmi2(void);
void nmi3(void);

/* -- what the machine must know of this kernel's layout -------------------- */

/* Eight bytes each, in this order, on every architecture. */
struct shootdown_layout {
	unsigned long long page_bytes;
	unsigned long long page_refcount_offset;
	unsigned long long mm_bytes;
	unsigned long long mm_cpumask_offset;
	unsigned long long cpumask_bytes;
	/* 0 where it is a variable: read page_offset_base. */
	unsigned long long page_offset;
	unsigned long long gfp_highmem;
	unsigned long long gfp_zero;
	unsigned long long gfp_direct_reclaim;
};

extern const struct shootdown_layout shootdown_layout;
const struct shootdown_layout shootdown_layout = {
	.page_bytes = sizeof(struct page),
	.page_refcount_offset = offsetof(struct page, _refcount),
	.mm_bytes = sizeof(struct mm_struct),
	.mm_cpumask_offset = offsetof(struct mm_struct, cpu_bitmap),
	.cpumask_bytes = sizeof(struct cpumask),
	.page_offset = __builtin_choose_expr(__builtin_constant_p(PAGE_OFFSET), PAGE_OFFSET, 0),
	.gfp_highmem = (unsigned int)__GFP_HIGHMEM,
	.gfp_zero = (unsigned int)__GFP_ZERO,
	.gfp_direct_reclaim = (unsigned int)__GFP_DIRECT_RECLAIM,
};

#endif
