// SPDX-License-Identifier: Apache-2.0
/*
 * @question A collapse holds mmap_lock for writing and frees a PTE table at once. A reverse
 *   map walk comes by the file, under i_mmap_rwsem alone: is the table freed under it?
 * @source B3 of docs/bugs.md: "mm/khugepaged: take the right locks for page table retraction",
 *   8d3c106e19e8, Linux 6.1
 * @cpu 0 retract: clears the PMD, flushes, waits for GUP-fast, frees the table
 * @cpu 1 rmap: finds the table by the PMD, takes its lock and reads a PTE
 * @variant before: the retraction holds mmap_lock only
 * @variant fixed: and i_mmap_rwsem for writing, which it takes after mmap_lock
 * @era * 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native
 * @expect before * * unsafe use-after-free
 * @expect fixed * * safe
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>
#include <shootdown/address-space.h>

static struct address_space mapping;
static struct file file = { .f_mapping = &mapping };

void setup(void)
{
	make_mm(1);
	make_upper_tables();
	make_pte_table();
	vma->vm_file = &file;
	vma_interval_tree_insert(vma, &mapping);
	install_pte(mk_pte(alloc_page(GFP_KERNEL | __GFP_ZERO), PAGE_SHARED));
	shootdown_name(&mapping.i_mmap_rwsem, sizeof(mapping.i_mmap_rwsem), "i_mmap_rwsem");
	shootdown_name(&mm->mmap_lock, sizeof(mm->mmap_lock), "mmap_lock");
}

/* collapse_and_free_pmd() of 6.0 and 6.1; the wait for GUP-fast came with the same series. */
void cpu0(void)
{
	spinlock_t *pml;
	pmd_t old;

	mmap_write_lock(mm);
	if (variant(fixed))
		i_mmap_lock_write(&mapping);
	pml = pmd_lock(mm, pmd);
	old = pmdp_collapse_flush(vma, addr, pmd);
	spin_unlock(pml);
	tlb_remove_table_sync_one();
	if (variant(fixed))
		i_mmap_unlock_write(&mapping);
	mm_dec_nr_ptes(mm);
	pte_free(mm, pmd_pgtable(old));
	mmap_write_unlock(mm);
}

/*
 * page_vma_mapped_walk() before 6.6: the table is mapped, its entry looked at, its lock
 * taken. There was no RCU in mapping a table then, so none is used here.
 */
void cpu1(void)
{
	struct vm_area_struct *found;

	i_mmap_lock_read(&mapping);
	vma_interval_tree_foreach(found, &mapping) {
		pmd_t pmdval = pmdp_get_lockless(pmd);
		spinlock_t *ptl;
		pte_t *pte;

		if (!pmd_present(pmdval))
			continue;
		ptl = pte_lockptr(found->vm_mm, &pmdval);
		rcu_read_lock();
		pte = __pte_map(&pmdval, addr);
		if (!pte_none(ptep_get(pte))) {
			spin_lock(ptl);
			(void)ptep_get(pte);
			spin_unlock(ptl);
		}
		pte_unmap(pte);
	}
	i_mmap_unlock_read(&mapping);
}
