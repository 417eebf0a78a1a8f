// SPDX-License-Identifier: Apache-2.0
#include <asm/paravirt.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

#ifdef CONFIG_HIGHPTE
#define PGTABLE_HIGHMEM __GFP_HIGHMEM
#else
#define PGTABLE_HIGHMEM 0
#endif

/* Decides the zone of every user PTE table, hence whether an entry can tear. */
gfp_t __userpte_alloc_gfp = GFP_PGTABLE_USER | PGTABLE_HIGHMEM;

pgtable_t pte_alloc_one(struct mm_struct *mm)
{
	return __pte_alloc_one(mm, __userpte_alloc_gfp);
}

/*
 * On bare metal a table goes with the user pages after the flush, whose IPI is
 * all that walkers with interrupts off are waited for with. Guests, whose flush
 * may send none, go through RCU; since 6.15 everybody does.
 */
static void paravirt_tlb_remove_table(struct mmu_gather *tlb, struct page *table)
{
#ifdef CONFIG_MMU_GATHER_RCU_TABLE_FREE
	if (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0) || scenario_platform != P_native) {
		tlb_remove_table(tlb, table);
		return;
	}
#endif
	tlb_remove_page(tlb, table);
}

void ___pte_free_tlb(struct mmu_gather *tlb, struct page *pte)
{
	pagetable_pte_dtor(page_ptdesc(pte));
	paravirt_tlb_remove_table(tlb, pte);
}

void ___pmd_free_tlb(struct mmu_gather *tlb, pmd_t *pmd)
{
#ifdef CONFIG_X86_PAE
	/* These CPUs keep the four top entries until CR3 is loaded again. */
	tlb->need_flush_all = 1;
#endif
	paravirt_tlb_remove_table(tlb, virt_to_page(pmd));
}

#ifdef CONFIG_X86_64
void ___pud_free_tlb(struct mmu_gather *tlb, pud_t *pud)
{
	paravirt_tlb_remove_table(tlb, virt_to_page(pud));
}
#endif
