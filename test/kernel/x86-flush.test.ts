/**
 * The TLB flush of x86, beyond what scenarios ask of it: what exactly is
 * dropped, on which platform, and when. Each claim stands beside a control
 * that must be found.
 */

import { describe, expect, it } from 'vitest';
import { type BuildOptions, check } from '../machine/build-system.ts';

const SPACE = `
  #include <linux/memory.h>
  #include <asm/mmu_context.h>
  #include <asm/tlbbatch.h>
  #include <shootdown/memory-of.h>
  #include <shootdown/user-memory.h>
  static struct page *page;
  /* A user page at an entry of the table; CPU 1 has all that loaded. */
  static void make_space(unsigned int cpus)
  {
    make_mm(cpus); make_upper_tables(); make_anonymous(); make_pte_table();
    page = make_user_page(1, "page");
    install_pte(mk_pte(page, PAGE_SHARED));
  }
  static void clear_entry(void)
  {
    pte_t *pte = pte_offset_map(pmd, addr);
    ptep_get_and_clear(mm, addr, pte);
    pte_unmap(pte);
  }
`;
const READER = 'void cpu1(void) { unsigned long value; shootdown_user_read(addr, &value); }';
const STALE = ['stale-translation'];

async function found(text: string, options: BuildOptions = {}): Promise<string[]> {
  const { properties, cuts } = await check(SPACE + text, options);
  return [...properties, ...cuts.map((cut) => `cut ${cut}`)];
}

describe('a flush of some pages', () => {
  /** A page is unmapped, then the range is flushed, and the page freed while its user runs. */
  const unmap = (start: string, size: string, shift = 'PAGE_SHIFT'): string => `
    void setup(void) { make_space(2); load_mm(1, mm); }
    void cpu0(void) {
      clear_entry();
      flush_tlb_mm_range(mm, ${start}, ${start} + ${size}, ${shift}, false);
      put_page(page);
    }
    ${READER}`;

  it.each(['native', 'kvm', 'hyperv', 'xen'])('leaves its neighbours: %s', async (platform) => {
    const options = { platform, preemptions: platform === 'kvm' ? 1 : 0 };
    expect(await found(unmap('addr', 'PAGE_SIZE'), options)).toEqual([]);
    expect(await found(unmap('addr + PAGE_SIZE', 'PAGE_SIZE'), options)).toEqual(STALE);
    expect(await found(unmap('addr - PAGE_SIZE', 'PAGE_SIZE'), options)).toEqual(STALE);
  });

  it('leaves them by INVLPGB', async () => {
    const options = { platform: 'invlpgb', era: '6.18' } as const;
    expect(await found(unmap('addr', 'PAGE_SIZE'), options)).toEqual([]);
    expect(await found(unmap('addr + PAGE_SIZE', 'PAGE_SIZE'), options)).toEqual(STALE);
  });

  it('is a list on Hyper-V as long as the page for it lasts, on Xen one page or all', async () => {
    const two = unmap('addr + PAGE_SIZE', '2 * PAGE_SIZE');
    expect(await found(two, { platform: 'hyperv' })).toEqual(STALE);
    expect(await found(two, { platform: 'xen' })).toEqual([]);
    const before = unmap('addr - 2 * PAGE_SIZE', '3 * PAGE_SIZE');
    expect(await found(before, { platform: 'hyperv' })).toEqual([]);
    const gigabytes = (count: number): string => unmap('(1UL << 40)', `(${count}UL << 30)`, '30');
    expect(await found(gigabytes(7), { platform: 'hyperv' })).toEqual(STALE);
    expect(await found(gigabytes(9), { platform: 'hyperv' })).toEqual([]);
  });

  it('of many pages is one step for a CPU, as a flush of all is', async () => {
    const count = async (size: string): Promise<number> => {
      const { result } = await check(SPACE + unmap('addr', size), { platform: 'hyperv' });
      return result.executions;
    };
    expect(await count('16 * PAGE_SIZE')).toBe(await count('TLB_FLUSH_ALL - addr'));
  });

  it.each(['native', 'hyperv', 'xen'])('takes along what led to it: %s', async (platform) => {
    const table = (where: string): string => `
      static pgtable_t table;
      void setup(void) { make_mm(2); make_upper_tables(); table = make_pte_table(); load_mm(1, mm); }
      void cpu0(void) {
        pmd_clear(pmd);
        flush_tlb_mm_range(mm, ${where}, ${where} + PAGE_SIZE, PMD_SHIFT, true);
        put_page(table);
      }
      void cpu1(void) { }`;
    expect(await found(table('addr'), { platform })).toEqual([]);
    // INVLPG drops all upper entries; of Hyper-V's list only those on the way are taken to go.
    const elsewhere = await found(table('addr + PMD_SIZE'), { platform });
    expect(elsewhere).toEqual(platform === 'hyperv' ? STALE : []);
  });
});

