// SPDX-License-Identifier: Apache-2.0
/* Sequence counts on plain memory: readers retry, writers never wait for them. */
#ifndef _LINUX_SEQLOCK_H
#define _LINUX_SEQLOCK_H

#include <linux/types.h>

typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;

#define seqcount_init(s) ((s)->sequence = 0)

/* Odd while a write is under way; the caller decides what to do about that. */
static inline unsigned int raw_read_seqcount(const seqcount_t *s)
{
	unsigned int sequence = READ_ONCE(s->sequence);

	smp_rmb();
	return sequence;
}

static inline unsigned int read_seqcount_begin(const seqcount_t *s)
{
	unsigned int sequence;

	do
		sequence = raw_read_seqcount(s);
	while (unlikely(sequence & 1));
	return sequence;
}

static inline int read_seqcount_retry(const seqcount_t *s, unsigned int start)
{
	smp_rmb();
	return unlikely(READ_ONCE(s->sequence) != start);
}

/* Writers exclude each other by some lock of their own. */
static inline void raw_write_seqcount_begin(seqcount_t *s)
{
	s->sequence++;
	smp_wmb();
}

static inline void raw_write_seqcount_end(seqcount_t *s)
{
	smp_wmb();
	s->sequence++;
}

#endif
