// SPDX-License-Identifier: Apache-2.0
/* Copying a VMA for a child. After mm/memory.c and kernel/fork.c, 6.12. */
#include <linux/huge_mm.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <linux/page-flags.h>
#include <linux/rmap.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

/* Only while pins that come now give up: one that is not counted yet would be missed. */
static bool folio_needs_cow_for_dma(struct vm_area_struct *vma, struct folio *folio)
{
	VM_BUG_ON(!(raw_read_seqcount(&vma->vm_mm->write_protect_seq) & 1));
	return folio_maybe_dma_pinned(folio);
}

/* A pin taken before must go on seeing what the parent writes: then the child gets a copy. */
static bool folio_try_dup_anon_rmap_pte(struct folio *folio, struct page *page,
					struct vm_area_struct *src_vma)
{
	if (PageAnonExclusive(page)) {
		if (folio_needs_cow_for_dma(src_vma, folio))
			return false;
		ClearPageAnonExclusive(page);
	}
	atomic_add(1, &page->_mapcount);
	return true;
}

static void copy_present_pte(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma,
			     pte_t *dst_pte, pte_t *src_pte, unsigned long addr)
{
	pte_t pte = ptep_get(src_pte);
	struct page *page = pte_page(pte), *copy;

	get_page(page);
	if (PageAnon(page) && !folio_try_dup_anon_rmap_pte(page_folio(page), page, src_vma)) {
		put_page(page);
		/* The kernel drops its locks to allocate, and comes back; here the page is there. */
		copy = alloc_page(GFP_NOWAIT | __GFP_ZERO);
		if (!copy)
			return;
		WRITE_ONCE(*(unsigned long *)lowmem_page_address(copy),
			   READ_ONCE(*(unsigned long *)lowmem_page_address(page)));
		folio_add_new_anon_rmap(page_folio(copy), dst_vma, addr);
		SetPageAnonExclusive(copy);
		set_pte_at(dst_vma->vm_mm, addr, dst_pte, vma_pte(copy, dst_vma));
		return;
	}
	if (!PageAnon(page))
		folio_add_file_rmap_pte(page_folio(page), page, dst_vma);
	if (!(src_vma->vm_flags & VM_SHARED) && pte_write(pte)) {
		ptep_set_wrprotect(src_vma->vm_mm, addr, src_pte);
		pte = pte_wrprotect(pte);
	}
	set_pte_at(dst_vma->vm_mm, addr, dst_pte, pte_mkold(pte));
}

/*
 * Of one VMA, its first HPAGE_PMD_NR pages. The caller holds both mmap_locks
 * for writing, and flushes the source's TLBs before it drops them.
 */
int copy_page_range(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma)
{
	struct mm_struct *dst_mm = dst_vma->vm_mm, *src_mm = src_vma->vm_mm;
	/* The same in the kernel; here a child may lie elsewhere, under the same upper tables. */
	unsigned long addr = src_vma->vm_start, dst_addr = dst_vma->vm_start;
	bool is_cow = !(src_vma->vm_flags & VM_SHARED);
	pmd_t *src_pmd = mm_find_pmd(src_mm, addr), *dst_pmd = mm_find_pmd(dst_mm, dst_addr);
	struct mmu_notifier_range range;
	spinlock_t *src_ptl, *dst_ptl;
	pte_t *src_pte, *dst_pte;
	int ret = 0;

	mmap_assert_write_locked(src_mm);
	if (is_cow) {
		mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE, 0, src_mm, addr,
					src_vma->vm_end);
		mmu_notifier_invalidate_range_start(&range);
		/* Pins that are taken meanwhile give up: gup_fast(). */
		raw_write_seqcount_begin(&src_mm->write_protect_seq);
	}
	if (pte_alloc(dst_mm, dst_pmd)) {
		ret = -12; /* ENOMEM */
		goto out;
	}
	dst_pte = pte_offset_map_lock(dst_mm, dst_pmd, dst_addr, &dst_ptl);
	if (!dst_pte)
		goto out;
	src_pte = pte_offset_map_nolock(src_mm, src_pmd, addr, &src_ptl);
	if (!src_pte) {
		pte_unmap_unlock(dst_pte, dst_ptl);
		goto out;
	}
	spin_lock_nested(src_ptl, SINGLE_DEPTH_NESTING);
	arch_enter_lazy_mmu_mode();
	for (int i = 0; i < HPAGE_PMD_NR; i++)
		if (pte_present(ptep_get(src_pte + i)))
			copy_present_pte(dst_vma, src_vma, dst_pte + i, src_pte + i,
					 addr + i * PAGE_SIZE);
	arch_leave_lazy_mmu_mode();
	spin_unlock(src_ptl);
	pte_unmap(src_pte);
	pte_unmap_unlock(dst_pte, dst_ptl);
out:
	if (is_cow) {
		raw_write_seqcount_end(&src_mm->write_protect_seq);
		mmu_notifier_invalidate_range_end(&range);
	}
	return ret;
}

/* dup_mmap(), of one VMA. */
int dup_mmap(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma)
{
	int ret;

	mmap_write_lock(src_vma->vm_mm);
	ret = copy_page_range(dst_vma, src_vma);
	flush_tlb_mm(src_vma->vm_mm);
	mmap_write_unlock(src_vma->vm_mm);
	return ret;
}
