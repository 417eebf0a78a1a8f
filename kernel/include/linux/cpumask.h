// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_CPUMASK_H
#define _LINUX_CPUMASK_H

#include <linux/types.h>

typedef struct cpumask {
	unsigned long bits[BITS_TO_LONGS(CONFIG_NR_CPUS)];
} cpumask_t;

#define cpumask_bits(maskp) ((maskp)->bits)

/* Departs: the kernel points into a table of masks. */
#define cpumask_of(cpu) (&(const cpumask_t){ { 1UL << (cpu) } })

/* CONFIG_NR_CPUS are one word. */
static inline bool cpumask_equal(const cpumask_t *one, const cpumask_t *other)
{
	return one->bits[0] == other->bits[0];
}
static inline void cpumask_copy(cpumask_t *to, const cpumask_t *from)
{
	to->bits[0] = from->bits[0];
}

/* CPUs there are; set by the machine when it loads the program. */
extern const unsigned int nr_cpu_ids;
/* None comes or goes. */
#define cpu_present_mask (&(const cpumask_t){ { (1UL << nr_cpu_ids) - 1 } })

static __always_inline bool cpumask_test_cpu(unsigned int cpu, const struct cpumask *mask)
{
	return (READ_ONCE(mask->bits[0]) >> cpu) & 1;
}

/* Both are locked operations, full barriers on x86. */
static __always_inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *mask)
{
	__atomic_fetch_or(&mask->bits[0], 1UL << cpu, __ATOMIC_SEQ_CST);
}

static __always_inline void cpumask_clear_cpu(unsigned int cpu, struct cpumask *mask)
{
	__atomic_fetch_and(&mask->bits[0], ~(1UL << cpu), __ATOMIC_SEQ_CST);
}

static __always_inline bool cpumask_empty(const struct cpumask *mask)
{
	return !READ_ONCE(mask->bits[0]);
}

/* Some CPU of the mask that is not this one; nr_cpu_ids or more for none. */
static __always_inline unsigned int cpumask_any_but(const struct cpumask *mask, unsigned int cpu)
{
	unsigned long others = READ_ONCE(mask->bits[0]) & ~(1UL << cpu);

	return others ? (unsigned int)__builtin_ctzl(others) : nr_cpu_ids;
}

/* Each bit is looked at when its turn comes. */
#define for_each_cpu(cpu, mask) \
	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++) \
		if (!cpumask_test_cpu(cpu, mask)) { } else

#endif
