// SPDX-License-Identifier: Apache-2.0
/*
 * A secondary MMU that works as KVM's does (virt/kvm/kvm_main.c, 6.12): one
 * translation of its own, dropped when a notifier asks, established anew from
 * the CPU's tables unless an invalidation was or is under way. The machine
 * knows which page it maps, where and whether for writing: freeing that page,
 * or changing the CPU's entry so that it says less, is `notifier-window`.
 *
 * In setup(): make_secondary_mmu(). On a CPU: secondary_mmu_fault() and then
 * secondary_mmu_write() or _read(), which hardware does without any lock.
 */
#ifndef SHOOTDOWN_SECONDARY_MMU_H
#define SHOOTDOWN_SECONDARY_MMU_H

#include <linux/mmu_notifier.h>
#include <linux/rwlock.h>
#include <shootdown/address-space.h>
#include <shootdown/current.h>

/* The machine's note that a secondary MMU maps a page as the tables at `pgd` do, or no longer does. */
void shootdown_secondary_map(struct page *page, void *pgd, unsigned long address, int writable);
void shootdown_secondary_unmap(struct page *page, void *pgd, unsigned long address);

struct secondary_mmu {
	struct mmu_notifier notifier;
	rwlock_t mmu_lock;
	unsigned long mmu_invalidate_seq;
	long mmu_invalidate_in_progress;
	/* All that is being invalidated, in one; none was added if both are INVALID_RANGE. */
	unsigned long mmu_invalidate_range_start;
	unsigned long mmu_invalidate_range_end;
	unsigned long address;
	struct page *spte;
};

#define INVALID_RANGE (~0UL)

static struct secondary_mmu *secondary_mmu;

static void secondary_mmu_zap(struct secondary_mmu *mmu)
{
	if (!mmu->spte)
		return;
	shootdown_secondary_unmap(mmu->spte, mmu->notifier.mm->pgd, mmu->address);
	mmu->spte = NULL;
}

/* Takes the page for its translation, asking nobody. Caller holds mmu_lock for writing. */
static inline void secondary_mmu_set(struct secondary_mmu *mmu, struct page *page, bool writable)
{
	secondary_mmu_zap(mmu);
	mmu->spte = page;
	shootdown_secondary_map(page, mmu->notifier.mm->pgd, mmu->address, writable);
}

/* kvm_mmu_invalidate_begin(), kvm_mmu_invalidate_range_add() and _end(); mmu_lock is held for writing. */
static inline void secondary_mmu_invalidate_begin(struct secondary_mmu *mmu)
{
	mmu->mmu_invalidate_in_progress++;
	if (mmu->mmu_invalidate_in_progress == 1)
		mmu->mmu_invalidate_range_start = mmu->mmu_invalidate_range_end = INVALID_RANGE;
}

static inline void secondary_mmu_invalidate_range_add(struct secondary_mmu *mmu,
						      unsigned long start, unsigned long end)
{
	WARN_ON_ONCE(!mmu->mmu_invalidate_in_progress);
	if (mmu->mmu_invalidate_range_start == INVALID_RANGE) {
		mmu->mmu_invalidate_range_start = start;
		mmu->mmu_invalidate_range_end = end;
		return;
	}
	if (start < mmu->mmu_invalidate_range_start)
		mmu->mmu_invalidate_range_start = start;
	if (end > mmu->mmu_invalidate_range_end)
		mmu->mmu_invalidate_range_end = end;
}

static inline void secondary_mmu_invalidate_end(struct secondary_mmu *mmu)
{
	/* The sequence first: who sees nothing in progress must see that something was. */
	mmu->mmu_invalidate_seq++;
	smp_wmb();
	mmu->mmu_invalidate_in_progress--;
	BUG_ON(mmu->mmu_invalidate_in_progress < 0);
	WARN_ON_ONCE(mmu->mmu_invalidate_range_start == INVALID_RANGE);
}

static int secondary_mmu_start(struct mmu_notifier *notifier,
			       const struct mmu_notifier_range *range)
{
	struct secondary_mmu *mmu = container_of(notifier, struct secondary_mmu, notifier);

	write_lock(&mmu->mmu_lock);
	secondary_mmu_invalidate_begin(mmu);
	secondary_mmu_invalidate_range_add(mmu, range->start, range->end);
	if (mmu->address >= range->start && mmu->address < range->end)
		secondary_mmu_zap(mmu);
	write_unlock(&mmu->mmu_lock);
	return 0;
}

