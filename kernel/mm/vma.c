// SPDX-License-Identifier: Apache-2.0
/* Unmapping. After mm/vma.c and mm/mmap.c, 6.12. */
#include <linux/fs.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <asm/tlb.h>

/* From here on reverse mapping does not find it: what is not flushed by now nobody flushes for. */
void unlink_file_vma(struct vm_area_struct *vma)
{
	struct address_space *mapping;
	struct vm_area_struct **link;

	if (!vma->vm_file)
		return;
	mapping = vma->vm_file->f_mapping;
	i_mmap_lock_write(mapping);
	for (link = &mapping->i_mmap; *link; link = &(*link)->shared_next)
		if (*link == vma) {
			*link = vma->shared_next;
			break;
		}
	i_mmap_unlock_write(mapping);
}

static void unmap_region(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, mm);
	unmap_vmas(&tlb, vma, vma->vm_start, vma->vm_end);
	free_pgtables(&tlb, vma);
	tlb_finish_mmu(&tlb);
}

/* A whole VMA: taken out of the tree, then torn down. */
void do_munmap(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct **link;

	mmap_write_lock(mm);
	for (link = &mm->mmap; *link; link = &(*link)->vm_next)
		if (*link == vma) {
			*link = vma->vm_next;
			break;
		}
	unmap_region(mm, vma);
	mmap_write_unlock(mm);
}

/* The last user is gone. Departs: one VMA; upper tables stay. */
void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct mmu_gather tlb;

	mmu_notifier_release(mm);
	mmap_read_lock(mm);
	vma = mm->mmap;
	tlb_gather_mmu_fullmm(&tlb, mm);
	if (vma)
		unmap_vmas(&tlb, vma, vma->vm_start, vma->vm_end);
	mmap_read_unlock(mm);

	mmap_write_lock(mm);
	if (vma)
		free_pgtables(&tlb, vma);
	tlb_finish_mmu(&tlb);
	mmap_write_unlock(mm);
}
