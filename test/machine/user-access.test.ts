/** What a user access does beyond being translated: rights, accessed and dirty bits, pages that are gone, store buffers. */

import { describe, expect, it } from 'vitest';
import { type BuildOptions, check, outcomes } from './build-system.ts';
import { MAPPED, READER, SPACE } from './tlb-texts.ts';

const ARCHES = ['x86_64', 'i386-pae'] as const;
const ACCESSED_DIRTY = '0x60';

/** CPU 1 writes 8 to `addr` once CPU 0 says so; `fault` as it came out, 2 where it was not told. */
const WRITER = `
void cpu1(void) { fault = READ_ONCE(done) ? shootdown_user_write(addr, 8) : 2; }
`;

describe.each(ARCHES)('rights on %s', (arch) => {
  const values = { fault: [0, 1, 2] };
  const text = (prot: string, flush: string) => `${SPACE}
    void setup(void) { space(2); map_page(addr, page, __pgprot(pgprot_val(PAGE_SHARED) | ${prot})); load_all(2); }
    void cpu0(void) {
      pte_t *pte = slot(addr);
      native_ptep_get_and_clear(pte); set_pte(pte, mk_pte(page, PAGE_READONLY)); pte_unmap(pte);
      ${flush} WRITE_ONCE(done, 1);
    }
    ${WRITER}`;
  const read = (prot: string, flush: string) => outcomes(text(prot, flush), values, { arch });

  it('a page that is no longer writable is written through what was cached', async () => {
    expect(await read('_PAGE_DIRTY', '')).toEqual(['fault=0', 'fault=1', 'fault=2']);
    expect(await read('_PAGE_DIRTY', 'flush_others();')).toEqual(['fault=1', 'fault=2']);
  });

  it('a cached entry without the dirty bit is walked anew, and faults', async () => {
    expect(await read('0', '')).toEqual(['fault=1', 'fault=2']);
  });

  it('what user space may not touch faults', async () => {
    const kernel = `${SPACE}
      void setup(void) { space(1); map_page(addr, page, PAGE_KERNEL); load_all(1); }
      void cpu0(void) { fault = shootdown_user_read(addr, &r0); }`;
    expect(await outcomes(kernel, { fault: [0, 1], r0: [0, 7] }, { arch })).toEqual([
      'fault=1 r0=0',
    ]);
  });
});

describe.each(ARCHES)('accessed and dirty bits on %s', (arch) => {
  /** Whether a write went through and its dirty bit was neither returned nor left in memory. */
  const DIRTY = `static int lost;
    void finish(void) {
      pte_t *pte = slot(addr);
      lost = fault == 0 && !((r1 | pte->pte) & _PAGE_DIRTY); pte_unmap(pte);
      shootdown_require("assertion", !lost, "dirty bit lost");
      shootdown_require("assertion", fault != 0, "written");
      shootdown_require("assertion", fault == 0, "not written");
    }`;
  const invalidate = (how: string) => `${MAPPED} ${DIRTY}
    void cpu0(void) { pte_t *pte = slot(addr); ${how} pte_unmap(pte); flush_others(); }
    void cpu1(void) { fault = shootdown_user_write(addr, 8); }`;
  const low = arch === 'x86_64' ? 'pte->pte' : 'pte->pte_low';

  it('are lost between a read and a write of the entry, and not by an exchange', async () => {
    const apart = await check(
      invalidate(`r1 = READ_ONCE(${low}); WRITE_ONCE(${low}, r1 & ~_PAGE_PRESENT);`),
      { arch },
    );
    expect(apart.details).toEqual(['dirty bit lost', 'not written', 'written']);
    const exchanged = await check(invalidate('r1 = native_ptep_get_and_clear(pte).pte;'), { arch });
    expect(exchanged.details).toEqual(['not written', 'written']);
  });

  it('are set in memory before the access', async () => {
    const text = (prot: string, act: string) => `${SPACE} static unsigned int bits;
      void setup(void) { space(1); map_page(addr, page, __pgprot(pgprot_val(PAGE_SHARED) & ~(${prot}))); load_all(1); }
      void cpu0(void) { ${act} pte_t *pte = slot(addr); bits = ${low} & ${ACCESSED_DIRTY}; pte_unmap(pte); }`;
    const bits = (prot: string, act: string) =>
      outcomes(text(prot, act), { bits: [0, 0x20, 0x40, 0x60] }, { arch });
    const read = 'shootdown_user_read(addr, &r0);';
    expect(await bits('_PAGE_ACCESSED', '')).toEqual(['bits=0']);
    expect(await bits('_PAGE_ACCESSED', read)).toEqual(['bits=32']);
    expect(await bits('_PAGE_ACCESSED', 'shootdown_walk(addr);')).toEqual(['bits=32']);
    expect(await bits('0', read)).toEqual(['bits=32']);
    expect(await bits('_PAGE_ACCESSED', 'shootdown_user_write(addr, 8);')).toEqual(['bits=96']);
  });

  it('an entry that was cached without them may have been walked in time', async () => {
    const text = `${SPACE}
      void setup(void) { space(2); map_page(addr, page, __pgprot(pgprot_val(PAGE_SHARED) & ~_PAGE_ACCESSED)); load_all(2); }
      void cpu0(void) { unmap_page(addr); WRITE_ONCE(done, 1); } ${READER}`;
    expect(await outcomes(text, { r0: [0, 7], fault: [0, 1, 2] }, { arch })).toContain(
      'r0=7 fault=0',
    );
  });
});

