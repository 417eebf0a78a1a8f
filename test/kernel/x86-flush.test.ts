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
