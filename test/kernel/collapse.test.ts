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

  it.each(['MAINLINE', 'NONE'])(
    'is safe against GUP-fast, which RCU waits for: %s',
    async (form) => {
      const text = setup(
        'static struct page *got; void cpu1(void) { get_user_pages_fast_only(addr, 1, 0, &got); }',
      );
      expect(await found(text, form, { platform: 'hyperv' })).toEqual([]);
    },
  );
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
