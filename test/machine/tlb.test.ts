/**
 * What may be cached, and for how long: exact sets of outcomes, by both
 * searches. `r0` is what user space read, `fault` 1 where it faulted and 2
 * where it was not told to go.
 */

import { describe, expect, it } from 'vitest';
import { type BuildOptions, outcomes } from './build-system.ts';
import { MAPPED, READER, SPACE } from './tlb-texts.ts';

const ARCHES = ['x86_64', 'i386-pae'] as const;
const TOLD = { r0: [0, 7, 9], fault: [0, 1, 2] };
const NOT_TOLD = 'r0=0 fault=2';
const FAULTS = 'r0=0 fault=1';
const OLD = 'r0=7 fault=0';
const NEW = 'r0=9 fault=0';

const read = (text: string, options: BuildOptions = {}) => outcomes(text, TOLD, options);

describe.each(ARCHES)('a cleared entry on %s', (arch) => {
  it('may still be used', async () => {
    const text = `${MAPPED} void cpu0(void) { unmap_page(addr); WRITE_ONCE(done, 1); } ${READER}`;
    expect(await read(text, { arch })).toEqual([FAULTS, NOT_TOLD, OLD]);
  });

  it('is gone where a flush by interrupt was waited for', async () => {
    const text = `${MAPPED}
      void cpu0(void) { unmap_page(addr); flush_others(); WRITE_ONCE(done, 1); } ${READER}`;
    expect(await read(text, { arch })).toEqual([FAULTS, NOT_TOLD]);
  });

  it('is gone after a flush by somebody else that interrupts nobody', async () => {
    const text = `${MAPPED}
      void cpu0(void) { unmap_page(addr); shootdown_remote_flush(1); WRITE_ONCE(done, 1); } ${READER}`;
    expect(await read(text, { arch })).toEqual([FAULTS, NOT_TOLD]);
  });

  it('comes back where the flush came first', async () => {
    const text = `${MAPPED}
      void cpu0(void) { flush_others(); unmap_page(addr); WRITE_ONCE(done, 1); } ${READER}`;
    expect(await read(text, { arch })).toEqual([FAULTS, NOT_TOLD, OLD]);
  });

  it('is gone for the CPU that flushes itself, and not before', async () => {
    const alone = (flush: string) => `${SPACE}
      void setup(void) { space(1); map_page(addr, page, PAGE_SHARED); load_all(1); }
      void cpu0(void) { unmap_page(addr); ${flush} fault = shootdown_user_read(addr, &r0); }`;
    expect(await read(alone(''), { arch })).toEqual([FAULTS, OLD]);
    expect(await read(alone('native_flush_tlb_local();'), { arch })).toEqual([FAULTS]);
    expect(await read(alone('native_flush_tlb_global();'), { arch })).toEqual([FAULTS]);
    expect(await read(alone('native_flush_tlb_one_user(addr);'), { arch })).toEqual([FAULTS]);
    expect(await read(alone('native_flush_tlb_one_user(addr2);'), { arch })).toEqual([FAULTS, OLD]);
  });

  it('that is changed may be used with any value it has had', async () => {
    const text = `${MAPPED}
      void cpu0(void) { unmap_page(addr); map_page(addr, page2, PAGE_SHARED); WRITE_ONCE(done, 1); } ${READER}`;
    expect(await read(text, { arch })).toEqual([NOT_TOLD, OLD, NEW]);
  });
});

describe.each(['native', 'kvm', 'hyperv', 'xen', 'invlpgb'])(
  'flush_tlb_mm_range on %s',
  (platform) => {
    it.each(['sc', 'tso'] as const)('leaves nothing, on any CPU, under %s', async (model) => {
      const text = `${MAPPED}
      void cpu0(void) {
        unmap_page(addr); flush_tlb_mm_range(mm, addr, addr2, PAGE_SHIFT, false);
        WRITE_ONCE(done, 1); fault1 = shootdown_user_read(addr, &r1);
      } ${READER}`;
      const options = { platform, preemptions: platform === 'kvm' ? 1 : 0, model };
      expect(await read(text, options)).toEqual([FAULTS, NOT_TOLD]);
      expect(await outcomes(text, { fault1: [0, 1] }, options)).toEqual(['fault1=1']);
    });
  },
);

