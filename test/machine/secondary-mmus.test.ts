/** What secondary MMUs map against what the CPU's tables say: which changes are findings, and which are not. */

import { describe, expect, it } from 'vitest';
import { exploreGraph } from '../../src/explore/graph.ts';
import { type BuildOptions, buildText, check } from './build-system.ts';

const SPACE = `
  #include <linux/mmu_notifier.h>
  #include <shootdown/secondary-mmu.h>
  static struct page *page;
  static pte_t *entry(void) { return (pte_t *)pmd_page_vaddr(*pmd); }
  static void set_up(void) {
    make_mm(1); make_upper_tables(); make_pte_table();
    page = make_table("page");
    install_pte(mk_pte(page, PAGE_SHARED));
    make_secondary_mmu();
  }
`;
const MAPPED = 'void setup(void) { set_up(); secondary_mmu_maps(page); }';
const UNMAPPED = 'void setup(void) { set_up(); }';
const IN_WINDOW = (code: string): string => `
  void cpu0(void) {
    struct mmu_notifier_range range;
    mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, addr, addr + PAGE_SIZE);
    mmu_notifier_invalidate_range_start(&range);
    ${code}
    mmu_notifier_invalidate_range_end(&range);
  }`;

async function found(text: string, options: BuildOptions = {}): Promise<string[]> {
  const { properties, cuts } = await check(SPACE + text, options);
  return [...properties, ...cuts];
}

describe('a change of an entry that a secondary MMU goes by', () => {
  const change = (code: string): string => `${MAPPED} void cpu0(void) { ${code} }`;

  it.each([
    ['cleared', 'set_pte(entry(), __pte(0));'],
    ['of an upper level', 'pmd_clear(pmd);'],
    [
      'cleared and put back',
      'pte_t old = *entry(); set_pte(entry(), __pte(0)); set_pte(entry(), old);',
    ],
  ])('is found: %s', async (_, code) => {
    expect(await found(change(code))).toEqual(['notifier-window']);
    expect(await found(change(code), { mutation: 'entries-change-unseen' })).toEqual([]);
  });

  it('is found by halves where entries are written by halves', async () => {
    const text = change('pmd->pmd_low = 0;');
    expect(await found(text, { arch: 'i386-pae' })).toEqual(['notifier-window']);
  });

  it.each([
    ['another entry', 'set_pte(entry() + 1, __pte(0));'],
    ['other bits', 'set_pte(entry(), pte_mkdirty(pte_mkyoung(*entry())));'],
    ['the same again', 'pmd_t old = *pmd; set_pmd(pmd, old);'],
  ])('is none: %s', async (_, code) => {
    expect(await found(change(code))).toEqual([]);
  });

  it('is judged when it is in memory', async () => {
    const text = change('set_pte(entry(), __pte(0));');
    expect(await found(text, { model: 'tso' })).toEqual(['notifier-window']);
  });
});

describe('both orders are looked at', () => {
  const text = `${UNMAPPED}
    void cpu0(void) { pte_t old = *entry(); set_pte(entry(), __pte(0)); set_pte(entry(), old); }
    void cpu1(void) { secondary_mmu_set(secondary_mmu, page, true); secondary_mmu_zap(secondary_mmu); }`;

  it('of a change that is undone and a translation that is dropped', async () => {
    expect(await found(text)).toEqual(['notifier-window']);
    expect((await check(SPACE + text, {}, exploreGraph)).properties).toEqual(['notifier-window']);
  });

  it('because who maps reads the entries: nothing is found where that is not logged', async () => {
    expect(await found(text, { mutation: 'secondary-walks-unlogged' })).toEqual([]);
  });
});

describe('inside a window', () => {
  it('the entry may differ, and may be put back', async () => {
    const code = 'pte_t old = *entry(); set_pte(entry(), __pte(0)); set_pte(entry(), old);';
    expect(await found(MAPPED + IN_WINDOW(code))).toEqual([]);
  });

  it('nothing may be established', async () => {
    const map = 'secondary_mmu_set(secondary_mmu, page, true);';
    expect(await found(UNMAPPED + IN_WINDOW(`set_pte(entry(), __pte(0)); ${map}`))).toEqual([
      'notifier-window',
    ]);
  });
});

describe('a translation', () => {
  it('for writing needs an entry that may be written', async () => {
    const text = (write: boolean): string => `${UNMAPPED} void cpu0(void) {
      set_pte(entry(), pte_wrprotect(*entry()));
      secondary_mmu_set(secondary_mmu, page, ${write});
    }`;
    expect(await found(text(true))).toEqual(['notifier-window']);
    expect(await found(text(false))).toEqual([]);
  });

  it('that setup() says is there has to be there', async () => {
    const text = 'void setup(void) { set_up(); pmd_clear(pmd); secondary_mmu_maps(page); }';
    const { open } = await buildText(`${SPACE}${text} void cpu0(void) { }`);
    expect(open).toThrow('in setup() a secondary MMU maps page');
  });

  it('keeps its page from being freed', async () => {
    const text = `${MAPPED} void cpu0(void) { put_page(page); }`;
    expect(await found(text)).toEqual(['notifier-window']);
  });
});
