/**
 * khugepaged of the built-in kernel against GUP-fast, faults and lockless
 * readers, with each way of waiting that the mails discuss; and secondary
 * MMUs, which hear of a collapse or do not.
 */

import { describe, expect, it } from 'vitest';
import {
  type BuildOptions,
  buildText,
  check,
  findings,
  searchToEnd,
} from '../machine/build-system.ts';

const SPACE = `
  #include <linux/khugepaged.h>
  #include <linux/pagemap.h>
  #include <shootdown/current.h>
  #include <shootdown/memory-of.h>
  #include <shootdown/secondary-mmu.h>
`;
const FORMS = ['MAINLINE', 'V3', 'V3_REPLY', 'AFTER_UNLOCK', 'NONE', 'UNCONDITIONAL', 'FLAG_KEPT'];
const named = `collapse_sync = (enum collapse_sync)scenario_variant;`;

async function found(
  text: string,
  form = 'MAINLINE',
  options: BuildOptions = {},
): Promise<string[]> {
  const variant = FORMS.indexOf(form);
  const { properties, cuts } = await check(SPACE + text, { ...options, variants: FORMS, variant });
  return [...properties, ...cuts.map((cut) => `cut ${cut}`)];
}

describe('collapse_huge_page', () => {
  const setup = `
    static struct page *old_page, *pinned;
    static int collapsed;
    void setup(void) {
      ${named}
      make_mm(2); make_upper_tables(); make_anonymous(); make_pte_table();
      old_page = make_mapped_page(0, "old page");
      run_with_mm(1, mm);
    }
    void cpu0(void) {
      mmap_read_lock(mm);
      collapsed = collapse_huge_page(mm, addr) == SCAN_SUCCEED;
    }`;
  const gup = 'void cpu1(void) { get_user_pages_fast_only(addr, 1, FOLL_WRITE, &pinned); }';

  it('copies the page, deposits the table and frees the old page', async () => {
    const text = `${setup}
      static unsigned long *word;
      void cpu1(void) { }
      void finish(void) {
        BUG_ON(!collapsed);
        BUG_ON(!pmd_trans_huge(*pmd));
        BUG_ON(!pmd_huge_pte(mm, pmd));
        BUG_ON(page_ref_count(pmd_page(*pmd)) != 1);
        shootdown_require("assertion", 0, "it has happened");
      }`;
    expect(await found(text)).toEqual(['assertion']);
  });

  it.each(FORMS)('is safe against GUP-fast on bare metal: %s', async (form) => {
    const finish = `void finish(void) {
      shootdown_require("lost-pin", !(collapsed && pinned == old_page), "nobody holds it"); }`;
    expect(await found(setup + gup + finish, form)).toEqual([]);
  });

  it('gives up, and the table is back, where somebody holds the page', async () => {
    const text = `${setup} ${gup} void finish(void) {
      BUG_ON(pinned == old_page && !pmd_trans_huge(*pmd) && pmd_none(*pmd));
      shootdown_require("assertion", pinned != old_page || collapsed, "it was given up"); }`;
    expect(await found(text)).toEqual(['assertion']);
  });

  it('whose table is zapped needs a wait for walkers where the flush sends no IPI', async () => {
    const zapped = setup.replace(
      '== SCAN_SUCCEED;',
      `== SCAN_SUCCEED;
      if (collapsed) {
        spinlock_t *ptl = pmd_lock(mm, pmd);
        pmdp_huge_get_and_clear(mm, addr, pmd);
        pte_free(mm, pgtable_trans_huge_withdraw(mm, pmd));
        spin_unlock(ptl);
      }`,
    );
    const verdicts: Record<string, string[]> = {};
    for (const form of FORMS)
      verdicts[form] = await found(zapped + gup, form, { platform: 'hyperv' });
    const safe: string[] = [];
    expect(verdicts).toEqual({
      MAINLINE: safe,
      V3: safe,
      V3_REPLY: safe,
      AFTER_UNLOCK: safe,
      NONE: ['use-after-free'],
      UNCONDITIONAL: safe,
      FLAG_KEPT: safe,
    });
    const kvm = { platform: 'kvm', preemptions: 1 };
    expect(await found(zapped + gup, 'MAINLINE', kvm)).toEqual([]);
    // The flush leaves the preempted vCPU out, and says that it has sent IPIs.
    expect(await found(zapped + gup, 'V3', kvm)).toEqual(['use-after-free']);
  });

  it('holds the locks that its assertions and its peers ask for', async () => {
    const text = `${setup}
      void cpu1(void) {
        mmap_read_lock(mm);
        anon_vma_lock_read(vma->anon_vma);
        if (!pmd_none(*pmd) && !pmd_trans_huge(*pmd)) {
          spinlock_t *ptl;
          pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
          if (pte) { BUG_ON(!pte_present(ptep_get(pte))); pte_unmap_unlock(pte, ptl); }
        }
        anon_vma_unlock_read(vma->anon_vma);
        mmap_read_unlock(mm);
      }`;
    expect(await found(text)).toEqual([]);
    expect(await found(text, 'MAINLINE', { arch: 'i386-pae' })).toEqual([]);
  });
});

