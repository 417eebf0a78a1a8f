/**
 * The paths of the built-in kernel that change a mapping: each runs beside
 * whoever it must reckon with, and is checked for what it leaves behind.
 */

import { describe, expect, it } from 'vitest';
import { type BuildOptions, check } from '../machine/build-system.ts';

const SPACE = `
  #include <linux/memory.h>
  #include <linux/pagemap.h>
  #include <shootdown/current.h>
  #include <shootdown/memory-of.h>
  static struct page *page, *got;
  static pte_t *entry(unsigned int i) { return (pte_t *)pmd_page_vaddr(*pmd) + i; }
`;
const anonymous = (cpus: number, more = ''): string => `
  void setup(void) {
    make_mm(${cpus}); make_upper_tables(); make_anonymous(); make_pte_table();
    page = make_mapped_page(0, "page");
    SetPageAnonExclusive(page);
    run_with_mm(0, mm); run_with_mm(1, mm);
    ${more}
  }`;
const file = (cpus: number): string => `
  void setup(void) {
    make_mm(${cpus}); make_upper_tables(); make_file(); make_pte_table();
    page = make_mapped_page(0, "page");
    get_page(page);
    mapping->folio = page_folio(page);
    run_with_mm(0, mm); run_with_mm(1, mm);
  }`;
const GUP = 'void cpu1(void) { get_user_pages_fast_only(addr, 1, 0, &got); }';
const PIN = 'void cpu1(void) { pin_user_pages_fast_only(addr, 1, FOLL_WRITE, &got); }';
const REACHED = 'shootdown_require("assertion", 0, "it has happened");';

async function found(text: string, options: BuildOptions = {}): Promise<string[]> {
  const { properties, cuts } = await check(SPACE + text, options);
  return [...properties, ...cuts.map((cut) => `cut ${cut}`)];
}

describe('munmap', () => {
  const text = `${anonymous(2)} void cpu0(void) { do_munmap(mm, vma); }`;

  it.each(['native', 'hyperv'])('frees page and table under GUP-fast: %s', async (platform) => {
    expect(await found(text + GUP, { platform })).toEqual([]);
    const bare = { platform, without: 'tlb_flush_mmu_tlbonly' };
    // Where RCU frees the table, the flush is there for TLBs alone.
    expect(await found(text + GUP, bare)).toEqual(platform === 'native' ? ['use-after-free'] : []);
  });

  it('leaves nothing', async () => {
    const end = `void cpu1(void) { } void finish(void) {
      BUG_ON(!pmd_none(*pmd) || mm->mmap || page_ref_count(page));
      BUG_ON(mm->pgtables_bytes.counter); ${REACHED} }`;
    expect(await found(text + end)).toEqual(['assertion']);
    const exit = text.replace('do_munmap(mm, vma)', 'exit_mmap(mm); mm->mmap = NULL');
    expect(await found(exit + end)).toEqual(['assertion']);
  });

  it('takes a file mapping out of sight before its table goes', async () => {
    const walk = `${file(2)} void cpu0(void) { do_munmap(mm, vma); }
      void cpu1(void) {
        struct vm_area_struct *found;
        LOCK
        vma_interval_tree_foreach(found, mapping) page_mkclean_one(page_folio(page), found, addr);
        UNLOCK
      }
      void finish(void) { BUG_ON(mapping->i_mmap || page_ref_count(page) != 1); }`;
    const locked = walk
      .replace('UNLOCK', 'i_mmap_unlock_read(mapping);')
      .replace('LOCK', 'i_mmap_lock_read(mapping);');
    expect(await found(locked)).toEqual([]);
    // On bare metal RCU does not keep the table.
    const unlocked = walk.replace('UNLOCK', '').replace('LOCK', '');
    expect(await found(unlocked)).toEqual(['use-after-free']);
  });
});

describe('MADV_DONTNEED', () => {
  it('beside another one, GUP-fast and a fault', async () => {
    const zap = 'zap_page_range_single(vma, addr, HPAGE_PMD_SIZE);';
    const text = `${anonymous(2)} void cpu0(void) { ${zap} }`;
    expect(await found(`${text} void cpu1(void) { ${zap} }`)).toEqual([]);
    expect(await found(text + GUP)).toEqual([]);
    expect(await found(`${text} void cpu1(void) { do_anonymous_page(vma, addr, pmd); }`)).toEqual(
      [],
    );
  });

  it('flushes for a dirty file page before its lock is dropped', async () => {
    const text = `${file(1)}
      void cpu0(void) {
        set_pte(entry(0), pte_mkdirty(*entry(0)));
        zap_page_range_single(vma, addr, HPAGE_PMD_SIZE);
        BUG_ON(!folio_test_dirty(page_folio(page)) || page_ref_count(page) != 1);
        ${REACHED}
      }`;
    expect(await found(text)).toEqual(['assertion']);
  });
});