it('a set of CPUs leaves lazy ones out on Hyper-V, all of them are not looked at', async () => {
  const lazy = (more: string): string => `
    static pgtable_t table;
    void setup(void) {
      make_mm(2); make_upper_tables(); table = make_pte_table();
      per_cpu(cpu_tlbstate_shared, 1).is_lazy = true;
      load_mm(1, mm);
    }
    void cpu0(void) {
      pmd_clear(pmd);
      flush_tlb_mm_range(mm, addr, addr + PAGE_SIZE, PMD_SHIFT, FREED_TABLES);
      put_page(table);
    }
    void cpu1(void) { }
    ${more}`;
  const third = 'void cpu2(void) { }';
  const told = (text: string, freed: boolean) => text.replace('FREED_TABLES', String(freed));
  for (const [platform, all, some] of [
    ['hyperv', [], STALE],
    ['native', STALE, STALE],
  ] as const) {
    expect(await found(told(lazy(''), false), { platform }), platform).toEqual(all);
    expect(await found(told(lazy(third), false), { platform }), platform).toEqual(some);
    expect(await found(told(lazy(third), true), { platform }), platform).toEqual([]);
  }
});

const PCID = `
  static struct mm_struct *other;
  static void make_other(void)
  {
    other = shootdown_alloc(sizeof(struct mm_struct) + sizeof(struct cpumask), "other mm");
    init_new_context(other);
    other->pgd = lowmem_page_address(make_table("other pgd"));
  }
  /* What the CPU has booted with, as CR3 says it. */
  static void load_booted(int cpu)
  {
    struct tlb_state *state = &per_cpu(cpu_tlbstate, cpu);
    unsigned long pcid = x86_feature_pcid ? state->loaded_mm_asid + 1UL : 0;
    shootdown_load_root(cpu, __pa(mm->pgd) | pcid);
  }
`;

describe('a switch to another mm and back', () => {
  const text = (pcid: boolean, flush: string, more = ''): string => `${PCID}
    void setup(void) {
      x86_feature_pcid = ${pcid};
      make_space(2); make_other(); ${more}
      load_booted(1);
    }
    static void flush_here(void *info) { native_flush_tlb_local(); }
    void cpu0(void) { clear_entry(); ${flush} put_page(page); }
    void cpu1(void) {
      unsigned long value;
      switch_mm(mm, other, NULL); switch_mm(other, mm, NULL);
      shootdown_user_read(addr, &value);
    }`;
  const flush = 'flush_tlb_page(vma, addr);';
  const due = 'mm->context.next_trim_cpumask = 0; jiffies = 1000;';

  it.each([
    ['6.12', 'native'],
    ['6.18', 'native'],
    ['6.12', 'hyperv'],
    ['6.18', 'hyperv'],
  ] as const)('keeps nothing that was flushed meanwhile: %s on %s', async (era, platform) => {
    const options = { era, platform };
    expect(await found(text(false, flush), options)).toEqual([]);
    expect(await found(text(true, flush), options)).toEqual([]);
    expect(await found(text(true, flush, due), options)).toEqual([]);
    // Who tells the CPUs of the mask, and counts no generation, misses what a PCID has kept.
    const uncounted = `if (cpumask_test_cpu(1, mm_cpumask(mm)))
      smp_call_function(flush_here, NULL, 1);`;
    expect(await found(text(true, uncounted), options)).toEqual(STALE);
    // Nor may a CPU be taken out of the mask by another, as long as it has the mm loaded.
    const trimmed = `cpumask_clear_cpu(1, mm_cpumask(mm)); ${flush}`;
    expect(await found(text(false, trimmed), options)).toContain('stale-translation');
  });

  it('leaves the mask at once up to 6.12, since then where a flush finds the CPU in vain', async () => {
    const stays = (more: string): string => `${PCID}
      static int away;
      void setup(void) { make_space(2); make_other(); ${more} }
      void cpu0(void) {
        if (!READ_ONCE(away)) return;
        flush_tlb_page(vma, addr);
        shootdown_require("assertion", !cpumask_test_cpu(1, mm_cpumask(mm)), "it has left");
      }
      void cpu1(void) { switch_mm(mm, other, NULL); WRITE_ONCE(away, 1); }`;
    expect(await found(stays(''))).toEqual([]);
    expect(await found(stays(due), { era: '6.18' })).toEqual([]);
    expect(await found(stays(''), { era: '6.18' })).toEqual(['assertion']);
  });
});