describe('without transparent huge pages', () => {
  it.each(['pmdp_collapse_flush', 'pmdp_collapse_flush_sync'])('%s cannot be run', async (name) => {
    const text = `
      void setup(void) { make_mm(1); make_upper_tables(); make_pte_table(); }
      void cpu0(void) { ${name}(vma, addr, pmd); }`;
    await expect(
      found(text, 'MAINLINE', { defines: { SHOOTDOWN_WITHOUT_THP: '1' } }),
    ).rejects.toThrow('__compiletime_assert_build_bug, which nothing provides');
  });
});

describe('with two levels of tables', () => {
  // As on mips32 with 64-bit physical addresses: PTEs are read in halves, and there is no PMD table to retract.
  const options = { arch: 'i386-pae', defines: { CONFIG_PGTABLE_LEVELS: '2' } } as const;
  const text = (body: string): string => `
    static pte_t *slot; static pmd_t *top;
    void setup(void) { make_mm(2); make_upper_tables(); make_pte_table(); slot = pte_offset_kernel(pmd, addr); top = pmd; }
    void cpu0(void) { ${body} }
    void cpu1(void) { local_irq_disable(); (void)READ_ONCE(*(int *)slot); local_irq_enable(); }`;
  const rounds = async (body: string, levels: BuildOptions = options): Promise<number> => {
    const system = (await buildText(SPACE + text(body), levels)).open();
    await searchToEnd(system);
    return system.machine.rounds.most().total;
  };

  it('pmdp_get_lockless_sync() is empty, and waits with three', async () => {
    expect(await rounds('pmdp_get_lockless_sync();')).toBe(0);
    expect(await rounds('pmdp_get_lockless_sync();', { arch: 'i386-pae' })).toBe(1);
  });
});

describe('retract_page_tables', () => {
  const setup = `
    void setup(void) {
      ${named}
      make_mm(3); make_upper_tables(); make_file(); make_pte_table();
    }
    void cpu0(void) { retract_page_tables(mapping, 0); }
    void cpu1(void) {
      pte_t *pte = pte_offset_map(pmd, addr);
      if (!pte) return;
      (void)ptep_get(pte);
      pte_unmap(pte);
    }
    void cpu2(void) { if (pmd_none(*pmd)) __pte_alloc(mm, pmd); }`;

  it('tears an entry on PAE where the wait comes after the lock, or not at all', async () => {
    const verdicts: Record<string, string[]> = {};
    for (const form of FORMS)
      verdicts[form] = await found(setup, form, { arch: 'i386-pae', platform: 'hyperv' });
    const torn = ['torn-entry'];
    expect(verdicts).toEqual({
      MAINLINE: [],
      V3: [],
      V3_REPLY: torn,
      AFTER_UNLOCK: torn,
      NONE: torn,
      UNCONDITIONAL: torn,
      FLAG_KEPT: [],
    });
    expect(await found(setup, 'V3_REPLY', { arch: 'i386-pae' })).toEqual([]);
  });

  it('cannot on x86_64', async () => {
    expect(await found(setup, 'NONE', { platform: 'hyperv' })).toEqual([]);
  });

  it('keeps off an mm in use in 6.1', async () => {
    const text = `
      void setup(void) { make_mm(1); make_upper_tables(); make_file(); make_pte_table(); }
      void cpu0(void) {
        mmap_read_lock(mm);
        retract_page_tables(mapping, 0);
        BUG_ON(pmd_none(*pmd));
        mmap_read_unlock(mm);
        retract_page_tables(mapping, 0);
        BUG_ON(!pmd_none(*pmd) || mm->mmap_lock.count.counter || mapping->i_mmap_rwsem.count.counter);
        shootdown_require("assertion", 0, "it has happened");
      }`;
    expect(await found(text, 'MAINLINE', { era: '6.1' })).toEqual(['assertion']);
    expect(await found(text, 'MAINLINE', { era: '6.12' })).toEqual(['bug']);
  });

  it('meets MADV_DONTNEED of 6.18, which takes the table, and a fault, which brings another', async () => {
    const text = `#include <linux/memory.h>
      void setup(void) { make_mm(2); make_upper_tables(); make_file(); make_pte_table(); }
      void cpu0(void) { retract_page_tables(mapping, 0); }
      void cpu1(void) {
        zap_page_range_single(vma, addr, HPAGE_PMD_SIZE);
        if (pmd_none(*pmd)) __pte_alloc(mm, pmd);
      }
      void finish(void) {
        BUG_ON(mm->pgtables_bytes.counter != (pmd_none(*pmd) ? 0 : (long)PAGE_SIZE));
        if (pmd_none(*pmd)) shootdown_require("assertion", 0, "the last one is retracted");
      }`;
    expect(await found(text, 'MAINLINE', { era: '6.18' })).toEqual(['assertion']);
  });

  it('leaves a VMA with anonymous memory alone', async () => {
    const text = `
      void setup(void) {
        make_mm(1); make_upper_tables(); make_file(); make_pte_table();
        vma->anon_vma = shootdown_alloc(sizeof(struct anon_vma), "anon_vma");
      }
      void cpu0(void) { retract_page_tables(mapping, 0); BUG_ON(pmd_none(*pmd)); }`;
    expect(await found(text)).toEqual([]);
  });
});

