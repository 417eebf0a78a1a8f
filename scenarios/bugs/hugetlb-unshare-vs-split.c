// SPDX-License-Identifier: Apache-2.0
/*
 * @question A hugetlb VMA is split inside a PMD table that another process shares, so the
 *   table is unshared first. A fault under the VMA's own lock shares it again before the
 *   split: does a shared table lie under two VMAs then?
 * @source B6 of docs/bugs.md, CVE-2025-38084: "mm/hugetlb: unshare page tables during VMA split,
 *   not before", Linux 6.16
 * @cpu 0 split: unshares the table, shuts out faults, splits the VMA
 * @cpu 1 fault: in the second half, under the VMA's lock for reading; shares the table if
 *   the VMA covers all of it
 * @variant before: the table is unshared before faults are shut out
 * @variant fixed: after
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe assertion
 * @expect fixed * * safe
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <shootdown/address-space.h>

/* The other process' table, which maps what it keeps mapped. */
static pmd_t *shared_table;
static pud_t *pud;
/* The VMA's lock, which a split holds for writing and a fault for reading. */
static struct rw_semaphore vma_lock;
static struct address_space mapping;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	pud = pud_offset(p4d_offset(pgd_offset(mm, addr), addr), addr);
	shared_table = lowmem_page_address(make_table("shared table"));
	shared_table[pmd_index(addr)] = pmd_mkhuge(pfn_pmd(512, PAGE_SHARED));
	*pud = (pud_t){ __pa(shared_table) | _PAGE_TABLE };
	vma->vm_end = addr + PUD_SIZE;
	shootdown_name(pud, sizeof(*pud), "*pud");
	shootdown_name(&vma_lock, sizeof(vma_lock), "lock of the VMA");
	shootdown_name(&mapping.i_mmap_rwsem, sizeof(mapping.i_mmap_rwsem), "i_mmap_rwsem");
	shootdown_name(&vma->vm_end, sizeof(vma->vm_end), "vma->vm_end");
}

static int is_shared(void)
{
	return pud_present(pudp_get(pud)) && pud_pgtable(pudp_get(pud)) == shared_table;
}

/* huge_pmd_unshare() */
static void unshare(void)
{
	spin_lock(&mm->page_table_lock);
	if (is_shared())
		WRITE_ONCE(*pud, ((pud_t){ 0 }));
	spin_unlock(&mm->page_table_lock);
}

/* __split_vma(), under mmap_lock for writing, which faults under the VMA's lock do not take. */
void cpu0(void)
{
	if (variant(before)) {
		i_mmap_lock_write(&mapping);
		unshare();
		i_mmap_unlock_write(&mapping);
	}
	down_write(&vma_lock);
	i_mmap_lock_write(&mapping);
	if (variant(fixed))
		unshare();
	WRITE_ONCE(vma->vm_end, addr + PUD_SIZE / 2);
	i_mmap_unlock_write(&mapping);
	up_write(&vma_lock);
}

/* huge_pte_alloc(): want_pmd_share() and huge_pmd_share(). */
void cpu1(void)
{
	down_read(&vma_lock);
	if (READ_ONCE(vma->vm_end) >= addr + PUD_SIZE) {
		i_mmap_lock_read(&mapping);
		spin_lock(&mm->page_table_lock);
		if (!pud_present(pudp_get(pud)))
			WRITE_ONCE(*pud, ((pud_t){ __pa(shared_table) | _PAGE_TABLE }));
		spin_unlock(&mm->page_table_lock);
		i_mmap_unlock_read(&mapping);
	}
	up_read(&vma_lock);
}

void finish(void)
{
	shootdown_require("assertion", !is_shared(), "a shared table lies under one VMA");
}
