/**
 * The kernel's own assertions, A1 to A29 of docs/assertions.md: each is in the
 * built-in kernel, and a program that breaks what it says is found by it and
 * in that very function.
 */

import { describe, expect, it } from 'vitest';
import { type BuildOptions, check } from '../machine/build-system.ts';

const SPACE = `
  #include <linux/huge_mm.h>
  #include <linux/khugepaged.h>
  #include <linux/memory.h>
  #include <linux/pagemap.h>
  #include <asm/pgalloc.h>
  #include <shootdown/current.h>
  #include <shootdown/memory-of.h>
  #include <shootdown/secondary-mmu.h>
  static struct page *page, *got;
  static pgtable_t table;
  static struct mmu_gather tlb;
  static pte_t *entry(unsigned int i) { return (pte_t *)pmd_page_vaddr(*pmd) + i; }
`;

const setup = (kind: 'anonymous' | 'file', more = '', cpus = 1): string => `
  void setup(void) {
    make_mm(${cpus}); make_upper_tables(); make_${kind}(); table = make_pte_table();
    page = make_mapped_page(0, "page");
    run_with_mm(0, mm);
    ${more}
  }`;
const ANONYMOUS = setup('anonymous');
const FILE = setup('file', 'get_page(page); mapping->folio = page_folio(page);');
const HUGE = setup(
  'anonymous',
  `pmd_clear(pmd);
   spin_lock(pmd_lockptr(mm, pmd));
   pgtable_trans_huge_deposit(mm, pmd, table);
   spin_unlock(pmd_lockptr(mm, pmd));
   set_pmd(pmd, mk_huge_pmd(page, PAGE_SHARED));
   set_pte((pte_t *)lowmem_page_address(table), __pte(0));`,
);
const on0 = (code: string): string => `void cpu0(void) { ${code} }`;
const GUP = on0('get_user_pages_fast_only(addr, 1, 0, &got);');
const UNLOCKED_COLLAPSE = on0('mmap_read_lock(mm); collapse_huge_page(mm, addr);');

interface Broken {
  readonly id: string;
  readonly says: string;
  readonly text: string;
  readonly options?: BuildOptions;
}

const BUG = (where: string): string => `BUG() reached in ${where}`;
const WARN = (where: string): string => `WARN() reached in ${where}`;