describe.each(ARCHES)('a table on %s', (arch) => {
  const unlinked = (flush: string) => `${SPACE}
    void setup(void) { space(2); load_all(2); }
    void cpu0(void) {
      pte_t *pte = slot(addr);
      pmd_clear(pmd); ${flush}
      set_pte(pte, mk_pte(page, PAGE_SHARED)); pte_unmap(pte);
      WRITE_ONCE(done, 1);
    } ${READER}`;

  it('that was unlinked is walked on until a flush', async () => {
    expect(await read(unlinked(''), { arch })).toEqual([FAULTS, NOT_TOLD, OLD]);
    expect(await read(unlinked('flush_others();'), { arch })).toEqual([FAULTS, NOT_TOLD]);
  });

  it('that was unlinked is walked on after a flush of the leaves alone', async () => {
    const range = (upper: string) =>
      unlinked(`shootdown_remote_flush_range(1, SHOOTDOWN_ANY_ASID, addr, addr2, ${upper});`);
    expect(await read(range('SHOOTDOWN_UPPER_NONE'), { arch })).toContain(OLD);
    expect(await read(range('SHOOTDOWN_UPPER_PATH'), { arch })).not.toContain(OLD);
    expect(await read(range('SHOOTDOWN_UPPER_ALL'), { arch })).not.toContain(OLD);
    const elsewhere =
      'shootdown_remote_flush_range(1, SHOOTDOWN_ANY_ASID, 0, 4095, SHOOTDOWN_UPPER_PATH);';
    expect(await read(unlinked(elsewhere), { arch })).toContain(OLD);
  });

  it('gives away what it holds when it is linked', async () => {
    const text = `${SPACE}
      void setup(void) { space(2); map_page(addr, page, PAGE_SHARED); pmd_clear(pmd); load_all(2); }
      void cpu0(void) { pmd_populate(mm, pmd, table); pmd_clear(pmd); WRITE_ONCE(done, 1); } ${READER}`;
    expect(await read(text, { arch })).toEqual([FAULTS, NOT_TOLD, OLD]);
  });
});

describe('a table of low memory', () => {
  it('gives nothing away before it is linked', async () => {
    const text = (before: string, after: string) => `${SPACE}
      void setup(void) { space(2); pmd_clear(pmd); load_all(2); }
      void cpu0(void) {
        pte_t *pte = (pte_t *)lowmem_page_address(table) + ((addr >> 12) & 511);
        ${before} set_pte(pte, mk_pte(page, PAGE_SHARED)); set_pte(pte, __pte(0)); ${after}
        WRITE_ONCE(done, 1);
      } ${READER}`;
    const link = 'pmd_populate(mm, pmd, table);';
    expect(await read(text('', link))).toEqual([FAULTS, NOT_TOLD]);
    expect(await read(text(link, ''))).toEqual([FAULTS, NOT_TOLD, OLD]);
  });
});

describe('the flush of one page', () => {
  const text = (flush: string) => `${SPACE}
    void setup(void) {
      space(1); map_page(addr, page, PAGE_SHARED); map_page(addr2, page2, PAGE_SHARED); load_all(1);
    }
    void cpu0(void) {
      unmap_page(addr); unmap_page(addr2); ${flush}
      fault = shootdown_user_read(addr, &r0); fault1 = shootdown_user_read(addr2, &r1);
    }`;
  const values = { fault: [0, 1], fault1: [0, 1] };

  it('leaves other pages', async () => {
    expect(await outcomes(text(''), values)).toHaveLength(4);
    expect(await outcomes(text('native_flush_tlb_one_user(addr);'), values)).toEqual([
      'fault=1 fault1=0',
      'fault=1 fault1=1',
    ]);
  });

  it('drops the upper entries of every address', async () => {
    const unlinked = `${SPACE}
      void setup(void) { space(1); load_all(1); }
      void cpu0(void) {
        pte_t *pte = slot(addr);
        pmd_clear(pmd); native_flush_tlb_one_user(0x1000);
        set_pte(pte, mk_pte(page, PAGE_SHARED)); pte_unmap(pte);
        fault = shootdown_user_read(addr, &r0);
      }`;
    expect(await read(unlinked)).toEqual([FAULTS]);
  });
});

