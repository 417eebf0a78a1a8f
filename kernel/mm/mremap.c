// SPDX-License-Identifier: Apache-2.0
/* Moving mappings, by tables and by entries. After mm/mremap.c, 6.12. */
#include <linux/fs.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

/* So that reverse mapping sees an entry at the old place or at the new one, and not at neither. */
static void take_rmap_locks(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		i_mmap_lock_write(vma->vm_file->f_mapping);
	if (vma->anon_vma)
		anon_vma_lock_write(vma->anon_vma);
}

static void drop_rmap_locks(struct vm_area_struct *vma)
{
	if (vma->anon_vma)
		anon_vma_unlock_write(vma->anon_vma);
	if (vma->vm_file)
		i_mmap_unlock_write(vma->vm_file->f_mapping);
}

/*
 * A whole table changes its place. mmap_lock is held for writing, and by the
 * caller the rmap locks. The table's own lock is not taken; walkers that came
 * by the old entry find it changed when they look again.
 */
bool move_normal_pmd(struct vm_area_struct *vma, unsigned long old_addr, unsigned long new_addr,
		     pmd_t *old_pmd, pmd_t *new_pmd)
{
	struct mm_struct *mm = vma->vm_mm;
	spinlock_t *old_ptl, *new_ptl;
	bool res = false;
	pmd_t pmd;

	(void)new_addr;
	if (WARN_ON_ONCE(!pmd_none(*new_pmd)))
		return false;
	old_ptl = pmd_lock(mm, old_pmd);
	new_ptl = pmd_lockptr(mm, new_pmd);
	if (new_ptl != old_ptl)
		spin_lock_nested(new_ptl, SINGLE_DEPTH_NESTING);
	pmd = *old_pmd;
	if (pmd_present(pmd) && !pmd_leaf(pmd)) {
		pmd_clear(old_pmd);
		res = true;
		VM_BUG_ON(!pmd_none(*new_pmd));
		pmd_populate(mm, new_pmd, pmd_pgtable(pmd));
		flush_tlb_range(vma, old_addr, old_addr + PMD_SIZE);
	}
	if (new_ptl != old_ptl)
		spin_unlock(new_ptl);
	spin_unlock(old_ptl);
	return res;
}

/* The flush comes before either lock is dropped: nobody finds the page clean, or frees it, before. */
int move_ptes(struct vm_area_struct *vma, pmd_t *old_pmd, unsigned long old_addr,
	      unsigned long old_end, struct vm_area_struct *new_vma, pmd_t *new_pmd,
	      unsigned long new_addr, bool need_rmap_locks)
{
	unsigned long start = old_addr;
	struct mm_struct *mm = vma->vm_mm;
	pte_t *old_start, *new_start, *old_pte, *new_pte;
	spinlock_t *old_ptl, *new_ptl;
	bool force_flush = false;
	int err = -11; /* EAGAIN */

	(void)new_vma;
	if (need_rmap_locks)
		take_rmap_locks(vma);
	old_start = old_pte = pte_offset_map_lock(mm, old_pmd, old_addr, &old_ptl);
	if (!old_pte)
		goto out;
	new_start = new_pte = pte_offset_map_nolock(mm, new_pmd, new_addr, &new_ptl);
	if (!new_pte) {
		pte_unmap_unlock(old_pte, old_ptl);
		goto out;
	}
	if (new_ptl != old_ptl)
		spin_lock_nested(new_ptl, SINGLE_DEPTH_NESTING);
	flush_tlb_batched_pending(mm);
	arch_enter_lazy_mmu_mode();
	for (; old_addr < old_end;
	     old_pte++, old_addr += PAGE_SIZE, new_pte++, new_addr += PAGE_SIZE) {
		pte_t pte;

		if (pte_none(ptep_get(old_pte)))
			continue;
		pte = ptep_get_and_clear(mm, old_addr, old_pte);
		if (pte_present(pte))
			force_flush = true;
		set_pte_at(mm, new_addr, new_pte, pte);
	}
	arch_leave_lazy_mmu_mode();
	if (force_flush)
		flush_tlb_range(vma, start, old_end);
	if (new_ptl != old_ptl)
		spin_unlock(new_ptl);
	pte_unmap(new_start);
	pte_unmap_unlock(old_start, old_ptl);
	err = 0;
out:
	if (need_rmap_locks)
		drop_rmap_locks(vma);
	return err;
}
