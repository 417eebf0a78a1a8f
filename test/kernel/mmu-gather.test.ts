/**
 * The built-in mmu_gather: what is flushed when, who is waited for before a
 * table goes back, and what each part is needed for.
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
  #include <asm/pgalloc.h>
  #include <shootdown/address-space.h>
  static pgtable_t table;
  static struct mmu_gather tlb;
  void setup(void) { make_mm(2); make_upper_tables(); table = make_pte_table(); }
  static void walk(void) {
    unsigned long flags;
    pte_t *pte;
    local_irq_save(flags);
    pte = pte_offset_map(pmd, addr);
    if (pte) { (void)ptep_get(pte); pte_unmap(pte); }
    local_irq_restore(flags);
  }
`;
const UNMAP = `
  static void unmap(void) {
    struct mmu_gather tlb;
    tlb_gather_mmu(&tlb, mm);
    pmd_clear(pmd);
    pte_free_tlb(&tlb, table, addr);
    tlb_finish_mmu(&tlb);
  }`;

async function found(text: string, options: BuildOptions = {}): Promise<string[]> {
  const { properties, cuts } = await check(SPACE + text, options);
  return [...properties, ...cuts.map((cut) => `cut ${cut}`)];
}

describe('a table that is unlinked under a walker', () => {
  const text = `${UNMAP} void cpu0(void) { unmap(); } void cpu1(void) { walk(); }`;
  const everywhere = ['native', 'kvm', 'hyperv', 'xen', 'invlpgb'].map((platform) => ({
    platform,
  }));

  it.each(everywhere)(
    'goes back when nobody walks it any more: $platform',
    async ({ platform }) => {
      const options = { platform, preemptions: platform === 'kvm' ? 1 : 0 };
      expect(await found(text, options)).toEqual([]);
    },
  );

  it('on bare metal hangs by the flush, elsewhere by RCU or, without memory, by the IPI', async () => {
    const bare = { without: 'flush_tlb_mm_range' };
    expect(await found(text, bare)).toEqual(['use-after-free']);
    const guest = { platform: 'hyperv', without: 'tlb_remove_table_sync_one' };
    expect(await found(text, guest)).toEqual(['use-after-free']);
  });

  it('and its gather counts itself in and out', async () => {
    const text = `${UNMAP}
      void cpu0(void) {
        unmap();
        synchronize_rcu();
        shootdown_require("assertion", atomic_read(&mm->tlb_flush_pending) == 0, "one in, one out");
      }`;
    expect(await found(text, { platform: 'hyperv' })).toEqual([]);
  });
});

describe('what is flushed', () => {
  it('is what was recorded: the range, the level, whether tables went', async () => {
    const text = `void cpu0(void) {
      tlb_gather_mmu(&tlb, mm);
      BUG_ON(tlb.start != ~0UL || tlb.end != 0 || tlb.freed_tables);
      tlb_remove_tlb_entry(&tlb, (pte_t *)0, addr + PAGE_SIZE);
      tlb_remove_tlb_entry(&tlb, (pte_t *)0, addr + 3 * PAGE_SIZE);
      BUG_ON(tlb.start != addr + PAGE_SIZE || tlb.end != addr + 4 * PAGE_SIZE);
      BUG_ON(tlb_get_unmap_shift(&tlb) != PAGE_SHIFT || tlb.freed_tables);
      pmd_clear(pmd);
      pte_free_tlb(&tlb, table, addr);
      BUG_ON(!tlb.freed_tables || !tlb.cleared_pmds || tlb.start != addr);
      tlb_flush_mmu_tlbonly(&tlb);
      BUG_ON(tlb.freed_tables || tlb.cleared_pmds || tlb.cleared_ptes || tlb.end);
      tlb_finish_mmu(&tlb);
    }`;
    expect(await found(text)).toEqual([]);
  });

  it('PAE reloads CR3 where an upper table goes', async () => {
    const text = `void cpu0(void) {
      tlb_gather_mmu(&tlb, mm);
      pmd_free_tlb(&tlb, (pmd_t *)((unsigned long)pmd & PAGE_MASK), addr);
      shootdown_require("assertion", !tlb.need_flush_all, "need_flush_all");
      tlb_finish_mmu(&tlb);
    }`;
    expect(await found(text, { arch: 'i386-pae' })).toEqual(['assertion']);
    expect(await found(text)).toEqual([]);
  });

  it.each(['x86_64', 'i386-pae'] as const)(
    'upper tables go where nothing is left: %s',
    async (arch) => {
      const text = (ceiling: string, before: string, gone: number): string => `
      #include <linux/memory.h>
      #include <shootdown/address-space.h>
      #include <shootdown/hardware.h>
      static struct mmu_gather tlb;
      static pmd_t *pmds; static pud_t *puds;
      void setup(void) {
        make_mm(2); make_upper_tables(); make_pte_table();
        mm_inc_nr_pmds(mm); mm_inc_nr_puds(mm);
        pmds = (pmd_t *)((unsigned long)pmd & PAGE_MASK);
        puds = pud_offset(p4d_offset(pgd_offset(mm, addr), addr), addr);
        puds = (pud_t *)((unsigned long)puds & PAGE_MASK);
        load_mm(1, mm);
      }
      void cpu0(void) {
        tlb_gather_mmu(&tlb, mm);
        free_pgd_range(&tlb, addr, addr + PMD_SIZE, 0, ${ceiling});
        ${before}
        tlb_finish_mmu(&tlb);
      }
      void cpu1(void) { }
      static int is_gone(void *table) { return !page_ref_count(virt_to_page(table)); }
      void finish(void) {
        BUG_ON(is_gone(pmds) + (PTRS_PER_PUD > 1 && is_gone(puds)) != ${gone});
        BUG_ON(!${gone} && !pmd_none(*pmd));
      }`;
      const all = arch === 'x86_64' ? 2 : 1;
      expect((await check(text('0', '', all), { arch })).properties).toEqual([]);
      expect((await check(text('addr + 2 * PMD_SIZE', '', 0), { arch })).properties).toEqual([]);
      // A flush that was forgotten; on PAE, one that does not load CR3 again.
      const forgets =
        'tlb.freed_tables = tlb.cleared_pmds = tlb.cleared_puds = tlb.cleared_p4ds = 0;';
      const before = arch === 'x86_64' ? forgets : 'tlb.need_flush_all = 0;';
      const bare = await check(text('0', before, all), { arch });
      expect(bare.properties).toContain('stale-translation');
    },
  );

  it('is everything where another gather is open on the mm', async () => {
    const text = `void cpu0(void) {
      struct mmu_gather other;
      tlb_gather_mmu(&other, mm);
      tlb_gather_mmu(&tlb, mm);
      tlb_finish_mmu(&tlb);
      shootdown_require("assertion", !tlb.fullmm, "nested");
      tlb_finish_mmu(&other);
      shootdown_require("assertion", !other.fullmm, "alone");
    }`;
    const system = (await buildText(SPACE + text)).open();
    const violations = findings(system, await searchToEnd(system));
    expect(violations).toHaveLength(1);
  });
});

describe('its own assertions', () => {
  const pages = (body: string): string => `
    void cpu0(void) {
      struct page *page = alloc_page(GFP_KERNEL);
      tlb_gather_mmu(&tlb, mm);
      ${body}
      tlb_finish_mmu(&tlb);
    }`;
  it.each([
    ['a page without a range', 'tlb_remove_page(&tlb, page);'],
    [
      'a page of another size',
      'tlb_remove_tlb_entry(&tlb, (pte_t *)0, addr); tlb_remove_page_size(&tlb, page, PMD_SIZE);',
    ],
    [
      'a table that was not shared',
      'table->mapping = NULL; tlb_unshare_pmd_ptdesc(&tlb, page_ptdesc(table), addr);',
    ],
    [
      'the last sharer, not waited for',
      'ptdesc_pmd_pts_inc(page_ptdesc(table)); tlb_unshare_pmd_ptdesc(&tlb, page_ptdesc(table), addr);',
    ],
  ])('%s', async (_, body) => {
    expect(await found(pages(body))).toEqual(['warn']);
  });

  it('are quiet where it is used as it should be', async () => {
    const body = `
      ptdesc_pmd_pts_inc(page_ptdesc(table));
      tlb_unshare_pmd_ptdesc(&tlb, page_ptdesc(table), addr);
      tlb_flush_unshared_tables(&tlb);
      for (int i = 0; i < 5; i++) {
        tlb_remove_tlb_entry(&tlb, (pte_t *)0, addr + i * PAGE_SIZE);
        get_page(page);
        tlb_remove_page(&tlb, page);
      }
      put_page(page);`;
    expect(await found(pages(body))).toEqual([]);
  });

  it('its pages go back with a chance to sleep: not under a spinlock', async () => {
    const body = `
      spin_lock(&mm->page_table_lock);
      tlb_remove_tlb_entry(&tlb, (pte_t *)0, addr);
      tlb_remove_page(&tlb, page);
      tlb_flush_mmu(&tlb);
      spin_unlock(&mm->page_table_lock);`;
    expect(await found(pages(body))).toEqual(['sleep-in-atomic']);
  });
});

describe('pmdp_collapse_flush_sync', () => {
  const text = `
    void cpu0(void) {
      spinlock_t *ptl = pmd_lock(mm, pmd);
      pmd_t old = pmdp_collapse_flush_sync(vma, addr, pmd);
      spin_unlock(ptl);
      pte_free(mm, pmd_pgtable(old));
    }
    void cpu1(void) { walk(); }`;
  const reply = text
    .replace('_sync(vma, addr, pmd)', '_sync_unlock(vma, addr, pmd, NULL, ptl)')
    .replace('spin_unlock(ptl);', '');

  it.each([
    ['native', 'tlb_remove_table_sync_one', []],
    ['hyperv', 'tlb_remove_table_sync_one', ['use-after-free']],
    ['native', 'on_each_cpu_cond_mask', ['use-after-free']],
  ])(
    'waits for walkers by the flush or else by an IPI: %s without %s',
    async (platform, without, broken) => {
      for (const form of [text, reply]) {
        expect(await found(form, { platform })).toEqual([]);
        expect(await found(form, { platform, without })).toEqual(broken);
      }
    },
  );
});
