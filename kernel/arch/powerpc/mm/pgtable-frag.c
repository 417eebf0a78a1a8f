// SPDX-License-Identifier: Apache-2.0
/*
 * Page tables are fragments of a page, counted in its descriptor; with pages of
 * 4 KiB there is one fragment. After arch/powerpc/mm/pgtable-frag.c, 6.12.
 */
#include <linux/rcupdate.h>
#include <asm/pgalloc.h>

#define PGALLOC_GFP (GFP_KERNEL | __GFP_ZERO | __GFP_ACCOUNT)
/* Of a folio that is a table: freed after a grace period. Departs: a bit of its own, of page flags. */
#define PG_ACTIVE 0x100UL

pgtable_t pte_fragment_alloc(struct mm_struct *mm)
{
	struct ptdesc *ptdesc = pagetable_alloc(PGALLOC_GFP, 0);

	(void)mm;
	if (!ptdesc)
		return NULL;
	if (!pagetable_pte_ctor(ptdesc)) {
		pagetable_free(ptdesc);
		return NULL;
	}
	WRITE_ONCE(ptdesc->pt_share_count.counter, 1);
	return ptdesc_address(ptdesc);
}

static void pte_free_now(struct rcu_head *head)
{
	struct ptdesc *ptdesc = container_of(head, struct ptdesc, pt_rcu_head);

	pagetable_pte_dtor(ptdesc);
	pagetable_free(ptdesc);
}

/* The last fragment of a page that was deferred once takes the whole page to RCU. */
void pte_fragment_free(void *table)
{
	struct ptdesc *ptdesc = virt_to_ptdesc(table);

	BUG_ON(atomic_read(&ptdesc->pt_share_count) <= 0);
	if (!atomic_sub_and_test(1, &ptdesc->pt_share_count))
		return;
	if (__atomic_fetch_and(&ptdesc->__page_flags, ~PG_ACTIVE, __ATOMIC_SEQ_CST) & PG_ACTIVE)
		call_rcu(&ptdesc->pt_rcu_head, pte_free_now);
	else
		pte_free_now(&ptdesc->pt_rcu_head);
}

void pte_free_defer(struct mm_struct *mm, pgtable_t pgtable)
{
	(void)mm;
	__atomic_fetch_or(&virt_to_ptdesc(pgtable)->__page_flags, PG_ACTIVE, __ATOMIC_SEQ_CST);
	pte_fragment_free(pgtable);
}