describe('MADV_DONTNEED of 6.18', () => {
  const era = '6.18';
  const zap = 'zap_page_range_single(vma, addr, HPAGE_PMD_SIZE);';
  const text = `${anonymous(2)} void cpu0(void) { ${zap} }`;
  const gone = `void finish(void) {
    BUG_ON(mm->pgtables_bytes.counter != (pmd_none(*pmd) ? 0 : (long)PAGE_SIZE));
    if (pmd_none(*pmd)) ${REACHED} }`;

  it('takes the table along where the whole of it was zapped, on 64 bits', async () => {
    const alone = `${text} void cpu1(void) { } ${gone}`;
    expect(await found(alone, { era })).toEqual(['assertion']);
    expect(await found(alone, { era: '6.12' })).toEqual([]);
    expect(await found(alone, { era, arch: 'i386-pae' })).toEqual([]);
    expect(await found(alone.replace('HPAGE_PMD_SIZE', 'PAGE_SIZE'), { era })).toEqual([]);
    const munmap = alone.replace(zap, 'do_munmap(mm, vma);').replace(REACHED, 'return;');
    expect(await found(munmap, { era })).toEqual([]);
  });

  const rivals = {
    'another one': zap,
    'GUP-fast': 'get_user_pages_fast_only(addr, 1, 0, &got);',
    'a fault': 'do_anonymous_page(vma, addr, pmd);',
  };
  it.each(Object.entries(rivals))('beside %s', async (name, rival) => {
    const both = `${text} void cpu1(void) { ${rival} } ${gone}`;
    expect(await found(both, { era })).toEqual(['assertion']);
    if (rival === zap) return;
    const halves = both.replace(
      'SetPageAnon',
      'zap_resched_before = addr + PAGE_SIZE; SetPageAnon',
    );
    expect(await found(halves, { era })).toEqual(['assertion']);
    // Where the flush is no wait for walkers, RCU is.
    if (name === 'GUP-fast')
      expect(await found(halves, { era, platform: 'hyperv' })).toEqual(['assertion']);
  });

  it('looks at all entries again where its lock was dropped half-way', async () => {
    const counted = `${text.replace('SetPageAnon', 'zap_resched_before = addr + PAGE_SIZE; SetPageAnon')}
      void cpu1(void) {
        spinlock_t *ptl;
        pte_t *pte;
        do_anonymous_page(vma, addr, pmd);
        pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
        if (!pte) return;
        if (pte_present(ptep_get(pte)) && pte_page(ptep_get(pte)) != page) got = pte_page(ptep_get(pte));
        pte_unmap_unlock(pte, ptl);
      }
      void finish(void) { BUG_ON(pmd_none(*pmd) && got && page_ref_count(got)); }`;
    expect(await found(counted, { era })).toEqual([]);
    const unchecked = counted.replace('zap_resched', 'zap_reclaims_unchecked = true; zap_resched');
    expect(await found(unchecked, { era })).toEqual(['bug']);
  });
});

describe('faults', () => {
  it('two of them install one table and one page', async () => {
    const text = `
      void setup(void) { make_mm(2); make_upper_tables(); make_anonymous(); }
      void cpu0(void) { do_anonymous_page(vma, addr, pmd); }
      void cpu1(void) { do_anonymous_page(vma, addr, pmd); }
      void finish(void) {
        BUG_ON(page_ref_count(pte_page(*entry(0))) != 1 || folio_mapcount(page_folio(pte_page(*entry(0)))) != 1);
        BUG_ON(mm->pgtables_bytes.counter != (long)PAGE_SIZE);
      }`;
    expect(await found(text)).toEqual([]);
  });

  it('of a huge page and of a small one: either', async () => {
    const text = `
      void setup(void) { make_mm(2); make_upper_tables(); make_anonymous(); }
      void cpu0(void) { do_huge_pmd_anonymous_page(vma, addr, pmd); }
      void cpu1(void) { do_anonymous_page(vma, addr, pmd); }
      void finish(void) { BUG_ON(pmd_none(*pmd)); }`;
    expect(await found(text)).toEqual([]);
  });

  it('of a file page, found in the cache', async () => {
    const text = `${file(1)}
      void cpu0(void) { get_page(page); finish_fault(vma, addr + PAGE_SIZE, pmd, page);
        BUG_ON(pte_page(*entry(1)) != page); ${REACHED} }`;
    expect(await found(text)).toEqual(['assertion']);
  });

  it('a write to a shared page copies it, to an exclusive one does not', async () => {
    const shared = `${anonymous(2, 'ClearPageAnonExclusive(page); set_pte(entry(0), pte_wrprotect(*entry(0)));')}
      void cpu0(void) { do_wp_page(vma, addr, pmd, ptep_get(entry(0))); }
      void cpu1(void) { do_wp_page(vma, addr, pmd, ptep_get(entry(0))); }
      void finish(void) { BUG_ON(pte_page(*entry(0)) == page || !pte_write(*entry(0)) || page_ref_count(page)); }`;
    expect(await found(shared)).toEqual([]);
    const alone = shared
      .replace('ClearPageAnonExclusive(page);', '')
      .replace('== page', '!= page')
      .replace('|| page_ref_count(page)', '|| page_ref_count(page) != 1');
    expect(await found(alone)).toEqual([]);
  });
});