describe('PCIDs', () => {
  /** CPU 1 has PCID 1, goes to PCID 2 and comes back. */
  const text = (keep: string) => `${SPACE}
    static pgd_t *other;
    void setup(void) {
      space(2); map_page(addr, page, PAGE_SHARED);
      other = lowmem_page_address(make_table("other pgd"));
      shootdown_load_root(1, __pa(mm->pgd) | 1);
    }
    void cpu0(void) { unmap_page(addr); WRITE_ONCE(done, 1); }
    void cpu1(void) {
      native_write_cr3(__pa(other) | 2 | ${keep});
      fault = shootdown_user_read(addr, &r0) ? 2 : 3;
      if (!READ_ONCE(done)) return;
      native_write_cr3(__pa(mm->pgd) | 1 | ${keep});
      fault = shootdown_user_read(addr, &r0);
    }`;

  it('keep what was cached where CR3 says so', async () => {
    expect(await read(text('1UL << 63'))).toEqual([FAULTS, NOT_TOLD, OLD]);
  });

  it('lose it where it does not', async () => {
    expect(await read(text('0'))).toEqual([FAULTS, NOT_TOLD]);
  });

  it('do not grow while they are not loaded', async () => {
    const late = `${SPACE}
      static pgd_t *other;
      void setup(void) {
        space(1);
        other = lowmem_page_address(make_table("other pgd"));
        shootdown_load_root(0, __pa(mm->pgd) | 1);
      }
      void cpu0(void) {
        pte_t *pte = slot(addr);
        pmd_clear(pmd);
        native_write_cr3(__pa(other) | 2);
        set_pte(pte, mk_pte(page, PAGE_SHARED)); set_pte(pte, __pte(0)); pte_unmap(pte);
        native_write_cr3(__pa(mm->pgd) | 1 | 1UL << 63);
        fault = shootdown_user_read(addr, &r0);
      }`;
    expect(await read(late)).toEqual([FAULTS]);
  });
});

it.each(['x86_64', 'i386-pae'] as const)(
  'a root outside the pool of frames maps nothing, on %s',
  async (arch) => {
    const text = (act: string) => `${SPACE}
      void setup(void) { space(1); map_page(addr, page, PAGE_SHARED); load_all(1); }
      void cpu0(void) { native_write_cr3(__pa(init_mm.pgd)); fault = ${act}; }`;
    const acts = ['read(addr, &r0)', 'write(addr, 8)'].map((act) => `shootdown_user_${act}`);
    for (const act of [...acts, 'shootdown_walk(addr)'])
      expect(await read(text(act), { arch })).toEqual([FAULTS]);
  },
);

describe('the four top entries of PAE', () => {
  const text = (flush: string) => `${SPACE}
    void setup(void) { space(1); map_page(addr, page, PAGE_SHARED); load_all(1); }
    void cpu0(void) {
      u64 *top = (u64 *)mm->pgd + 1;
      *top = 0; ${flush}
      fault = shootdown_user_read(addr, &r0);
    }`;
  const arch = 'i386-pae';

  it('are read when the root is loaded', async () => {
    expect(await read(text(''), { arch })).toEqual([OLD]);
    expect(await read(text('native_flush_tlb_one_user(addr);'), { arch })).toEqual([OLD]);
    expect(await read(text('shootdown_remote_flush(0);'), { arch })).toEqual([OLD]);
    expect(await read(text('native_flush_tlb_local();'), { arch })).toEqual([FAULTS]);
    expect(await read(text('native_write_cr3(__pa(mm->pgd));'), { arch })).toEqual([FAULTS]);
  });
});
