// SPDX-License-Identifier: Apache-2.0
/* After mm/mmu_notifier.c, 6.12. */
#include <linux/mmu_notifier.h>

void __mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	subscription->mm = mm;
	subscription->next = mm->notifier_subscriptions->list;
	mm->notifier_subscriptions->list = subscription;
}

#define for_each_notifier(subscription, mm) \
	for (struct mmu_notifier *subscription = (mm)->notifier_subscriptions->list; subscription; \
	     subscription = subscription->next)

/* Then nobody hears of an entry any more: what he has must be gone by his return. */
void __mmu_notifier_release(struct mm_struct *mm)
{
	for_each_notifier(subscription, mm)
		if (subscription->ops->release)
			subscription->ops->release(subscription, mm);
	WRITE_ONCE(mm->notifier_subscriptions->list, NULL);
}

int __mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	for_each_notifier(subscription, range->mm)
		if (subscription->ops->invalidate_range_start)
			subscription->ops->invalidate_range_start(subscription, range);
	return 0;
}

void __mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{
	for_each_notifier(subscription, range->mm)
		if (subscription->ops->invalidate_range_end)
			subscription->ops->invalidate_range_end(subscription, range);
}

void __mmu_notifier_arch_invalidate_secondary_tlbs(struct mm_struct *mm, unsigned long start,
						   unsigned long end)
{
	for_each_notifier(subscription, mm)
		if (subscription->ops->arch_invalidate_secondary_tlbs)
			subscription->ops->arch_invalidate_secondary_tlbs(subscription, mm, start,
									  end);
}
