/** arm64 and riscv: what their entries mean to the kernel and to the hardware, and what their flushes drop. */

import { describe, expect, it } from 'vitest';
import { arm64Tables } from '../../src/machine/arch/arm64-page-table.ts';
import { riscvTables } from '../../src/machine/arch/riscv-page-table.ts';
import { type BuildOptions, check, outcomes } from './build-system.ts';

/** `addr` maps `page`, which holds 7, for both CPUs; CPU 1 reads it once CPU 0 says so. */
const MAPPED = `
#include <linux/mm.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/hardware.h>
static unsigned long r0, done;
static int fault;
static struct page *page, *table;
static void map_page(pgprot_t prot) {
  pte_t *pte = pte_offset_map(pmd, addr);
  set_pte(pte, mk_pte(page, prot)); pte_unmap(pte);
}
static void clear(void) {
  pte_t *pte = pte_offset_map(pmd, addr);
  ptep_get_and_clear(mm, addr, pte); pte_unmap(pte);
}
void setup(void) {
  make_mm(2); make_upper_tables(); table = make_pte_table(); page = make_table("page");
  *(unsigned long *)lowmem_page_address(page) = 7;
  map_page(PAGE_SHARED); load_mm(0, mm); load_mm(1, mm);
}
void cpu1(void) { fault = READ_ONCE(done) ? shootdown_user_read(addr, &r0) : 2; }
`;
const read = (cpu0: string, options: BuildOptions): Promise<string[]> =>
  outcomes(
    `${MAPPED} void cpu0(void) { ${cpu0} WRITE_ONCE(done, 1); }`,
    { r0: [0, 7], fault: [0, 1, 2] },
    options,
  );
const GONE = ['r0=0 fault=1', 'r0=0 fault=2'];
const STALE = [...GONE, 'r0=7 fault=0'];

const TARGETS = [
  { arch: 'arm64', platform: 'native' },
  { arch: 'riscv', platform: 'native' },
  { arch: 'riscv', platform: 'sbi' },
] as const;

describe.each(TARGETS)('on $arch $platform', (options) => {
  it('an entry that is cleared is used until the flush', async () => {
    expect(await read('clear();', options)).toEqual(STALE);
    expect(await read('clear(); flush_tlb_page(vma, addr);', options)).toEqual(GONE);
    expect(await read('flush_tlb_page(vma, addr); clear();', options)).toEqual(STALE);
    expect(await read('clear(); flush_tlb_page(vma, addr + PAGE_SIZE);', options)).toEqual(STALE);
  });

  it('a flush of a page leaves what leads to it, a flush of the mm does not', async () => {
    const range = 'flush_tlb_range(vma, addr, addr + PAGE_SIZE);';
    expect(await read('pmd_clear(pmd); flush_tlb_page(vma, addr);', options)).toEqual(STALE);
    // arm64 invalidates the path to an address as well; a fence of riscv leaves only.
    const byRange = await read(`pmd_clear(pmd); ${range}`, options);
    expect(byRange).toEqual(options.arch === 'arm64' ? GONE : STALE);
    expect(await read('pmd_clear(pmd); flush_tlb_mm(mm);', options)).toEqual(GONE);
  });

  it('a table may be freed after a collapse, and not after a flush of leaves', async () => {
    const free = (how: string): string => `${MAPPED}
      void cpu0(void) { pmd_t old; spin_unlock(pmd_lock(mm, pmd)); ${how} __free_pages(pmd_pgtable(old), 0); }`;
    const collapse = await check(free('old = pmdp_collapse_flush(vma, addr, pmd);'), options);
    expect(collapse.properties).toEqual([]);
    const leaves = 'old = *pmd; pmd_clear(pmd); flush_tlb_page(vma, addr);';
    expect((await check(free(leaves), options)).properties).toEqual(['stale-translation']);
  });

  it('hardware notes accesses and writes in the entry', async () => {
    const text = (prot: string, act: string): string =>
      `${MAPPED} static int young, dirty;
      void cpu0(void) {
        clear(); flush_tlb_page(vma, addr); map_page(${prot}); fault = ${act};
        pte_t *pte = pte_offset_map(pmd, addr);
        young = pte_young(*pte) != 0; dirty = pte_dirty(*pte) != 0; pte_unmap(pte);
      }`.replace(/void cpu1\(void\) {.*}/, 'void cpu1(void) { }');
    const of = (prot: string, act: string): Promise<string[]> =>
      outcomes(text(prot, act), { young: [0, 1], dirty: [0, 1], fault: [0, 1] }, options);
    const old = '__pgprot(pte_val(pte_mkold(__pte(pgprot_val(PAGE_SHARED)))))';
    expect(await of(old, '0')).toEqual(['young=0 dirty=0 fault=0']);
    expect(await of(old, 'shootdown_user_read(addr, &r0)')).toEqual(['young=1 dirty=0 fault=0']);
    expect(await of('PAGE_SHARED', 'shootdown_user_write(addr, 1)')).toEqual([
      'young=1 dirty=1 fault=0',
    ]);
    expect(await of('PAGE_READONLY', 'shootdown_user_write(addr, 1)')).toEqual([
      'young=1 dirty=0 fault=1',
    ]);
    expect(await of('PAGE_NONE', 'shootdown_user_read(addr, &r0)')).toContainEqual(
      expect.stringMatching(/fault=1$/),
    );
  });

  it('entries mean to the kernel what they mean in Linux', async () => {
    const migration = options.arch === 'arm64' ? '1UL << 12 | 1UL << 6' : '1UL << 12 | 1UL << 7';
    const text = `${MAPPED}
      static void require(int holds, const char *what) { shootdown_require("assertion", holds, what); }
      static pmd_t huge(pgprot_t prot) { return pmd_mkhuge(pfn_pmd(8, prot)); }
      void cpu0(void) {
        pmd_t moving = __pmd(${migration}), split = pmd_mkinvalid(huge(PAGE_SHARED));
        pte_t none = mk_pte(page, PAGE_NONE), shared = mk_pte(page, PAGE_SHARED);
        require(!pmd_bad(*pmd) && pmd_present(*pmd) && !pmd_leaf(*pmd), "a table");
        require(pmd_page(*pmd) == table, "its page");
        require(pmd_leaf(huge(PAGE_SHARED)) && pmd_trans_huge(huge(PAGE_SHARED)), "huge");
        require(pmd_bad(huge(PAGE_SHARED)) && pmd_pfn(huge(PAGE_SHARED)) == 8, "huge is no table");
        require(pmd_present(split) && pmd_trans_huge(split), "being split is still huge");
        require(!pmd_none(moving) && !pmd_present(moving), "a migration entry");
        require(pmd_present(pmd_mkinvalid(moving)) == ${options.arch === 'arm64' ? 1 : 0}, "mkinvalid of it");
        require(pte_present(none) && pte_protnone(none), "PROT_NONE");
        require(!pte_access_permitted(none, false) || ${options.arch === 'riscv' ? 1 : 0}, "PROT_NONE is no access");
        require(pte_access_permitted(shared, true) && !pte_dirty(shared), "shared begins clean");
        require(pte_dirty(pte_mkdirty(shared)) && !pte_dirty(pte_mkclean(pte_mkdirty(shared))), "dirty");
        require(pte_dirty(pte_wrprotect(pte_mkdirty(shared))) && !pte_write(pte_wrprotect(shared)), "wrprotect");
        require(pte_page(shared) == page && !pte_none(shared), "its page");
      }`.replace(/void cpu1\(void\) {.*}/, 'void cpu1(void) { }');
    expect((await check(text, options)).details).toEqual([]);
  });
});

