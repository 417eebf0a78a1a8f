// SPDX-License-Identifier: Apache-2.0
/*
 * @question munmap of a driver's mapping unlinks the VMA before it flushes. The driver revokes
 *   the mapping, finds no VMA and frees its pages: does a TLB still lead there?
 * @source B37 of docs/bugs.md, CVE-2022-39188: "mmu_gather: Force tlb-flush VM_PFNMAP vmas",
 *   b67fbebd4cf9, Linux 5.19
 * @cpu 0 munmap: clears the PTE, unlinks the VMA from the file, flushes
 * @cpu 1 revoke: unmap_mapping_range(), then the driver frees the page
 * @cpu 2 user: reads the page
 * @variant before: the flush comes last
 * @variant fixed: for VM_PFNMAP it comes before the VMA is unlinked
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe stale-translation
 * @expect fixed * * safe
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/user-memory.h>

static struct address_space mapping;
/* The driver's; no mapping holds a reference to it. */
static struct page *page;

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	make_pte_table();
	page = make_user_page(1, "page of the driver");
	install_pte(mk_pte(page, PAGE_SHARED));
	vma->vm_flags = VM_PFNMAP;
	vma_interval_tree_insert(vma, &mapping);
	shootdown_name(&mapping.i_mmap_rwsem, sizeof(mapping.i_mmap_rwsem), "i_mmap_rwsem");
	shootdown_name(&mapping.i_mmap, sizeof(mapping.i_mmap), "i_mmap");
	load_mm(2, mm);
}

static void zap(void)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);

	ptep_get_and_clear(mm, addr, pte);
	pte_unmap_unlock(pte, ptl);
}

/* unmap_region(): unmap_vmas(), free_pgtables() as far as the VMA goes, tlb_finish_mmu(). */
void cpu0(void)
{
	zap();
	if (variant(fixed))
		flush_tlb_page(vma, addr);
	i_mmap_lock_write(&mapping);
	mapping.i_mmap = NULL;
	i_mmap_unlock_write(&mapping);
	if (variant(before))
		flush_tlb_page(vma, addr);
}

void cpu1(void)
{
	struct vm_area_struct *found;

	i_mmap_lock_read(&mapping);
	vma_interval_tree_foreach(found, &mapping) {
		zap();
		flush_tlb_page(vma, addr);
	}
	i_mmap_unlock_read(&mapping);
	__free_page(page);
}

void cpu2(void)
{
	unsigned long value;

	shootdown_user_read(addr, &value);
}