describe('huge pages', () => {
  const huge = (cpu0: string): string => `
    void setup(void) {
      make_mm(2); make_upper_tables(); make_anonymous();
      run_with_mm(1, mm);
      do_huge_pmd_anonymous_page(vma, addr, pmd);
      page = pmd_page(*pmd);
    }
    void cpu0(void) { ${cpu0} }`;

  it('zapped under GUP-fast', async () => {
    const text = huge('zap_page_range_single(vma, addr, HPAGE_PMD_SIZE);');
    expect(await found(text + GUP)).toEqual([]);
    const end = `void cpu1(void) { } void finish(void) { BUG_ON(!pmd_none(*pmd) || page_ref_count(page)); ${REACHED} }`;
    expect(await found(text + end)).toEqual(['assertion']);
  });

  it('split under GUP-fast and beside a fault, which finds no hole', async () => {
    const text = huge('__split_huge_pmd(vma, pmd, addr);');
    expect(await found(text + GUP)).toEqual([]);
    const end = `void cpu1(void) { if (pmd_none(*pmd)) ${REACHED} }
      void finish(void) { BUG_ON(pmd_trans_huge(*pmd) || pte_page(*entry(0)) != page); }`;
    expect(await found(text + end)).toEqual([]);
  });

  it('change their protection, and are never none', async () => {
    const text = huge('change_protection(vma, addr, addr + HPAGE_PMD_SIZE, PAGE_READONLY);');
    const end = `void cpu1(void) { if (pmd_none(*pmd)) ${REACHED} }
      void finish(void) { BUG_ON(pmd_write(*pmd) || !pmd_trans_huge(*pmd)); }`;
    expect(await found(text + end)).toEqual([]);
    expect(await found(text + end, { arch: 'i386-pae' })).toEqual([]);
  });
});

describe('fork', () => {
  const text = (fork: string): string => `
    static struct vm_area_struct *child;
    ${anonymous(
      2,
      `child = shootdown_alloc(sizeof(*child), "child's vma");
       *child = *vma;
       child->vm_mm = shootdown_alloc(sizeof(struct mm_struct) + sizeof(struct cpumask), "child's mm");
       child->vm_mm->pgd = mm->pgd;
       child->vm_start = addr + HPAGE_PMD_SIZE;`,
    )}
    static pte_t child_entry(void) { return *(pte_t *)pmd_page_vaddr(pmd[1]); }
    static int pinned;
    void cpu0(void) { ${fork} }
    void cpu1(void) { pinned = pin_user_pages_fast_only(addr, 1, FOLL_WRITE, &got); }
    void finish(void) {
      shootdown_require("lost-pin", !(pinned && pte_present(child_entry()) && pte_page(child_entry()) == page),
        "a pinned page is not shared");
    }`;

  it('shares no page that is pinned for writing', async () => {
    expect(await found(text('dup_mmap(child, vma);'))).toEqual([]);
  });

  it('would without its sequence count', async () => {
    const bare = { without: 'read_seqcount_retry' };
    expect(await found(text('dup_mmap(child, vma);'), bare)).toContain('lost-pin');
    // Where fork does not count, its own assertion says so before a pin can be lost.
    const uncounted = { without: 'raw_write_seqcount_begin' };
    expect(await found(text('dup_mmap(child, vma);'), uncounted)).toEqual(['bug']);
  });
});