describe('a global ASID', () => {
  const options = { platform: 'invlpgb', era: '6.18' } as const;
  const setup = (more = ''): string => `${PCID}
    extern unsigned int global_asid_threshold;
    void setup(void) {
      x86_feature_pcid = true;
      make_space(2); make_other();
      ${more}
      load_booted(0); load_booted(1);
    }`;

  /** The first flush leads to one, in the middle of whatever the user does. */
  const young = setup(`
    global_asid_threshold = 1;
    mm->context.global_asid = 0;
    for (int i = 0; i < 2; i++) boot_with_mm(i, mm);`);
  const first = 'flush_tlb_page(vma, addr + PAGE_SIZE);';

  it('comes while CPUs have the mm loaded under their own: a page', async () => {
    const text = (end: string): string =>
      `${young} void cpu0(void) { ${first} clear_entry(); ${end} } ${READER}`;
    expect(await found(text('flush_tlb_page(vma, addr); put_page(page);'), options)).toEqual([]);
    expect(await found(text('put_page(page); flush_tlb_page(vma, addr);'), options)).toEqual(STALE);
    // Without the IPI of the transition the broadcast reaches a PCID that the CPU does not use yet.
    const silent = text(
      'mm->context.asid_transition = false; flush_tlb_page(vma, addr); put_page(page);',
    );
    expect(await found(silent, options)).toEqual(STALE);
  });

  it('comes while CPUs have the mm loaded under their own: a table', async () => {
    const text = (end: string): string => `${young}
      void cpu0(void) {
        pgtable_t table = pmd_page(*pmd);
        ${first}
        pmd_clear(pmd);
        ${end}
      }
      void cpu1(void) { }`;
    const flush = 'flush_tlb_mm_range(mm, addr, addr + PAGE_SIZE, PMD_SHIFT, true);';
    expect(await found(text(`${flush} put_page(table);`), options)).toEqual([]);
    expect(await found(text(`put_page(table); ${flush}`), options)).toEqual(STALE);
  });

  it('ends its transition when all use it', async () => {
    const text = `${young}
      void cpu0(void) {
        ${first}
        while (mm->context.asid_transition) flush_tlb_page(vma, addr);
        for (int i = 0; i < 2; i++)
          BUG_ON(per_cpu(cpu_tlbstate, i).loaded_mm_asid != mm->context.global_asid);
        shootdown_require("assertion", 0, "it has ended");
      }
      void cpu1(void) { }`;
    expect(await found(text, options)).toEqual(['assertion']);
  });

  const away = (flush: string): string => `${setup()}
    void cpu0(void) { clear_entry(); ${flush} put_page(page); }
    void cpu1(void) {
      unsigned long value;
      switch_mm(mm, other, NULL); switch_mm(other, mm, NULL);
      shootdown_user_read(addr, &value);
    }`;

  it.each([
    'flush_tlb_mm_range(MM, addr, addr + PAGE_SIZE, PAGE_SHIFT, false);',
    'flush_tlb_mm(MM);',
  ])('is flushed on CPUs that have another mm loaded, and no other is: %s', async (flush) => {
    expect(await found(away(flush.replace('MM', 'mm')), options)).toEqual([]);
    expect(await found(away(flush.replace('MM', 'other')), options)).toEqual(STALE);
  });

  it('is flushed with all others for a batch', async () => {
    const batch = `struct arch_tlbflush_unmap_batch batch = { };
      arch_tlbbatch_add_pending(&batch, mm, addr);`;
    expect(await found(away(`${batch} arch_tlbbatch_flush(&batch);`), options)).toEqual([]);
    expect(await found(away(batch), options)).toEqual(STALE);
  });
});

