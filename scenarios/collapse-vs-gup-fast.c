// SPDX-License-Identifier: Apache-2.0
/*
 * @question A huge page replaces the pages under one PMD while another CPU walks
 *   the old PTE table with GUP-fast. The table is kept for later and freed
 *   outright: is the TLB flush enough of a wait, or is tlb_remove_table_sync_one()
 *   needed as well?
 * @source collapse_huge_page, mm/khugepaged.c, gup_fast, mm/gup.c, and zap_huge_pmd,
 *   mm/huge_memory.c, Linux 6.12; "khugepaged: fix GUP-fast interaction by sending IPI",
 *   Jann Horn, 2022
 * @cpu 0 collapse: clears the PMD, flushes, waits as the variant says, checks that
 *   nobody holds the old page, moves its data, installs the huge page; then zaps it
 *   and frees the table it had put aside
 * @cpu 1 gup-fast: takes a reference to the page behind an address
 * @cpu 2 reuse: allocates a page and writes to it
 * @variant mainline: tlb_remove_table_sync_one() after the flush
 * @variant v3: pmdp_collapse_flush_sync(), under the PMD's lock: waits only if the flush
 *   sent no IPI
 * @variant v3-reply: the same, with the lock dropped between flush and wait
 * @variant no-sync: the flush alone
 * @variant v3-reused: as v3, with a gather that has flushed before; then Hyper-V had
 *   refused the hypercall, so that the flush went by IPI
 * @variant flag-kept: likewise, and that IPIs were sent is not forgotten with the wait
 *   they made unnecessary
 * @variant no-sync-no-recheck: the flush alone, GUP-fast does not look at the PMD
 *   again once it holds the page, and the table is never freed
 * @variant no-recheck: as before, but with tlb_remove_table_sync_one(), which alone
 *   keeps the walker from missing the check
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm hyperv xen invlpgb sbi hash
 * @preemptions kvm 1
 * @config PARAVIRT
 * @builtin v3* flag-kept
 * @era no-sync-no-recheck no-recheck 6.12 6.18
 * @expect v3* x86_64 kvm unsafe use-after-free
 * @expect v3* i386-pae kvm PARAVIRT=y unsafe use-after-free
 * @expect v3* * * safe
 * @expect flag-kept * kvm PARAVIRT=y unsafe use-after-free
 * @expect flag-kept * hyperv PARAVIRT=y unsafe use-after-free
 * @expect flag-kept * * safe
 * @expect mainline powerpc * safe
 * @expect no-recheck powerpc * safe
 * @expect no-sync powerpc native unsafe use-after-free
 * @expect no-sync powerpc hash safe
 * @expect no-sync-no-recheck powerpc native unsafe lost-pin
 * @expect no-sync-no-recheck powerpc hash safe
 * @expect mainline s390 * safe
 * @expect no-recheck s390 * safe
 * @expect no-sync s390 native unsafe use-after-free
 * @expect no-sync-no-recheck s390 native unsafe lost-pin
 * @expect mainline arm64 * safe
 * @expect mainline riscv * safe
 * @expect no-recheck arm64 * safe
 * @expect no-recheck riscv * safe
 * @expect no-sync arm64 native unsafe use-after-free
 * @expect no-sync riscv sbi unsafe use-after-free
 * @expect no-sync-no-recheck arm64 native unsafe lost-pin
 * @expect no-sync-no-recheck riscv sbi unsafe lost-pin
 * @expect mainline * native safe
 * @expect mainline * * PARAVIRT=y safe
 * @expect mainline x86_64 invlpgb safe
 * @expect no-recheck * native safe
 * @expect no-recheck x86_64 invlpgb safe
 * @expect no-recheck * * PARAVIRT=y safe
 * @expect no-sync * native safe
 * @expect no-sync x86_64 * unsafe use-after-free
 * @expect no-sync i386-pae * PARAVIRT=y unsafe use-after-free
 * @expect no-sync-no-recheck * native safe
 * @expect no-sync-no-recheck x86_64 * unsafe lost-pin
 * @expect no-sync-no-recheck i386-pae * PARAVIRT=y unsafe lost-pin
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/current.h>
#ifdef SHOOTDOWN_BUILTIN
#include <linux/khugepaged.h>
#endif

static struct page *old_page;
static struct page *new_page;
static struct page *pinned;
static int collapsed;

void setup(void)
{
	make_mm(3);
	make_upper_tables();
	make_pte_table();

	old_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	old_page->mapping = (void *)PAGE_MAPPING_ANON;
	new_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	install_pte(mk_pte(old_page, PAGE_SHARED));
	shootdown_name(lowmem_page_address(old_page), PAGE_SIZE, "old page");
	shootdown_name(lowmem_page_address(new_page), PAGE_SIZE, "new page");
	run_with_mm(1, mm);
#ifdef SHOOTDOWN_BUILTIN
	if (variant(flag_kept))
		collapse_sync = COLLAPSE_SYNC_FLAG_KEPT;
#endif
}

/*
 * The huge page is never read, so no frames stand for it. It is read-only, so
 * that GUP-fast, which asks to write, leaves it alone.
 */
static pmd_t huge_pmd(void)
{
	return pmd_mkhuge(pfn_pmd(0, PAGE_READONLY));
}

/* __collapse_huge_page_isolate(): only the mapping itself may hold the page. */
static int isolate(pte_t *pte)
{
	return page_ref_count(pte_page(ptep_get(pte))) == 1;
}