describe('collapse_pte_mapped_thp', () => {
  const setup = (rest: string): string => `
    static struct page *page;
    static enum scan_result result;
    void setup(void) {
      ${named}
      make_mm(2); make_upper_tables(); make_file(); make_pte_table();
      page = make_mapped_page(0, "page");
      get_page(page);
      mapping->folio = page_folio(page);
      run_with_mm(1, mm);
    }
    void cpu0(void) {
      mmap_read_lock(mm);
      result = try_collapse_pte_mapped_thp(mm, addr, true);
      mmap_read_unlock(mm);
    }
    ${rest}`;

  it('leads to one entry for the folio, and as many references as before', async () => {
    const text = setup(`void cpu1(void) { }
      void finish(void) {
        BUG_ON(result != SCAN_SUCCEED || !pmd_trans_huge(*pmd) || pmd_page(*pmd) != page);
        BUG_ON(page_ref_count(page) != 2 || folio_test_locked(page_folio(page)));
        shootdown_require("assertion", 0, "it has happened"); }`);
    expect(await found(text)).toEqual(['assertion']);
    expect(await found(text, 'MAINLINE', { arch: 'i386-pae' })).toEqual(['assertion']);
  });

  it('holds all locks for writing in 6.1, and frees the table with its entries in it', async () => {
    const text = setup(`void cpu1(void) { }
      void finish(void) {
        BUG_ON(result != SCAN_SUCCEED || !pmd_trans_huge(*pmd) || pmd_page(*pmd) != page);
        BUG_ON(page_ref_count(page) != 2 || folio_mapcount(page_folio(page)) != 1);
        BUG_ON(folio_test_locked(page_folio(page)) || mm->pgtables_bytes.counter);
        BUG_ON(mm->mmap_lock.count.counter || mapping->i_mmap_rwsem.count.counter);
        shootdown_require("assertion", 0, "it has happened"); }`);
    const writing = text.replaceAll('mmap_read', 'mmap_write');
    expect(await found(writing, 'MAINLINE', { era: '6.1' })).toEqual(['assertion']);
    expect(await found(text, 'MAINLINE', { era: '6.1' })).toContain('warn');
    const foreign = writing
      .replace(
        'get_page(page);',
        'get_page(page); set_pte_at(mm, addr + PAGE_SIZE, (pte_t *)pmd_page_vaddr(*pmd) + 1, mk_pte(ZERO, PAGE_SHARED));',
      )
      .replace('ZERO', 'alloc_page(GFP_KERNEL | __GFP_ZERO)')
      .replace(
        'result != SCAN_SUCCEED || !pmd_trans_huge(*pmd) || pmd_page(*pmd) != page',
        'result != SCAN_FAIL || pmd_none(*pmd)',
      )
      .replace('mm->pgtables_bytes.counter', '!mm->pgtables_bytes.counter');
    expect(await found(foreign, 'MAINLINE', { era: '6.1' })).toEqual(['assertion']);
  });

  it.each(['MAINLINE', 'NONE'])(
    'is safe against GUP-fast, which RCU waits for: %s',
    async (form) => {
      const text = setup(
        'static struct page *got; void cpu1(void) { get_user_pages_fast_only(addr, 1, 0, &got); }',
      );
      expect(await found(text, form, { platform: 'hyperv' })).toEqual([]);
    },
  );

  it('keeps a private mapping of userfaultfd to itself until its table is gone', async () => {
    // UFFDIO_COPY asks for no folio: it fills what it finds empty.
    const text = setup(`
      static int filled;
      void cpu1(void) {
        spinlock_t *ptl;
        pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
        if (!pte) return;
        if (pte_none(ptep_get(pte))) {
          set_pte(pte, mk_pte(page, PAGE_SHARED));
          filled = 1;
        }
        pte_unmap_unlock(pte, ptl);
      }
      void finish(void) { shootdown_require("refcount", !filled, "what was filled is mapped"); }`);
    const armed = text.replace(
      'run_with_mm',
      'vma->vm_flags |= VM_UFFD_MISSING; vma->vm_flags &= ~VM_SHARED; run_with_mm',
    );
    for (const era of ['6.12', '6.18'] as const) {
      expect(await found(armed, 'MAINLINE', { era })).toEqual([]);
      expect(await found(text, 'MAINLINE', { era })).toEqual(['refcount']);
    }
  });

  it('looks again in 6.18, where an emptied table may be reclaimed', async () => {
    const text = setup(`
      void cpu1(void) {
        spinlock_t *pml = pmd_lock(mm, pmd), *ptl;
        pmd_t old;
        pte_t *pte = pte_offset_map_rw_nolock(mm, pmd, addr, &old, &ptl);
        bool empty = false;
        if (pte) {
          spin_lock_nested(ptl, SINGLE_DEPTH_NESTING);
          empty = pte_none(ptep_get(pte));
          if (empty) pmd_clear(pmd);
          pte_unmap_unlock(pte, ptl);
        }
        spin_unlock(pml);
        if (!empty) return;
        mm_dec_nr_ptes(mm);
        pte_free_defer(mm, pmd_pgtable(old));
      }
      void finish(void) {
        BUG_ON(page_ref_count(page) != (result == SCAN_SUCCEED) + 1 || folio_test_locked(page_folio(page)));
        BUG_ON(mm->pgtables_bytes.counter);
        if (result == SCAN_FAIL) shootdown_require("assertion", 0, "it was given up");
      }`);
    expect(await found(text, 'MAINLINE', { era: '6.18' })).toEqual(['assertion']);
    // Nothing reclaims there.
    expect(await found(text, 'MAINLINE', { era: '6.12' })).toEqual(['bug', 'wild-access']);
  });

  it('meets MADV_DONTNEED, which reclaims tables in 6.18', async () => {
    const text = `#include <linux/memory.h>
      ${setup('void cpu1(void) { zap_page_range_single(vma, addr, HPAGE_PMD_SIZE); }')}
      void finish(void) { BUG_ON(page_ref_count(page) < 1 || folio_test_locked(page_folio(page))); }`;
    expect(await found(text, 'MAINLINE', { era: '6.18' })).toEqual([]);
    expect(await found(text, 'MAINLINE', { era: '6.12' })).toEqual([]);
  });

  it('keeps its table mapped until the PMD is clear in 6.18, up to the clearing of it before', async () => {
    const text = setup(`
      void cpu1(void) {
        pte_t *pte = pte_offset_map(pmd, addr);
        bool none;
        if (!pte) return;
        none = pte_none(ptep_get(pte));
        pte_unmap(pte);
        if (!none) return;
        synchronize_rcu();
        shootdown_require("assertion", pmd_none(*pmd) || pmd_trans_huge(*pmd), "it is gone");
      }`);
    expect(await found(text, 'MAINLINE', { era: '6.18' })).toEqual([]);
    expect(await found(text, 'MAINLINE', { era: '6.12' })).toEqual(['assertion']);
  });

  it('gives up half-way with what it has cleared flushed, before the table is unlocked', async () => {
    // Between the two scans a write puts a copy at the second entry.
    const text = `
      #include <shootdown/user-memory.h>
      static struct page *page, *copy;
      static int gone;
      void setup(void) {
        make_mm(3); make_upper_tables(); make_file(); make_pte_table();
        page = make_mapped_page(0, "page");
        get_page(page);
        mapping->folio = page_folio(page);
        copy = alloc_page(GFP_KERNEL | __GFP_ZERO);
        load_mm(2, mm);
      }
      void cpu0(void) {
        mmap_read_lock(mm);
        collapse_pte_mapped_thp(mm, addr, false);
        mmap_read_unlock(mm);
      }
      void cpu1(void) {
        bool wrote;
        spinlock_t *ptl;
        pte_t *pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
        if (!pte) return;
        wrote = pte_present(ptep_get(pte));
        if (wrote) set_pte(pte + 1, mk_pte(copy, PAGE_SHARED));
        pte_unmap_unlock(pte, ptl);
        if (!wrote) return;
        pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
        if (!pte) return;
        WRITE_ONCE(gone, pte_none(ptep_get(pte)));
        pte_unmap_unlock(pte, ptl);
      }
      void cpu2(void) {
        unsigned long value;
        if (!READ_ONCE(gone)) return;
        REACHED
        shootdown_require("assertion", shootdown_user_read(addr, &value), "it is in no TLB");
      }`;
    expect(await found(text.replace('REACHED', ''))).toEqual([]);
    expect(await found(text.replace('REACHED', 'shootdown_warn();'))).toEqual(['warn']);
  });
});