const BROKEN: readonly Broken[] = [
  {
    id: 'A1',
    says: WARN('try_grab_folio_fast'),
    text: ANONYMOUS + GUP,
    options: { without: 'arch_local_irq_disable' },
  },
  {
    id: 'A2',
    says: BUG('gup_fast_pte_range'),
    text: setup('anonymous', 'set_pte(entry(0), pfn_pte(0x7fffff, PAGE_SHARED));') + GUP,
  },
  {
    id: 'A3',
    says: WARN('try_get_folio'),
    text:
      ANONYMOUS + on0('page->_refcount.counter = -1; get_user_pages_fast_only(addr, 1, 0, &got);'),
  },
  {
    id: 'A4',
    says: WARN('folio_add_pin'),
    text: ANONYMOUS + on0('folio_add_pin(page_folio(page));'),
  },
  {
    id: 'A5',
    says: BUG('collapse_huge_page'),
    text: `${setup('anonymous', '', 2)}${UNLOCKED_COLLAPSE}
      void cpu1(void) { if (pmd_none(*pmd)) __pte_alloc(mm, pmd); }`,
  },
  {
    id: 'A6',
    says: BUG('__collapse_huge_page_isolate'),
    text: setup('anonymous', 'page->mapping = NULL;') + UNLOCKED_COLLAPSE,
  },
  {
    id: 'A7',
    says: WARN('mmap_assert_locked'),
    text: FILE + on0('collapse_pte_mapped_thp(mm, addr, true);'),
  },
  {
    id: 'A8',
    says: BUG('pmdp_collapse_flush'),
    text: ANONYMOUS + on0('pmdp_collapse_flush(vma, addr + PAGE_SIZE, pmd);'),
  },
  {
    id: 'A9',
    says: WARN('pmdp_invalidate'),
    text: HUGE + on0('pmd_clear(pmd); pmdp_invalidate(vma, addr, pmd);'),
  },
  {
    id: 'A9, of pmdp_invalidate_ad',
    says: WARN('pmdp_invalidate_ad'),
    text: HUGE + on0('pmd_clear(pmd); pmdp_invalidate_ad(vma, addr, pmd);'),
  },
  {
    id: 'A10, of the withdrawal',
    says: BUG('pgtable_trans_huge_withdraw'),
    text: HUGE + on0('pgtable_trans_huge_withdraw(mm, pmd);'),
  },
  {
    id: 'A10',
    says: BUG('pgtable_trans_huge_deposit'),
    text: ANONYMOUS + on0('pgtable_trans_huge_deposit(mm, pmd, table);'),
  },
  {
    id: 'A11',
    says: WARN('tlb_finish_mmu'),
    text:
      ANONYMOUS +
      on0(`tlb_gather_mmu(&tlb, mm); ptdesc_pmd_pts_inc(page_ptdesc(table));
        tlb_unshare_pmd_ptdesc(&tlb, page_ptdesc(table), addr); tlb_finish_mmu(&tlb);`),
  },
  {
    id: 'A12',
    says: WARN('__tlb_remove_page_size'),
    text: ANONYMOUS + on0('tlb_gather_mmu(&tlb, mm); tlb_remove_page(&tlb, page);'),
  },
  {
    id: 'A13',
    says: WARN('__tlb_remove_page_size'),
    text:
      ANONYMOUS +
      on0(`tlb_gather_mmu(&tlb, mm); tlb_flush_pte_range(&tlb, addr, PAGE_SIZE);
        tlb_remove_page_size(&tlb, page, HPAGE_PMD_SIZE);`),
  },
  {
    id: 'A14',
    says: WARN('tlb_unshare_pmd_ptdesc'),
    text:
      ANONYMOUS +
      on0('tlb_gather_mmu(&tlb, mm); tlb_unshare_pmd_ptdesc(&tlb, page_ptdesc(table), addr);'),
  },
  {
    id: 'A15',
    says: WARN('huge_pmd_unshare'),
    text:
      FILE +
      on0(`tlb_gather_mmu(&tlb, mm); ptdesc_pmd_pts_inc(virt_to_ptdesc(pmd));
        i_mmap_lock_read(mapping); huge_pmd_unshare(&tlb, vma, addr, pmd);`),
  },
  {
    id: 'A15, at the flush',
    says: WARN('huge_pmd_unshare_flush'),
    text: FILE + on0('tlb_gather_mmu(&tlb, mm); huge_pmd_unshare_flush(&tlb, vma);'),
  },
  {
    id: 'A16',
    says: WARN('flush_tlb_func'),
    text: ANONYMOUS + on0('flush_tlb_mm(mm);'),
    options: { without: 'arch_local_irq_disable' },
  },
  {
    id: 'A17',
    says: WARN('flush_tlb_func'),
    text:
      ANONYMOUS +
      on0(`struct flush_tlb_info f = { .mm = mm, .initiating_cpu = 0, .new_tlb_gen = 200 };
        per_cpu(cpu_tlbstate, 0).ctxs[0].tlb_gen = 100;
        local_irq_disable();
        flush_tlb_func(&f);`),
  },
  {
    id: 'A18',
    says: WARN('flush_tlb_func'),
    text: ANONYMOUS + on0('mm->context.ctx_id++; flush_tlb_mm(mm);'),
  },
  {
    id: 'A18, at a switch',
    says: WARN('switch_mm_irqs_off'),
    text: ANONYMOUS + on0('mm->context.ctx_id++; switch_mm(mm, mm, NULL);'),
  },
  {
    id: 'A19',
    says: WARN('switch_mm_irqs_off'),
    text: ANONYMOUS + on0('cpumask_clear_cpu(0, mm_cpumask(mm)); switch_mm(mm, &init_mm, NULL);'),
  },
  {
    id: 'A20',
    says: BUG('get_flush_tlb_info'),
    text: `${ANONYMOUS}${on0('flush_tlb_mm(mm);')} void nmi0(void) { flush_tlb_mm(mm); }`,
    options: { nmis: 1 },
  },
  {
    id: 'A21',
    says: WARN('flush_tlb_here'),
    text: ANONYMOUS + on0('local_irq_disable(); flush_tlb_mm(mm); local_irq_enable();'),
  },
  {
    id: 'A24',
    says: WARN('__split_huge_pmd_locked'),
    text:
      HUGE +
      on0(`set_pte((pte_t *)lowmem_page_address(table), mk_pte(page, PAGE_SHARED));
        __split_huge_pmd(vma, pmd, addr);`),
  },
  {
    id: 'A24, of the folio',
    says: WARN('__split_huge_pmd_locked'),
    text: HUGE + on0('page->mapping = NULL; __split_huge_pmd(vma, pmd, addr);'),
  },
  {
    id: 'A25',
    says: WARN('move_normal_pmd'),
    text:
      setup('anonymous', 'set_pmd(pmd + 1, *pmd);') +
      on0('move_normal_pmd(vma, addr, addr + HPAGE_PMD_SIZE, pmd, pmd + 1);'),
  },
  {
    id: 'A26, of the end',
    says: 'mmu_notifier_invalidate_range_end',
    text:
      setup('anonymous', 'make_secondary_mmu();') +
      on0(`struct mmu_notifier_range range;
        mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, addr, addr + PAGE_SIZE);
        mmu_notifier_invalidate_range_start(&range);
        spin_lock(&mm->page_table_lock);
        mmu_notifier_invalidate_range_end(&range);`),
  },
  {
    id: 'A27',
    says: BUG('folio_needs_cow_for_dma'),
    text: `${setup('anonymous', 'SetPageAnonExclusive(page);').replace(
      'void setup',
      'static struct vm_area_struct child; void setup',
    )}${on0(`child = *vma; child.vm_start = addr + HPAGE_PMD_SIZE; dup_mmap(&child, vma);`)}`,
    options: { without: 'raw_write_seqcount_begin' },
  },
  {
    id: 'A28',
    says: BUG('secondary_mmu_invalidate_end'),
    text:
      setup('anonymous', 'make_secondary_mmu();') +
      on0(`struct mmu_notifier_range range;
        mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, addr, addr + PAGE_SIZE);
        mmu_notifier_invalidate_range_end(&range);`),
  },
  {
    id: 'A28, of the range',
    says: WARN('secondary_mmu_invalidate_range_add'),
    text:
      setup('anonymous', 'make_secondary_mmu();') +
      on0('secondary_mmu_invalidate_range_add(secondary_mmu, addr, addr + PAGE_SIZE);'),
  },
  {
    id: 'A29',
    says: WARN('folio_try_share_anon_rmap_pte'),
    text: ANONYMOUS + on0('folio_try_share_anon_rmap_pte(page_folio(page), page);'),
  },
];

