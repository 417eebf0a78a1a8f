// SPDX-License-Identifier: Apache-2.0
/* PMD tables that several processes share. After mm/hugetlb.c, 6.12.117 and 7.0. Departs: no hugetlb VMA lock. */
#include <linux/fs.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <asm/tlb.h>

#ifdef CONFIG_HUGETLB_PMD_PAGE_TABLE_SHARING
/*
 * Lets go of a shared table; 0 where it is not shared. Caller holds
 * i_mmap_rwsem for writing and the page-table lock. The entry above is
 * cleared; what follows is the gather's.
 */
int huge_pmd_unshare(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long addr,
		     pmd_t *ptep)
{
	struct mm_struct *mm = vma->vm_mm;
	struct ptdesc *ptdesc = virt_to_ptdesc(ptep);
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d = p4d_offset(pgd, addr);
	pud_t *pud = pud_offset(p4d, addr);

	if (!ptdesc_pmd_is_shared(ptdesc))
		return 0;
	i_mmap_assert_write_locked(vma->vm_file->f_mapping);
	pud_clear(pud);
	tlb_unshare_pmd_ptdesc(tlb, ptdesc, addr);
	mm_dec_nr_pmds(mm);
	return 1;
}

/* Before i_mmap_rwsem is dropped: then others may use the table for what they like. */
void huge_pmd_unshare_flush(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	i_mmap_assert_write_locked(vma->vm_file->f_mapping);
	tlb_flush_unshared_tables(tlb);
}
#endif
