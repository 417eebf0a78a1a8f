// SPDX-License-Identifier: Apache-2.0
/* Flushes that interrupt nobody, for one address space: the primitive of the machine that kernels and scenarios share. */
#ifndef SHOOTDOWN_REMOTE_FLUSH_H
#define SHOOTDOWN_REMOTE_FLUSH_H

/*
 * Drops what a CPU may have cached of one PCID or ASID, or of any, for addresses `first` to
 * `last`. What architectures differ in: which cached upper entries go along.
 */
#define SHOOTDOWN_ANY_ASID (~0U)
enum shootdown_upper {
	SHOOTDOWN_UPPER_NONE, /* leaves only */
	SHOOTDOWN_UPPER_PATH, /* those on the way to the range */
	SHOOTDOWN_UPPER_ALL, /* all of the ASID */
};
void shootdown_remote_flush_range(int cpu, unsigned int asid, unsigned long first,
				  unsigned long last, enum shootdown_upper upper);

/* The same for leaves of 1 << shift bytes alone: of instructions that name a page size. */
void shootdown_remote_flush_leaves(int cpu, unsigned int asid, unsigned long first,
				   unsigned long last, unsigned int shift);

#endif