describe('what is gone', () => {
  const freePage = '__free_pages(page, 0);';
  const reuse = 'struct page *again = alloc_page(GFP_KERNEL | __GFP_ZERO); (void)again;';
  const found = async (text: string, options: BuildOptions = {}) => {
    const { properties, details, cuts } = await check(text, options);
    expect(cuts).toEqual([]);
    return { properties, details };
  };

  it('a page that was freed or is another one by now', async () => {
    const text = (before: string, after: string) => `${MAPPED}
      void cpu0(void) { unmap_page(addr); ${before} ${freePage} ${after} WRITE_ONCE(done, 1); } ${READER}`;
    for (const after of ['', reuse]) {
      const stale = await found(text('', after));
      expect(stale.properties).toEqual(['stale-translation']);
      expect(stale.details.join('\n')).toMatch(
        /^CPU 1 reads 0x40000000 through the translation 0x\w+ for 0x40000000 after page was freed; it was not flushed/,
      );
      expect((await found(text('flush_others();', after))).properties).toEqual([]);
    }
  });

  it('a table that a CPU may still walk', async () => {
    const text = (before: string) => `${MAPPED}
      void cpu0(void) { pmd_clear(pmd); ${before} __free_pages(table, 0); }
      void cpu1(void) { }`;
    const stale = await found(text(''));
    expect(stale.properties).toEqual(['stale-translation']);
    expect(stale.details[0]).toMatch(
      /is freed while CPU 0 may still walk into it: the upper entry 0x\w+ for 0x40000000 may be cached/,
    );
    const both = 'native_flush_tlb_local(); flush_others();';
    expect((await found(text(both))).properties).toEqual([]);
    expect((await found(text('flush_others();'))).properties).toEqual(['stale-translation']);
    expect((await found(text('native_flush_tlb_local();'))).properties).toEqual([
      'stale-translation',
    ]);
  });

  it('the root table itself', async () => {
    const text = (before: string) => `${SPACE}
      static struct page *root, *other;
      void setup(void) {
        space(1); root = make_table("root"); other = make_table("other");
        shootdown_load_root(0, __pa(lowmem_page_address(root)));
      }
      void cpu0(void) { ${before} __free_pages(root, 0); }`;
    expect((await found(text(''))).properties).toEqual(['stale-translation']);
    const away = 'native_write_cr3(__pa(lowmem_page_address(other)));';
    expect((await found(text(away))).properties).toEqual([]);
  });

  it('a table under entries that were kept for another PCID', async () => {
    const text = (keep: string) => `${SPACE}
      static pgd_t *other;
      void setup(void) {
        space(1); other = lowmem_page_address(make_table("other"));
        shootdown_load_root(0, __pa(mm->pgd) | 1);
      }
      void cpu0(void) {
        native_write_cr3(__pa(other) | 2); pmd_clear(pmd); __free_pages(table, 0);
        native_write_cr3(__pa(mm->pgd) | 1 | ${keep});
      }`;
    expect((await found(text('1UL << 63'))).properties).toEqual(['stale-translation']);
    expect((await found(text('0'))).properties).toEqual([]);
  });

  it('a table that is linked after it was freed', async () => {
    const text = `${SPACE}
      void setup(void) { space(1); pmd_clear(pmd); load_all(1); }
      void cpu0(void) { __free_pages(table, 0); set_pmd(pmd, __pmd(PFN_PHYS(page_to_pfn(table)) | _PAGE_TABLE)); }`;
    expect((await found(text)).properties).toEqual(['use-after-free']);
  });

  it('a page that a buffered store of user space comes too late for', async () => {
    const dirty = '__pgprot(pgprot_val(PAGE_SHARED) | _PAGE_DIRTY)';
    const text = (before: string) => `${SPACE}
      void setup(void) { space(2); map_page(addr, page, ${dirty}); load_all(2); }
      void cpu0(void) { r1 = READ_ONCE(*data(page)); unmap_page(addr); ${before} ${freePage} }
      void cpu1(void) { fault = shootdown_user_write(addr, 8); WRITE_ONCE(done, 1); }`;
    const late = await found(text(''), { model: 'tso' });
    expect(late.properties).toEqual(['stale-translation']);
    expect(late.details.some((detail) => detail.includes('on its way'))).toBe(true);
    for (const flush of ['flush_others();', 'shootdown_remote_flush(1);']) {
      expect((await found(text(flush), { model: 'tso' })).properties).toEqual([]);
    }
  });

  it('a store that a copy has missed', async () => {
    const dirty = '__pgprot(pgprot_val(PAGE_SHARED) | _PAGE_DIRTY)';
    const text = (before: string, after: string) => `${SPACE}
      void setup(void) { space(2); map_page(addr, page, ${dirty}); load_all(2); }
      void cpu0(void) {
        unmap_page(addr); ${before}
        WRITE_ONCE(*data(page2), READ_ONCE(*data(page))); map_page(addr, page2, PAGE_SHARED); ${after}
      }
      void cpu1(void) { fault = shootdown_user_write(addr, 8); }
      void finish(void) { if (!fault) require_stored(mm, addr, 8); }`;
    expect((await found(text('', 'flush_others();'))).properties).toEqual(['lost-store']);
    expect((await found(text('flush_others();', ''))).properties).toEqual([]);
  });
});