describe('a fence of riscv', () => {
  const RISCV = [{ platform: 'native' }, { platform: 'sbi' }] as const;
  const alone = (cpu0: string, cpus: number, platform = 'native'): Promise<string[]> =>
    outcomes(
      `${MAPPED.replace('make_mm(2)', `make_mm(${cpus})`).replace(/void cpu1\(void\) {.*}/, 'void cpu1(void) { }')}
      void cpu0(void) { ${cpu0} fault = shootdown_user_read(addr, &r0); }`,
      { r0: [0, 7], fault: [0, 1] },
      { arch: 'riscv', platform },
    );
  const FAULTS = ['r0=0 fault=1'];
  const EITHER = ['r0=0 fault=1', 'r0=7 fault=0'];

  it('of one CPU: of that ASID and that page alone', async () => {
    expect(await alone('clear(); local_flush_tlb_page_asid(addr, mm_asid(mm));', 2)).toEqual(
      FAULTS,
    );
    expect(await alone('clear(); local_flush_tlb_page_asid(addr, mm_asid(mm) + 1);', 2)).toEqual(
      EITHER,
    );
    const next = 'clear(); local_flush_tlb_page_asid(addr + PAGE_SIZE, mm_asid(mm));';
    expect(await alone(next, 2)).toEqual(EITHER);
    expect(await alone('clear(); local_flush_tlb_all_asid(mm_asid(mm));', 2)).toEqual(FAULTS);
    expect(await alone('clear(); local_flush_tlb_all_asid(mm_asid(mm) + 1);', 2)).toEqual(EITHER);
    const global = `map_page(__pgprot(pgprot_val(PAGE_SHARED) | _PAGE_GLOBAL)); ${next.replace(' + PAGE_SIZE', '')}`;
    expect(await alone(global, 2)).toEqual(EITHER);
    const tables = 'pmd_clear(pmd); local_flush_tlb_page_asid(addr, mm_asid(mm));';
    expect(await alone(tables, 2)).toEqual(EITHER);
    expect(await alone('pmd_clear(pmd); local_flush_tlb_all_asid(mm_asid(mm));', 2)).toEqual(
      FAULTS,
    );
  });

  it.each(RISCV)(
    '$platform: its own where it is alone, none where nobody is there',
    async ({ platform }) => {
      expect(await alone('clear(); flush_tlb_page(vma, addr);', 1, platform)).toEqual(FAULTS);
      expect(await alone('clear(); flush_tlb_page(vma, addr);', 0, platform)).toEqual(EITHER);
      const two = 'clear(); flush_tlb_range(vma, addr - PAGE_SIZE, addr + PAGE_SIZE);';
      expect(await alone(two, 1, platform)).toEqual(FAULTS);
    },
  );

  it.each(RISCV)(
    '$platform: of many pages it is one of all, where the kernel does it',
    async ({ platform }) => {
      const range = (pages: number): Promise<string[]> =>
        read(`pmd_clear(pmd); flush_tlb_range(vma, addr, addr + ${pages} * PAGE_SIZE);`, {
          arch: 'riscv',
          platform,
        });
      expect(await range(64)).toEqual(STALE);
      expect(await range(65)).toEqual(platform === 'native' ? GONE : STALE);
    },
  );

  it.each(RISCV)(
    '$platform: a CPU with interrupts off holds up IPIs, not the firmware',
    async ({ platform }) => {
      const text =
        `${MAPPED.replace('static int fault;', 'static int fault; static unsigned long flushed;')}
      void cpu0(void) { clear(); flush_tlb_page(vma, addr); WRITE_ONCE(done, 1); }`.replace(
          /void cpu1\(void\) {.*}/,
          `void cpu1(void) {
        local_irq_disable();
        fault = shootdown_user_read(addr, &r0); flushed = READ_ONCE(done);
        local_irq_enable();
      }`,
        );
      const seen = await outcomes(
        text,
        { r0: [0, 7], flushed: [0, 1] },
        { arch: 'riscv', platform },
      );
      const held = ['r0=0 flushed=0', 'r0=0 flushed=1', 'r0=7 flushed=0'];
      expect(seen).toEqual(platform === 'native' ? held : [...held, 'r0=7 flushed=1']);
    },
  );
});