describe("perf's walk", () => {
  const text = `
    #include <linux/perf_event.h>
    ${anonymous(2)}
    static u64 size;
    void cpu0(void) { do_munmap(mm, vma); }
    void cpu1(void) { size = perf_get_page_size(addr); }
    void finish(void) { BUG_ON(size != 0 && size != PAGE_SIZE); }`;

  it('may meet a table that goes', async () => {
    expect(await found(text)).toEqual([]);
    expect(await found(text, { platform: 'hyperv' })).toEqual([]);
    expect(await found(text, { without: 'flush_tlb_mm_range' })).toEqual(['use-after-free']);
  });

  it('tells huge pages from small ones', async () => {
    const huge = `
      #include <linux/perf_event.h>
      void setup(void) {
        make_mm(1); make_upper_tables(); make_anonymous();
        do_huge_pmd_anonymous_page(vma, addr, pmd);
        run_with_mm(0, mm);
      }
      void cpu0(void) { BUG_ON(perf_get_page_size(addr) != PMD_SIZE); ${REACHED} }`;
    expect(await found(huge)).toEqual(['assertion']);
  });
});

describe('mremap', () => {
  it('moves a table under GUP-fast', async () => {
    const move = 'BUG_ON(!move_normal_pmd(vma, addr, addr + PMD_SIZE, pmd, pmd + 1));';
    const end = 'void finish(void) { BUG_ON(!pmd_none(pmd[0]) || pmd_none(pmd[1])); }';
    const text = `${anonymous(2)} void cpu0(void) { ${move} } ${GUP} ${end}`;
    expect(await found(text)).toEqual([]);
    expect(await found(text, { arch: 'i386-pae' })).toEqual([]);
  });

  it('moves entries under write-back, which finds them at one place', async () => {
    const text = `${file(2).replace('run_with_mm(0', '__pte_alloc(mm, pmd + 1); run_with_mm(0')}
      static int cleaned;
      void cpu0(void) { BUG_ON(move_ptes(vma, pmd, addr, addr + 2 * PAGE_SIZE, vma, pmd + 1, addr + PMD_SIZE, true)); }
      void cpu1(void) {
        i_mmap_lock_read(mapping);
        cleaned = page_mkclean_one(page_folio(page), vma, addr);
        cleaned += page_mkclean_one(page_folio(page), vma, addr + PMD_SIZE);
        i_mmap_unlock_read(mapping);
        BUG_ON(cleaned != 1);
      }`;
    expect(await found(text)).toEqual([]);
  });
});

describe('protection and merging', () => {
  it('of small pages under GUP-fast that asks to write', async () => {
    const text = `${anonymous(2)}
      void cpu0(void) { BUG_ON(change_protection(vma, addr, addr + HPAGE_PMD_SIZE, PAGE_READONLY) != 1); }
      ${PIN} void finish(void) { BUG_ON(pte_write(*entry(0))); }`;
    expect(await found(text)).toEqual([]);
  });

  const ksm = `
    static struct page *merged;
    ${anonymous(2, 'merged = alloc_page(GFP_KERNEL | __GFP_ZERO); merged->mapping = page->mapping;')}
    void cpu0(void) {
      pte_t orig;
      get_page(page);
      if (folio_trylock(page_folio(page))) {
        if (!write_protect_page(vma, page_folio(page), addr, &orig))
          replace_page(vma, page, merged, addr, orig);
        folio_unlock(page_folio(page));
      }
      put_page(page);
    }
    ${PIN}
    void finish(void) {
      shootdown_require("lost-pin", !got || pte_page(*entry(0)) == got, "a pinned page is not replaced");
    }`;

  it('KSM does not merge what is pinned', async () => {
    expect(await found(ksm)).toEqual([]);
  });

  it('KSM would, if GUP-fast did not look again', async () => {
    // The count is compared while the entry is still there.
    const early = ksm.replace(
      'if (!write_protect_page(vma, page_folio(page), addr, &orig))',
      'orig = ptep_get(entry(0)); if (page_ref_count(page) == 2)',
    );
    expect(await found(early)).toEqual(['lost-pin']);
  });
});

