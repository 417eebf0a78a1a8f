// SPDX-License-Identifier: Apache-2.0
/* What the kernel declares in linux/mm.h, mm/internal.h and elsewhere: faults, zapping, fork, moving, protecting, reclaim. */
#ifndef _LINUX_MEMORY_H
#define _LINUX_MEMORY_H

#include <linux/mm.h>

struct folio;
struct mmu_gather;

typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM 0x1u
#define VM_FAULT_NOPAGE 0x100u

/* What a VMA's page is mapped by, dirty if it may be written. */
static inline pte_t vma_pte(struct page *page, struct vm_area_struct *vma)
{
	pte_t entry = mk_pte(page, vma->vm_page_prot);

	return vma->vm_flags & VM_WRITE ? pte_mkwrite(pte_mkdirty(entry), vma) : entry;
}

/* mm/memory.c; here also in fault.c, zap.c and fork.c */
void pmd_install(struct mm_struct *mm, pmd_t *pmd, pgtable_t *pte);
vm_fault_t do_anonymous_page(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd);
vm_fault_t finish_fault(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd,
			struct page *page);
vm_fault_t do_wp_page(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd,
		      pte_t orig_pte);
/* What else zapping is asked for. */
struct zap_details {
	/* A table that becomes empty may go as well. */
	bool reclaim_pt;
};
unsigned long zap_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
			    unsigned long addr, unsigned long end, struct zap_details *details);
/* Set in setup(): before the entry of this address zapping finds, once, that it has to reschedule. */
extern unsigned long zap_resched_before;
/* A bug that a scenario asks for: the lock was dropped half-way, and the table goes without a second look. */
extern bool zap_reclaims_unchecked;
void unmap_vmas(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long start,
		unsigned long end);
void zap_page_range_single(struct vm_area_struct *vma, unsigned long address, unsigned long size);
void free_pgtables(struct mmu_gather *tlb, struct vm_area_struct *vma);
/* x86: upper tables too, where nothing is left between `floor` and `ceiling`. */
void free_pgd_range(struct mmu_gather *tlb, unsigned long addr, unsigned long end,
		    unsigned long floor, unsigned long ceiling);
int copy_page_range(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma);
int dup_mmap(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma);

/* mm/pt_reclaim.c */
#ifdef CONFIG_PT_RECLAIM
bool reclaim_pt_is_enabled(unsigned long start, unsigned long end, struct zap_details *details);
bool try_get_and_clear_pmd(struct mm_struct *mm, pmd_t *pmd, pmd_t *pmdval);
void free_pte(struct mm_struct *mm, unsigned long addr, struct mmu_gather *tlb, pmd_t pmdval);
void try_to_free_pte(struct mm_struct *mm, pmd_t *pmd, unsigned long addr, struct mmu_gather *tlb);
#else
static inline bool reclaim_pt_is_enabled(unsigned long start, unsigned long end,
					 struct zap_details *details)
{
	(void)start, (void)end, (void)details;
	return false;
}
static inline bool try_get_and_clear_pmd(struct mm_struct *mm, pmd_t *pmd, pmd_t *pmdval)
{
	(void)mm, (void)pmd, (void)pmdval;
	return false;
}
static inline void free_pte(struct mm_struct *mm, unsigned long addr, struct mmu_gather *tlb,
			    pmd_t pmdval)
{
	(void)mm, (void)addr, (void)tlb, (void)pmdval;
}
static inline void try_to_free_pte(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				   struct mmu_gather *tlb)
{
	(void)mm, (void)pmd, (void)addr, (void)tlb;
}
#endif

/* mm/vma.c */
void unlink_file_vma(struct vm_area_struct *vma);
void do_munmap(struct mm_struct *mm, struct vm_area_struct *vma);
void exit_mmap(struct mm_struct *mm);

/* mm/huge_memory.c */
vm_fault_t do_huge_pmd_anonymous_page(struct vm_area_struct *vma, unsigned long address,
				      pmd_t *pmd);
int zap_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		 unsigned long addr);
void __split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long address);
int change_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		    unsigned long addr, pgprot_t newprot);

/* mm/mremap.c */
bool move_normal_pmd(struct vm_area_struct *vma, unsigned long old_addr, unsigned long new_addr,
		     pmd_t *old_pmd, pmd_t *new_pmd);
int move_ptes(struct vm_area_struct *vma, pmd_t *old_pmd, unsigned long old_addr,
	      unsigned long old_end, struct vm_area_struct *new_vma, pmd_t *new_pmd,
	      unsigned long new_addr, bool need_rmap_locks);

/* mm/mprotect.c */
long change_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		      unsigned long addr, unsigned long end, pgprot_t newprot);
long change_protection(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       pgprot_t newprot);

/* mm/rmap.c, reclaim */
bool try_to_unmap_one(struct folio *folio, struct vm_area_struct *vma, unsigned long address,
		      bool batch_flush);
void try_to_unmap_flush(void);
void flush_tlb_batched_pending(struct mm_struct *mm);
bool page_mkclean_one(struct folio *folio, struct vm_area_struct *vma, unsigned long address);
int folio_try_share_anon_rmap_pte(struct folio *folio, struct page *page);

/* mm/ksm.c */
int write_protect_page(struct vm_area_struct *vma, struct folio *folio, unsigned long address,
		       pte_t *orig_pte);
int replace_page(struct vm_area_struct *vma, struct page *page, struct page *kpage,
		 unsigned long address, pte_t orig_pte);

/* mm/hugetlb.c */
int huge_pmd_unshare(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long addr,
		     pmd_t *ptep);
void huge_pmd_unshare_flush(struct mmu_gather *tlb, struct vm_area_struct *vma);

#endif