describe('the walker and store buffers', () => {
  /** CPU 0 maps the page, and user space goes there at once; CPU 1 looks at the entry. */
  const text = `${SPACE}
    void setup(void) { space(2); load_mm(0, mm); }
    void cpu0(void) { pte_t *pte = slot(addr); set_pte(pte, mk_pte(page, PAGE_SHARED)); pte_unmap(pte); fault = shootdown_user_read(addr, &r0); }
    void cpu1(void) { pte_t *pte = slot(addr); r1 = pte_none(*pte); pte_unmap(pte); }`;

  it('it reads memory, not what is on its way there', async () => {
    const values = { fault: [0, 1], r0: [0, 7] };
    expect(await outcomes(text, values, { model: 'sc' })).toEqual(['fault=0 r0=7']);
    expect(await outcomes(text, values, { model: 'tso' })).toEqual([
      'fault=0 r0=7',
      'fault=1 r0=0',
    ]);
  });

  it('what was stored before an entry is there when the entry is', async () => {
    const passing = `${SPACE}
      void setup(void) { space(2); load_mm(1, mm); }
      void cpu0(void) { WRITE_ONCE(*data(page), 8); pte_t *pte = slot(addr); set_pte(pte, mk_pte(page, PAGE_SHARED)); pte_unmap(pte); }
      void cpu1(void) { fault = shootdown_user_read(addr, &r0); }`;
    const values = { fault: [0, 1], r0: [0, 7, 8] };
    const right = ['fault=0 r0=8', 'fault=1 r0=0'];
    expect(await outcomes(passing, values, { model: 'tso' })).toEqual(right);
    const mutation = 'walker-sees-buffer';
    expect(await outcomes(passing, values, { model: 'tso', mutation })).not.toEqual(right);
  });

  it('a user store is delayed like any other', async () => {
    const buffering = `${SPACE}
      void setup(void) {
        const pgprot_t prot = __pgprot(pgprot_val(PAGE_SHARED) | _PAGE_DIRTY);
        space(2); map_page(addr, page, prot); map_page(addr2, page2, prot); load_all(2);
      }
      void cpu0(void) { shootdown_user_write(addr, 1); shootdown_user_read(addr2, &r0); }
      void cpu1(void) { shootdown_user_write(addr2, 1); shootdown_user_read(addr, &r1); }`;
    const values = { r0: [1, 9], r1: [1, 7] };
    const sc = ['r0=1 r1=1', 'r0=1 r1=7', 'r0=9 r1=1'];
    expect(await outcomes(buffering, values, { model: 'sc' })).toEqual(sc);
    expect(await outcomes(buffering, values, { model: 'tso' })).toEqual([...sc, 'r0=9 r1=7']);
  });
});

it('a vCPU that is found preempted is flushed by its host', async () => {
  const text = (owed: string) => `${MAPPED}
    void cpu0(void) {
      unmap_page(addr);
      if (shootdown_preempted(1)) { ${owed} r1 = 1; } else flush_others();
      WRITE_ONCE(done, 1);
    } ${READER}`;
  const values = { r1: [0, 1], fault: [0, 1, 2] };
  const right = ['r1=0 fault=1', 'r1=0 fault=2', 'r1=1 fault=1', 'r1=1 fault=2'];
  const options = { preemptions: 1 };
  expect(await outcomes(text('shootdown_remote_flush(1);'), values, options)).toEqual(right);
  expect(await outcomes(text(''), values, options)).toContain('r1=1 fault=0');
  expect(await outcomes(text(''), values)).toEqual(right.slice(0, 2));
});

describe('refusals', () => {
  it.each([
    [
      'user space on a CPU without page tables',
      'shootdown_user_read(addr, &r0);',
      'no page tables loaded',
    ],
    ['loading a root for another CPU later on', 'shootdown_load_root(0, 0);', 'is for setup()'],
    ['a CPU that does not exist', 'shootdown_remote_flush(9);', 'names CPU 9'],
  ])('%s', async (_, act, message) => {
    const text = `${SPACE} void setup(void) { space(1); } void cpu0(void) { ${act} }`;
    await expect(check(text)).rejects.toThrow(message);
  });
});