describe('an assertion of the kernel finds who breaks it', () => {
  it.each(BROKEN)('$id', async ({ says, text, options }) => {
    const { details } = await check(SPACE + text, options);
    expect(details.join('\n')).toContain(says);
  });
});

describe('a lock is asserted to be held by who asks', () => {
  it('not by another CPU: assert_spin_locked', async () => {
    const text = `${setup('anonymous', '', 2)}
      static int taken, done;
      void cpu0(void) {
        shootdown_await(&taken, 1);
        pgtable_trans_huge_deposit(mm, pmd, table);
        done = 1;
      }
      void cpu1(void) {
        spinlock_t *ptl = pmd_lock(mm, pmd);
        WRITE_ONCE(taken, 1);
        shootdown_await(&done, 1);
        spin_unlock(ptl);
      }`;
    expect((await check(SPACE + text)).details).toContain(BUG('pgtable_trans_huge_deposit'));
  });

  it('alone, where that is asked: i_mmap_rwsem for reading is not enough', async () => {
    const unshare = (lock: string): string =>
      FILE +
      on0(`tlb_gather_mmu(&tlb, mm); ptdesc_pmd_pts_inc(virt_to_ptdesc(pmd));
        i_mmap_lock_${lock}(mapping); huge_pmd_unshare(&tlb, vma, addr, pmd);
        huge_pmd_unshare_flush(&tlb, vma); i_mmap_unlock_${lock}(mapping);`);
    expect((await check(SPACE + unshare('read'))).properties).toEqual(['warn']);
    expect((await check(SPACE + unshare('write'))).properties).toEqual([]);
  });
});

describe('A22 is the machine’s: calls of other CPUs', () => {
  it('with preemption on', async () => {
    const text = `${setup('anonymous', '', 2)}
      static void nothing(void *info) { (void)info; }
      void cpu0(void) { smp_call_function_many(mm_cpumask(mm), nothing, NULL, true); }
      void cpu1(void) { }`;
    expect((await check(SPACE + text)).properties).toEqual(['warn']);
  });
});