describe('a CPU that does not need the mm any more', () => {
  /** It may walk a freed table; flushes that free none leave it out. */
  const text = (lets: string, pcid: boolean): string => `${PCID}
    static pgtable_t table;
    static int idle;
    void setup(void) {
      x86_feature_pcid = ${pcid};
      make_mm(2); make_upper_tables(); table = make_pte_table();
      load_booted(1);
    }
    void cpu0(void) {
      if (!READ_ONCE(idle)) return;
      pmd_clear(pmd);
      flush_tlb_mm_range(mm, addr, addr + PAGE_SIZE, PMD_SHIFT, false);
      put_page(table);
    }
    void cpu1(void) {
      local_irq_disable(); enter_lazy_tlb(mm, NULL); local_irq_enable();
      ${lets}
      WRITE_ONCE(idle, 1);
    }`;

  it.each(['6.12', '6.18'] as const)('lets go of it: %s', async (era) => {
    expect(await found(text('leave_mm();', false), { era })).toEqual([]);
    expect(await found(text('leave_mm();', true), { era })).toEqual([]);
    expect(await found(text('', false), { era })).toEqual(STALE);
  });
});

it('a flush of all takes global entries along, one of the mm does not', async () => {
  const text = (flush: string): string => `
    void setup(void) {
      make_space(2);
      install_pte(native_make_pte(pte_val(mk_pte(page, PAGE_SHARED)) | 0x100));
      load_mm(1, mm);
    }
    void cpu0(void) { clear_entry(); ${flush} put_page(page); }
    ${READER}`;
  expect(await found(text('flush_tlb_all();'))).toEqual([]);
  expect(await found(text('flush_tlb_mm(mm);'))).toEqual(STALE);
});

describe('lazy MMU mode', () => {
  const text = (cpus: number, inside: string, after: string): string => `
    void setup(void) { make_space(${cpus}); load_mm(${cpus - 1}, mm); }
    void cpu0(void) {
      pgtable_t table = pmd_page(*pmd);
      spin_lock(pmd_lockptr(mm, pmd));
      arch_enter_lazy_mmu_mode();
      ${inside}
      arch_leave_lazy_mmu_mode();
      spin_unlock(pmd_lockptr(mm, pmd));
      ${after}
    }
    ${cpus > 1 ? READER : ''}`;
  const flush = 'flush_tlb_page(vma, addr);';

  it.each(['native', 'hyperv', 'xen'])('puts a flush off on Xen alone: %s', async (platform) => {
    const early = text(2, `clear_entry(); ${flush} put_page(page);`, '');
    expect(await found(early, { platform })).toEqual(platform === 'xen' ? STALE : []);
    const late = text(2, `clear_entry(); ${flush}`, 'put_page(page);');
    expect(await found(late, { platform })).toEqual([]);
    // All that was put off is done, not only the last.
    const several = text(
      2,
      `clear_entry(); ${flush} ${flush.replace('addr', 'addr + PAGE_SIZE')}`,
      'put_page(page);',
    );
    expect(await found(several, { platform })).toEqual([]);
    const neighbours = several.replace(flush, flush.replace('addr', 'addr - PAGE_SIZE'));
    expect(await found(neighbours, { platform })).toEqual(STALE);
  });

  it('puts off the flush of the own CPU', async () => {
    const own = 'pmd_clear(pmd); flush_tlb_mm(mm);';
    const platform = 'xen';
    expect(await found(text(1, `${own} put_page(table);`, ''), { platform })).toEqual(STALE);
    expect(await found(text(1, own, 'put_page(table);'), { platform })).toEqual([]);
  });

  it.each(['native', 'xen'])('has ended when zapping flushes: %s', async (platform) => {
    // Dirty, so that it is flushed for before its lock is dropped.
    const zap = `
      void setup(void) {
        make_mm(2); make_upper_tables(); make_file(); make_pte_table();
        page = make_mapped_page(0, "page");
        install_pte(pte_mkdirty(mk_pte(page, PAGE_SHARED)));
        load_mm(1, mm);
      }
      void cpu0(void) { zap_page_range_single(vma, addr, PAGE_SIZE); }
      ${READER}`;
    expect(await found(zap, { platform })).toEqual([]);
    expect(await found(zap, { platform, without: 'flush_tlb_mm_range' })).toEqual(STALE);
    if (platform === 'xen')
      expect(await found(zap, { platform, without: 'xen_leave_lazy_mmu' })).toEqual(STALE);
  });
});