static void secondary_mmu_end(struct mmu_notifier *notifier,
			      const struct mmu_notifier_range *range)
{
	struct secondary_mmu *mmu = container_of(notifier, struct secondary_mmu, notifier);

	(void)range;
	write_lock(&mmu->mmu_lock);
	secondary_mmu_invalidate_end(mmu);
	write_unlock(&mmu->mmu_lock);
}

/* kvm_flush_shadow_all(); no CPU runs the guest any more. */
static void secondary_mmu_release(struct mmu_notifier *notifier, struct mm_struct *gone)
{
	struct secondary_mmu *mmu = container_of(notifier, struct secondary_mmu, notifier);

	(void)gone;
	write_lock(&mmu->mmu_lock);
	secondary_mmu_zap(mmu);
	write_unlock(&mmu->mmu_lock);
}

static const struct mmu_notifier_ops secondary_mmu_ops = {
	.release = secondary_mmu_release,
	.invalidate_range_start = secondary_mmu_start,
	.invalidate_range_end = secondary_mmu_end,
};

/* Watches `mm` at `addr`; only in setup(). */
static inline void make_secondary_mmu(void)
{
	secondary_mmu = shootdown_alloc(sizeof(*secondary_mmu), "secondary MMU");
	secondary_mmu->address = addr;
	secondary_mmu->notifier.ops = &secondary_mmu_ops;
	shootdown_name(&secondary_mmu->mmu_lock, sizeof(rwlock_t), "mmu_lock");
	shootdown_name(&secondary_mmu->spte, sizeof(void *), "spte");
	if (!mm->notifier_subscriptions)
		mm->notifier_subscriptions = shootdown_alloc(
			sizeof(struct mmu_notifier_subscriptions), "notifier subscriptions");
	__mmu_notifier_register(&secondary_mmu->notifier, mm);
}

/* Its translation is there before the CPUs run; only in setup(). */
static inline void secondary_mmu_maps(struct page *page)
{
	secondary_mmu_set(secondary_mmu, page, true);
}

/* The same, for reading only. */
static inline void secondary_mmu_maps_readonly(struct page *page)
{
	secondary_mmu_set(secondary_mmu, page, false);
}

/* Caller holds mmu_lock. */
static inline bool mmu_invalidate_retry(struct secondary_mmu *mmu, unsigned long seq)
{
	if (mmu->mmu_invalidate_in_progress)
		return true;
	smp_rmb();
	return mmu->mmu_invalidate_seq != seq;
}

/*
 * A fault of the guest, once: true if there is a translation afterwards. The
 * page comes from GUP-fast, so the CPU must run with the mm (run_with_mm()).
 */
static inline bool secondary_mmu_fault(struct secondary_mmu *mmu)
{
	unsigned long seq = READ_ONCE(mmu->mmu_invalidate_seq);
	struct page *page = NULL;
	bool mapped = false;

	smp_rmb();
	if (get_user_pages_fast_only(mmu->address, 1, FOLL_WRITE, &page) != 1)
		return false;
	write_lock(&mmu->mmu_lock);
	if (!mmu_invalidate_retry(mmu, seq)) {
		secondary_mmu_set(mmu, page, true);
		mapped = true;
	}
	write_unlock(&mmu->mmu_lock);
	/* The notifier is what keeps the page: no reference stays. */
	put_page(page);
	return mapped;
}

/*
 * What the guest does through the translation, without asking anybody. The
 * lock stands for the flush with which an invalidation waits for accesses
 * under way.
 */
static inline void secondary_mmu_write(struct secondary_mmu *mmu, unsigned long value)
{
	read_lock(&mmu->mmu_lock);
	if (mmu->spte)
		WRITE_ONCE(*(unsigned long *)lowmem_page_address(mmu->spte), value);
	read_unlock(&mmu->mmu_lock);
}

static inline unsigned long secondary_mmu_read(struct secondary_mmu *mmu)
{
	unsigned long value = 0;

	read_lock(&mmu->mmu_lock);
	if (mmu->spte)
		value = READ_ONCE(*(unsigned long *)lowmem_page_address(mmu->spte));
	read_unlock(&mmu->mmu_lock);
	return value;
}

#endif