/* __collapse_huge_page_copy(): the data, then the PTE, then the old page. */
static void copy_and_release(pte_t *pte, spinlock_t *ptl)
{
	struct page *page = pte_page(ptep_get(pte));

	WRITE_ONCE(*(int *)lowmem_page_address(new_page),
		   READ_ONCE(*(int *)lowmem_page_address(page)));
	spin_lock(ptl);
	ptep_clear(mm, addr, pte);
	spin_unlock(ptl);
	put_page(page);
}

#ifdef SHOOTDOWN_BUILTIN
/*
 * A gather that has flushed before, another range of the mm. On Hyper-V that
 * flush fell back to IPIs, and this one does not.
 */
static pmd_t collapse_flush_reusing(void)
{
	struct mmu_gather tlb;
	pmd_t old;

	tlb_gather_mmu(&tlb, mm);
#ifdef CONFIG_X86
	hyperv_hypercall_fails = true;
	__flush_tlb_mm_range(mm, addr + HPAGE_PMD_SIZE, addr + 2 * HPAGE_PMD_SIZE, PAGE_SHIFT,
			     true, &tlb);
	hyperv_hypercall_fails = false;
#endif
	tlb_gather_remove_table_sync_one(&tlb);

	old = pmdp_huge_get_and_clear(mm, addr, pmd);
#ifdef CONFIG_X86
	__flush_tlb_mm_range(mm, addr, addr + HPAGE_PMD_SIZE, PAGE_SHIFT, true, &tlb);
#else
	flush_tlb_range(vma, addr, addr + HPAGE_PMD_SIZE);
#endif
	tlb_gather_remove_table_sync_one(&tlb);
	tlb_finish_mmu(&tlb);
	return old;
}
#endif

/* The clear, the flush and the wait. Drops the lock. */
static pmd_t clear_and_wait(spinlock_t *pml)
{
	pmd_t old;

#ifdef SHOOTDOWN_BUILTIN
	if (variant(v3_reply))
		return pmdp_collapse_flush_sync_unlock(vma, addr, pmd, NULL, pml);
	if (variant(v3))
		old = pmdp_collapse_flush_sync(vma, addr, pmd);
	else if (variant(v3_reused) || variant(flag_kept))
		old = collapse_flush_reusing();
	else
#endif
		old = pmdp_collapse_flush(vma, addr, pmd);
	spin_unlock(pml);
	if (variant(mainline) || variant(no_recheck))
		tlb_remove_table_sync_one();
	return old;
}

/*
 * collapse_huge_page(), from the flush on. It holds mmap_lock and the anon_vma's
 * lock for writing, which no other CPU here would take.
 */
static int collapse(void)
{
	spinlock_t *pml, *ptl;
	pmd_t old;
	pte_t *pte;
	int isolated;

	pml = pmd_lock(mm, pmd);
	old = clear_and_wait(pml);

	pte = pte_offset_map_lock(mm, &old, addr, &ptl);
	isolated = isolate(pte);
	spin_unlock(ptl);
	if (!isolated) {
		pte_unmap(pte);
		spin_lock(pml);
		BUG_ON(!pmd_none(*pmd));
		pmd_populate(mm, pmd, pmd_pgtable(old));
		spin_unlock(pml);
		return 0;
	}
	copy_and_release(pte, ptl);
	pte_unmap(pte);

	spin_lock(pml);
	BUG_ON(!pmd_none(*pmd));
	pgtable_trans_huge_deposit(mm, pmd, pmd_pgtable(old));
	set_pmd_at(mm, addr, pmd, huge_pmd());
	spin_unlock(pml);
	return 1;
}

/* zap_huge_pmd(): the table put aside is freed at once, without RCU. */
static void zap(void)
{
	spinlock_t *pml = pmd_lock(mm, pmd);

	pmdp_huge_get_and_clear(mm, addr, pmd);
	pte_free(mm, pgtable_trans_huge_withdraw(mm, pmd));
	mm_dec_nr_ptes(mm);
	spin_unlock(pml);
}

void cpu0(void)
{
	if (!collapse())
		return;
	collapsed = 1;
	if (!variant(no_sync_no_recheck) && !variant(no_recheck))
		zap();
}

/* GUP-fast as it would be if it trusted the PMD it came by. */
static struct page *gup_fast_without_pmd_recheck(void)
{
	struct page *page = NULL;
	unsigned long flags;
	pgd_t *pgdp;
	p4d_t *p4dp;
	pud_t *pudp;
	pmd_t pmdval;
	pte_t *ptep, pte;

	local_irq_save(flags);
	pgdp = pgd_offset(mm, addr);
	p4dp = p4d_offset(pgdp, addr);
	pudp = pud_offset(p4dp, addr);
	pmdval = pmdp_get_lockless(pmd_offset(pudp, addr));
	ptep = pte_offset_map(&pmdval, addr);
	if (ptep) {
		pte = ptep_get_lockless(ptep);
		if (pte_present(pte) && folio_try_get(page_folio(pte_page(pte)))) {
			page = pte_page(pte);
			if (!pte_same(pte, ptep_get(ptep))) {
				put_page(page);
				page = NULL;
			}
		}
		pte_unmap(ptep);
	}
	local_irq_restore(flags);
	return page;
}

void cpu1(void)
{
	struct page *page = NULL;

	if (!variant(no_sync_no_recheck) && !variant(no_recheck))
		get_user_pages_fast_only(addr, 1, FOLL_WRITE, &page);
	else
		page = gup_fast_without_pmd_recheck();
	pinned = page;
}

void cpu2(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (page)
		WRITE_ONCE(*(unsigned long *)lowmem_page_address(page), ~0UL);
}

void finish(void)
{
	shootdown_require("lost-pin", !(collapsed && pinned == old_page),
			  "nobody holds the old page once its data has moved");
}
