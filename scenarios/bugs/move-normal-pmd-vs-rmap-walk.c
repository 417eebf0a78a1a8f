// SPDX-License-Identifier: Apache-2.0
/*
 * @question mremap moves a whole PTE table from one PMD to another. A reverse map walk looks
 *   at one address after the other: can it find the page at neither?
 * @source B12 of docs/bugs.md: "mm/mremap: hold the rmap lock in write mode when moving page
 *   table entries", Linux 5.14
 * @cpu 0 mremap: move_normal_pmd() clears the old PMD and fills the new one
 * @cpu 1 rmap: looks for the page at the new address, then at the old one
 * @variant before: both PMDs' locks are held, and no lock of the reverse map
 * @variant fixed: i_mmap_rwsem is held for writing as well
 * @era * 6.12 6.18
 * @arch x86_64 i386-pae arm64 riscv
 * @platform native
 * @expect before * * unsafe assertion
 * @expect fixed * * safe
 */
#include <linux/fs.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <shootdown/address-space.h>

static struct address_space mapping;
static pmd_t *new_pmd;
static const unsigned long new_addr = 0x40000000UL + PMD_SIZE;

void setup(void)
{
	make_mm(1);
	make_upper_tables();
	make_pte_table();
	install_pte(mk_pte(alloc_page(GFP_KERNEL | __GFP_ZERO), PAGE_SHARED));
	new_pmd = pmd + 1;
	shootdown_name(pmd, sizeof(*pmd), "old *pmd");
	shootdown_name(new_pmd, sizeof(*new_pmd), "new *pmd");
	shootdown_name(&mapping.i_mmap_rwsem, sizeof(mapping.i_mmap_rwsem), "i_mmap_rwsem");
}

/* move_pgt_entry(), under mmap_lock for writing. */
void cpu0(void)
{
	if (variant(fixed))
		i_mmap_lock_write(&mapping);
	move_normal_pmd(vma, addr, new_addr, pmd, new_pmd);
	if (variant(fixed))
		i_mmap_unlock_write(&mapping);
}

/* page_vma_mapped_walk() at one address. */
static int is_mapped_at(pmd_t *where, unsigned long address)
{
	spinlock_t *ptl;
	pte_t *pte = pte_offset_map_lock(mm, where, address, &ptl);
	int mapped = 0;

	if (pte) {
		mapped = pte_present(ptep_get(pte));
		pte_unmap_unlock(pte, ptl);
	}
	return mapped;
}

void cpu1(void)
{
	int found;

	i_mmap_lock_read(&mapping);
	found = is_mapped_at(new_pmd, new_addr) || is_mapped_at(pmd, addr);
	i_mmap_unlock_read(&mapping);
	shootdown_require("assertion", found, "a page that is mapped throughout is found mapped");
}