describe('a secondary MMU', () => {
  const setup = (bug: string): string => `
    static struct page *page;
    void setup(void) {
      ${bug}
      make_mm(1); make_upper_tables(); make_anonymous(); make_pte_table();
      page = make_mapped_page(0, "page");
      make_secondary_mmu();
      secondary_mmu_maps(page);
      run_with_mm(1, mm);
    }
    void cpu0(void) { mmap_read_lock(mm); collapse_huge_page(mm, addr); }`;
  const guest = 'void cpu1(void) { secondary_mmu_write(secondary_mmu, 1); }';

  it('is asked before its page goes', async () => {
    expect(await found(setup('') + guest)).toEqual([]);
  });

  it('is not asked: found where the entry goes', async () => {
    const text = setup('collapse_without_notifier = true;') + guest;
    expect(await found(text)).toEqual(['notifier-window']);
  });

  it('establishes nothing while an invalidation is under way, or was since it looked', async () => {
    const fault = 'void cpu1(void) { secondary_mmu_fault(secondary_mmu); }';
    const text = setup('').replace('secondary_mmu_maps(page);', '') + fault;
    expect(await found(text)).toEqual([]);
    const careless = text.replace(
      'secondary_mmu_fault(secondary_mmu)',
      `struct page *got = NULL;
       if (get_user_pages_fast_only(addr, 1, FOLL_WRITE, &got) != 1) return;
       write_lock(&secondary_mmu->mmu_lock);
       secondary_mmu_set(secondary_mmu, got, true);
       write_unlock(&secondary_mmu->mmu_lock);
       put_page(got)`,
    );
    expect(await found(careless)).toEqual(['notifier-window']);
  });

  it('lets go of everything before the last of the mm does', async () => {
    const exit = setup('')
      .replace('mmap_read_lock(mm); collapse_huge_page(mm, addr);', 'exit_mmap(mm);')
      .replace('static struct page', '#include <linux/memory.h>\nstatic struct page');
    const after = `${exit} void cpu1(void) { }
      void finish(void) { BUG_ON(secondary_mmu->spte || mm->notifier_subscriptions->list); }`;
    expect(await found(after)).toEqual([]);
    // Once released it hears of nothing.
    const keeps = after.replace(
      'run_with_mm(1, mm);',
      `static struct mmu_notifier_ops ops; ops = *secondary_mmu->notifier.ops;
       ops.release = NULL; secondary_mmu->notifier.ops = &ops;`,
    );
    expect(await found(keeps)).toContain('notifier-window');
  });

  it('is asked where one may sleep', async () => {
    const text = `
      void setup(void) { make_mm(1); make_upper_tables(); make_anonymous(); make_secondary_mmu(); }
      void cpu0(void) {
        struct mmu_notifier_range range;
        mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, addr, addr + PAGE_SIZE);
        spin_lock(&mm->page_table_lock);
        mmu_notifier_invalidate_range_start(&range);
        spin_unlock(&mm->page_table_lock);
      }`;
    expect(await found(text)).toEqual(['sleep-in-atomic']);
    const system = (await buildText(SPACE + text)).open();
    expect(findings(system, await searchToEnd(system))).toHaveLength(1);
  });

  it('that shares the tables hears from the flush', async () => {
    const text = `
      static int told;
      static void tell(struct mmu_notifier *n, struct mm_struct *m, unsigned long s, unsigned long e)
      { (void)n, (void)m, (void)s, (void)e; told++; }
      static const struct mmu_notifier_ops ops = { .arch_invalidate_secondary_tlbs = tell };
      void setup(void) {
        make_mm(1); make_upper_tables(); make_secondary_mmu();
        secondary_mmu->notifier.ops = &ops;
      }
      void cpu0(void) {
        mmu_notifier_arch_invalidate_secondary_tlbs(mm, addr, addr + PAGE_SIZE);
        BUG_ON(told != 1);
      }`;
    expect(await found(text)).toEqual([]);
  });
});