describe('reclaim', () => {
  // Reclaim has a reference of its own, from the list where it found the page.
  const text = (batch: string): string => `${anonymous(2, 'get_page(page);')}
    static bool gone;
    void cpu0(void) {
      folio_lock(page_folio(page));
      gone = try_to_unmap_one(page_folio(page), vma, addr, ${batch});
      try_to_unmap_flush();
      folio_unlock(page_folio(page));
      put_page(page);
    }`;

  it.each(['true', 'false'])('unmaps under GUP-fast, flushes put off: %s', async (batch) => {
    expect(await found(text(batch) + PIN)).toEqual([]);
    const end = `void cpu1(void) { } void finish(void) { BUG_ON(!gone || page_ref_count(page) || !pte_none(*entry(0))); ${REACHED} }`;
    expect(await found(text(batch) + end)).toEqual(['assertion']);
  });

  it('who comes after makes up for a flush that was put off', async () => {
    const zap = 'void cpu1(void) { zap_page_range_single(vma, addr, HPAGE_PMD_SIZE); }';
    expect(await found(text('true') + zap)).toEqual([]);
    const alone = `${anonymous(2)}
      void cpu0(void) {
        get_page(page);
        try_to_unmap_one(page_folio(page), vma, addr, true);
        BUG_ON(atomic_read(&mm->tlb_flush_batched) != 1);
        flush_tlb_batched_pending(mm);
        BUG_ON(atomic_read(&mm->tlb_flush_batched) != 0x10001);
        try_to_unmap_flush();
        put_page(page);
        ${REACHED}
      }
      void cpu1(void) { }`;
    expect(await found(alone)).toEqual(['assertion']);
  });
});

describe('a shared PMD table', () => {
  const text = (sharers: number, flush: string): string => `${file(2).replace(
    'run_with_mm(0',
    `for (int i = 0; i < ${sharers}; i++) ptdesc_pmd_pts_inc(pmd_ptdesc(pmd)); run_with_mm(0`,
  )}
    void cpu0(void) {
      struct mmu_gather tlb;
      bool last;
      i_mmap_lock_write(mapping);
      tlb_gather_mmu_vma(&tlb, vma);
      BUG_ON(!huge_pmd_unshare(&tlb, vma, addr, pmd));
      last = !ptdesc_pmd_is_shared(pmd_ptdesc(pmd));
      ${flush}
      i_mmap_unlock_write(mapping);
      tlb_finish_mmu(&tlb);
      /* The other owner may do with it what he likes. */
      if (last) __free_page(virt_to_page(pmd));
    }
    ${GUP}`;

  it.each(['native', 'hyperv'])('is waited for by its last sharer: %s', async (platform) => {
    expect(await found(text(1, 'huge_pmd_unshare_flush(&tlb, vma);'), { platform })).toEqual([]);
    expect(await found(text(2, 'huge_pmd_unshare_flush(&tlb, vma);'), { platform })).toEqual([]);
    expect(
      await found(text(1, 'tlb.fully_unshared_tables = 0; huge_pmd_unshare_flush(&tlb, vma);'), {
        platform,
      }),
    ).toEqual(platform === 'native' ? [] : ['use-after-free']);
  });

  it('is flushed for whole, wherever in it the unshare was asked for', async () => {
    const user = `
      #include <shootdown/user-memory.h>
      void setup(void) {
        page = make_user_page(1, "huge page");
        make_mm(2); make_upper_tables(); make_file();
        ptdesc_pmd_pts_inc(pmd_ptdesc(pmd));
        set_pmd_at(mm, addr + PMD_SIZE, pmd + 1, pmd_mkhuge(pfn_pmd(page_to_pfn(page), PAGE_SHARED)));
        load_mm(1, mm);
      }
      void cpu0(void) {
        struct mmu_gather tlb;
        i_mmap_lock_write(mapping);
        tlb_gather_mmu_vma(&tlb, vma);
        huge_pmd_unshare(&tlb, vma, addr, pmd);
        FLUSH
        i_mmap_unlock_write(mapping);
        tlb_finish_mmu(&tlb);
        /* As the other owner may: to him it is the only mapping. */
        put_page(page);
      }
      void cpu1(void) { unsigned long value; shootdown_user_read(addr + PMD_SIZE, &value); }`;
    const whole = 'huge_pmd_unshare_flush(&tlb, vma);';
    expect(await found(user.replace('FLUSH', whole))).toEqual([]);
    const part = `tlb.start = addr; tlb.end = addr + PMD_SIZE; ${whole}`;
    expect(await found(user.replace('FLUSH', part))).toEqual(['stale-translation']);
  });

  it('asserts its lock', async () => {
    const bare = text(1, 'huge_pmd_unshare_flush(&tlb, vma);')
      .replace('i_mmap_lock_write(mapping);', '')
      .replace('i_mmap_unlock_write(mapping);', '');
    expect(await found(bare)).toContain('warn');
  });
});
