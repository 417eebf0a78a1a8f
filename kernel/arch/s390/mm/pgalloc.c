// SPDX-License-Identifier: Apache-2.0
/* Page tables of s390: half a page, but a page each. After arch/s390/mm/pgalloc.c, 6.12. */
#include <linux/rcupdate.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
/*
 * Departs: only so many entries of a new table are written. The others stay
 * undefined, as does the half of the page that KVM would use; whoever reads one
 * is reported. The machine's walker is told: it looks at those alone.
 */
#define PTES_INITIALISED 8

pgtable_t page_table_alloc(struct mm_struct *mm)
{
	struct ptdesc *ptdesc = pagetable_alloc(GFP_KERNEL_ACCOUNT, 0);
	pgtable_t table;

	(void)mm;
	if (!ptdesc)
		return NULL;
	if (!pagetable_pte_ctor(ptdesc)) {
		pagetable_free(ptdesc);
		return NULL;
	}
	table = ptdesc_address(ptdesc);
	for (unsigned int i = 0; i < PTES_INITIALISED; i++)
		table[i] = __pte(_PAGE_INVALID);
	return table;
}

static void pagetable_pte_dtor_free(struct ptdesc *ptdesc)
{
	pagetable_pte_dtor(ptdesc);
	pagetable_free(ptdesc);
}

void page_table_free(struct mm_struct *mm, pgtable_t table)
{
	(void)mm;
	pagetable_pte_dtor_free(virt_to_ptdesc(table));
}

/* Of every kind: they differ in their size only, which is one page here. */
void __tlb_remove_table(void *table)
{
	pagetable_pte_dtor_free(virt_to_ptdesc(table));
}

static void pte_free_now(struct rcu_head *head)
{
	pagetable_pte_dtor_free(container_of(head, struct ptdesc, pt_rcu_head));
}

/* The head is in the page's descriptor: readers keep the table as it is. */
void pte_free_defer(struct mm_struct *mm, pgtable_t pgtable)
{
	(void)mm;
	call_rcu(&virt_to_ptdesc(pgtable)->pt_rcu_head, pte_free_now);
}
