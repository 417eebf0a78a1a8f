// SPDX-License-Identifier: Apache-2.0
/* After mm/rmap.c, 6.12. */
#include <linux/mm.h>
#include <linux/rmap.h>

/* The PMD of an address, whatever it holds; NULL where no table of PMDs is. */
pmd_t *mm_find_pmd(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, address);
	if (!p4d_present(*p4d))
		return NULL;
	pud = pud_offset(p4d, address);
	if (!pud_present(*pud))
		return NULL;
	return pmd_offset(pud, address);
}

/* Nobody else knows the folio yet. */
void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma, unsigned long address)
{
	(void)address;
	atomic_set(&folio->page._mapcount, 0);
	WRITE_ONCE(folio->page.mapping,
		   (void *)((unsigned long)vma->anon_vma + PAGE_MAPPING_ANON));
}

void folio_add_anon_rmap_pte(struct folio *folio, struct page *page, struct vm_area_struct *vma)
{
	(void)folio, (void)vma;
	atomic_add(1, &page->_mapcount);
}

void folio_remove_rmap_pte(struct folio *folio, struct page *page, struct vm_area_struct *vma)
{
	(void)folio, (void)vma;
	atomic_sub(1, &page->_mapcount);
}

/* Departs: one count for mappings of every size. */
void folio_add_file_rmap_pmd(struct folio *folio, struct page *page, struct vm_area_struct *vma)
{
	(void)folio, (void)vma;
	atomic_add(1, &page->_mapcount);
}

void folio_add_file_rmap_pte(struct folio *folio, struct page *page, struct vm_area_struct *vma)
{
	(void)folio, (void)vma;
	atomic_add(1, &page->_mapcount);
}