describe('descriptors of arm64', () => {
  const decode = (level: number, low: number, high = 0) => arm64Tables.decode(level, low, high);

  it('tables, blocks and pages', () => {
    expect(decode(2, 0x4003003, 0x8000000)).toMatchObject({
      present: true,
      leaf: false,
      address: 0x4003000,
    });
    expect(decode(2, 0x4000f41)).toMatchObject({ present: true, leaf: true, address: 0x4000000 });
    expect(decode(3, 0x4000f43, 0x12)).toMatchObject({ leaf: true, address: 0x1204000000 });
    expect(decode(0, 0x4000001).present).toBe(false);
    expect(decode(3, 0x4000001).present).toBe(false);
    expect(decode(3, 0x4000002).present).toBe(false);
  });

  it('a page that is writable and clean is read-only with DBM', () => {
    const clean = decode(3, 0xfc3, 0x80000);
    expect(clean).toMatchObject({
      writable: true,
      dirty: false,
      user: true,
      accessed: true,
      global: false,
    });
    expect(arm64Tables.touched(0xfc3, 0x80000, true)).toEqual([0xf43, 0x80000]);
    expect(arm64Tables.touched(0xbc3, 0x80000, false)).toEqual([0xfc3, 0x80000]);
    expect(decode(3, 0xfc3)).toMatchObject({ writable: false, dirty: false });
    expect(decode(3, 0xf43)).toMatchObject({ writable: true, dirty: true });
    expect(decode(3, 0xf03).user).toBe(false);
    expect(decode(3, 0x743).global).toBe(true);
  });

  it('the root register has the ASID on top and keeps what is cached', () => {
    expect(arm64Tables.root(0x4000000, 0x12340005)).toEqual({
      table: 0x504000000,
      tag: 0x1234,
      keeps: true,
    });
  });
});

describe('entries of riscv', () => {
  const decode = (level: number, low: number, high = 0) => riscvTables.decode(level, low, high);

  it('what has no rights leads to a table', () => {
    expect(decode(2, 0x1000c01)).toMatchObject({ present: true, leaf: false, address: 0x4003000 });
    expect(decode(2, 0x10000d7)).toMatchObject({ present: true, leaf: true, address: 0x4000000 });
    expect(decode(3, 0x1000c01).present).toBe(false);
    expect(decode(3, 0x1000cd6).present).toBe(false);
    expect(decode(3, 0x1000cd5).present).toBe(false);
    expect(decode(3, 0xd7, 1).address).toBe(2 ** 34);
  });

  it('rights and what the hardware notes', () => {
    expect(decode(3, 0x57)).toMatchObject({
      writable: true,
      user: true,
      accessed: true,
      dirty: false,
    });
    expect(decode(3, 0x13)).toMatchObject({ writable: false, user: true, accessed: false });
    expect(decode(3, 0x47).user).toBe(false);
    expect(decode(3, 0x73).global).toBe(true);
    expect(riscvTables.touched(0x17, 0, true)).toEqual([0xd7, 0]);
    expect(riscvTables.touched(0x17, 0, false)).toEqual([0x57, 0]);
  });

  it('satp has mode, ASID and frame', () => {
    const high = 0x9abcd001 >>> 0;
    expect(riscvTables.root(0x4000, high)).toEqual({
      table: (2 ** 32 + 0x4000) * 4096,
      tag: 0xabcd,
      keeps: true,
    });
  });
});
