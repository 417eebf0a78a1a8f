/** s390 and powerpc: what their entries mean to the kernel and to the hardware, and what their flushes drop. */

import { describe, expect, it } from 'vitest';
import { powerpcTables } from '../../src/machine/arch/powerpc-page-table.ts';
import { s390Tables } from '../../src/machine/arch/s390-page-table.ts';
import { type BuildOptions, check, outcomes } from './build-system.ts';

/** `addr` maps `page`, which holds 7, for both CPUs; CPU 1 reads it once CPU 0 says so. */
const SPACE = `
#include <linux/memory.h>
#include <linux/mmap_lock.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/hardware.h>
#define DIRTY __pgprot(pte_val(pte_mkdirty(__pte(pgprot_val(PAGE_SHARED)))))
static unsigned long r0, done;
static int fault;
static struct page *page;
static pgtable_t table;
static void map_page(pgprot_t prot) {
  pte_t *pte = pte_offset_map(pmd, addr);
  set_pte(pte, mk_pte(page, prot)); pte_unmap(pte);
}
/* A plain store: no TLB hears of it. */
static void clear(void) {
  pte_t *pte = pte_offset_map(pmd, addr);
  pte_clear(mm, addr, pte); pte_unmap(pte);
}
static void clear_flush(void) {
  pte_t *pte = pte_offset_map(pmd, addr);
  ptep_clear_flush(vma, addr, pte); pte_unmap(pte);
}
static void space(pgprot_t prot) {
  make_mm(2); make_upper_tables(); table = make_pte_table(); page = make_table("page");
  *(unsigned long *)lowmem_page_address(page) = 7;
  map_page(prot);
}
static void load_all(void) { load_mm(0, mm); load_mm(1, mm); }
`;
const MAPPED = `${SPACE} void setup(void) { space(PAGE_SHARED); load_all(); }`;
const READER = 'void cpu1(void) { fault = READ_ONCE(done) ? shootdown_user_read(addr, &r0) : 2; }';
const read = (cpu0: string, options: BuildOptions, space = MAPPED): Promise<string[]> =>
  outcomes(
    `${space} ${READER} void cpu0(void) { ${cpu0} WRITE_ONCE(done, 1); }`,
    { r0: [0, 7], fault: [0, 1, 2] },
    options,
  );
const GONE = ['r0=0 fault=1', 'r0=0 fault=2'];
const STALE = [...GONE, 'r0=7 fault=0'];

const S390 = { arch: 's390' } as const;
const POWERPC = { arch: 'powerpc' } as const;

describe.each([S390, POWERPC])('on $arch', (options) => {
  it('an entry that is cleared is used until the flush', async () => {
    expect(await read('clear();', options)).toEqual(STALE);
    expect(await read('clear_flush();', options)).toEqual(GONE);
  });

  it('a page that is freed is stale without the flush, and not with it', async () => {
    const free = async (how: string): Promise<readonly string[]> => {
      const text = `${MAPPED} ${READER} void cpu0(void) { ${how} __free_pages(page, 0); WRITE_ONCE(done, 1); }`;
      return (await check(text, options)).properties;
    };
    expect(await free('clear();')).toEqual(['stale-translation']);
    expect(await free('clear_flush();')).toEqual([]);
  });

  it('a table may be freed after a collapse, and not after a clear alone', async () => {
    const free = (how: string): string => `${MAPPED} void cpu1(void) { }
      void cpu0(void) { pmd_t old; spin_unlock(pmd_lock(mm, pmd)); ${how} __free_pages(virt_to_page(table), 0); }`;
    const collapse = await check(free('old = pmdp_collapse_flush(vma, addr, pmd);'), options);
    expect(collapse.properties).toEqual([]);
    const leaves = 'old = *pmd; clear_flush(); pmd_clear(pmd);';
    expect((await check(free(leaves), options)).properties).toEqual(['stale-translation']);
  });

  it('zapping, fork and protecting flush what they change', async () => {
    const zap = 'zap_page_range_single(vma, addr, PAGE_SIZE);';
    expect(await read(zap, options)).toEqual(GONE);
    expect(
      await read('change_protection(vma, addr, addr + PAGE_SIZE, PAGE_NONE);', options),
    ).toEqual(GONE);
    const fork = `${SPACE}
      static struct vm_area_struct *child;
      void setup(void) {
        space(DIRTY); child = shootdown_alloc(sizeof(*child), "child"); *child = *vma;
        child->vm_start += PMD_SIZE; child->vm_end += PMD_SIZE; load_all();
      }
      void cpu1(void) { fault = READ_ONCE(done) ? shootdown_user_write(addr, 8) : 2; }`;
    const write = (how: string): Promise<string[]> =>
      outcomes(
        `${fork} void cpu0(void) { ${how} WRITE_ONCE(done, 1); }`,
        { fault: [0, 1, 2] },
        options,
      );
    expect(await write('dup_mmap(child, vma);')).toEqual(['fault=1', 'fault=2']);
    const copied = await write(
      'mmap_write_lock(mm); copy_page_range(child, vma); mmap_write_unlock(mm);',
    );
    // s390 flushes each entry as it changes it; elsewhere that is dup_mmap()'s to do.
    if (options.arch === 's390') expect(copied).toEqual(['fault=1', 'fault=2']);
    else expect(copied).toContain('fault=0');
  }, 60_000);

  it('entries mean to the kernel what they mean in Linux', async () => {
    const isS390 = options.arch === 's390' ? 1 : 0;
    const text = `${MAPPED}
      static void require(int holds, const char *what) { shootdown_require("assertion", holds, what); }
      static pmd_t huge(pgprot_t prot) { return pmd_mkhuge(pfn_pmd(16, prot)); }
      void cpu1(void) { }
      void cpu0(void) {
        pmd_t split = pmd_mkinvalid(huge(PAGE_SHARED));
        pte_t none = mk_pte(page, PAGE_NONE), shared = mk_pte(page, PAGE_SHARED);
        pte_t back = pte_modify(pte_modify(shared, PAGE_READONLY), PAGE_SHARED);
        require(!pmd_bad(*pmd) && pmd_present(*pmd) && !pmd_leaf(*pmd), "a table");
        require(pmd_page(*pmd) == virt_to_page(table), "its page");
        require(pmd_leaf(huge(PAGE_SHARED)) && pmd_trans_huge(huge(PAGE_SHARED)), "huge");
        require(pmd_bad(huge(PAGE_SHARED)) && pmd_pfn(huge(PAGE_SHARED)) == 16, "huge is no table");
        require(pmd_pfn(pmd_mkyoung(pmd_mkdirty(huge(PAGE_SHARED)))) == 16, "nor are its bits the page");
        require(pmd_present(split) && pmd_trans_huge(split), "being split is still huge");
        require(pmd_pfn(pmd_modify(huge(PAGE_SHARED), PAGE_READONLY)) == 16, "a page of other rights");
        require(!pmd_write(pmd_modify(huge(PAGE_SHARED), PAGE_READONLY)), "which may not be written");
        require(pte_present(none) && pte_protnone(none), "PROT_NONE");
        require(pte_access_permitted(shared, true), "shared");
        require(pte_dirty(pte_mkdirty(shared)) && !pte_dirty(pte_mkclean(pte_mkdirty(shared))), "dirty");
        require(pte_dirty(pte_wrprotect(pte_mkdirty(shared))) && !pte_write(pte_wrprotect(shared)), "wrprotect");
        require(pte_page(shared) == page && !pte_none(shared), "its page");
        require(pte_present(back) && pte_page(back) == page && pte_write(back), "there and back");
        require(pte_dirty(pte_modify(pte_mkdirty(shared), PAGE_NONE)), "dirty stays");
        require(!(pte_val(pte_modify(shared, PAGE_RO_)) & NO_ACCESS) && (pte_val(pte_modify(shared, PAGE_NONE)) & NO_ACCESS), "rights");
      }`;
    const defines = isS390
      ? { PAGE_RO_: 'PAGE_RO', NO_ACCESS: '_PAGE_INVALID' }
      : { PAGE_RO_: 'PAGE_READONLY', NO_ACCESS: '_PAGE_PRIVILEGED' };
    expect((await check(text, { ...options, defines })).details).toEqual([]);
  });
});

describe('on s390', () => {
  it('an instruction that clears a page-table entry leaves what leads to it, one on the segment does not', async () => {
    expect(await read('pmd_clear(pmd);', S390)).toEqual(STALE);
    expect(await read('pmdp_huge_get_and_clear(mm, addr, pmd);', S390)).toEqual(GONE);
    const again =
      'clear_flush(); pmd_t old = *pmd; pmd_clear(pmd); pte_t *pte = pte_offset_map(&old, addr);';
    expect(
      await read(`${again} set_pte(pte, mk_pte(page, PAGE_SHARED)); pte_unmap(pte);`, S390),
    ).toEqual(STALE);
  });

  it('who is alone marks the entry and owes the flush', async () => {
    const alone = `${SPACE} void setup(void) {
      space(PAGE_SHARED); load_all(); mm->context.cpu_attach_mask.bits[0] = 1;
    }`;
    const clear =
      'pte_t *pte = pte_offset_map(pmd, addr); ptep_get_and_clear(mm, addr, pte); pte_unmap(pte);';
    // CPU 1 is attached and not in the mask: wrong on purpose.
    expect(await read(clear, S390, alone)).toEqual(STALE);
    expect(await read(`${clear} flush_tlb_mm(mm);`, S390, alone)).toEqual(GONE);
    expect(await read('clear(); flush_tlb_mm(mm);', S390)).toEqual(STALE);
    const zapped = `${alone} ${READER} void cpu0(void) { zap_page_range_single(vma, addr, PAGE_SIZE); WRITE_ONCE(done, 1); }`;
    // No gather: the page goes before the flush that is owed.
    const reader = zapped.replace(
      'READ_ONCE(done) ? shootdown_user_read(addr, &r0) : 2',
      'shootdown_user_read(addr, &r0)',
    );
    expect((await check(zapped, S390)).properties).toEqual([]);
    expect((await check(reader, S390)).properties).toEqual(['stale-translation']);
  });

  it('of another address space nothing goes', async () => {
    const other = `${SPACE} void setup(void) {
      struct mm_struct *first; space(PAGE_SHARED); load_mm(1, mm); first = mm;
      make_mm(2); make_upper_tables(); table = make_pte_table(); map_page(PAGE_SHARED); load_mm(0, mm);
      pte_t *pte = pte_offset_map(&of(first), addr); pte_clear(first, addr, pte); pte_unmap(pte);
    }`.replace(
      '&of(first)',
      '(pmd_t *)((unsigned long *)pud_deref(*(pud_t *)pgd_offset_raw(first->pgd, addr)) + (addr >> 20))',
    );
    // What setup cleared there may still be cached; the flush is of the space made later.
    expect(await read('clear_flush();', S390, other)).toEqual(STALE);
  });

  it("rights and invalid entries are the hardware's, references and changes are not", async () => {
    const access = (prot: string, act: string): Promise<string[]> =>
      outcomes(
        `${SPACE} static int changed; void setup(void) { space(${prot}); load_all(); }
        void cpu1(void) { }
        void cpu0(void) {
          pte_t *pte = pte_offset_map(pmd, addr); pte_t old = *pte;
          fault = ${act}(addr, ${act.includes('read') ? '&r0' : '1'});
          changed = pte_val(*pte) != pte_val(old); pte_unmap(pte);
        }`,
        { fault: [0, 1], changed: [0, 1] },
        S390,
      );
    expect(await access('PAGE_SHARED', 'shootdown_user_write')).toEqual(['fault=0 changed=0']);
    expect(await access('PAGE_RO', 'shootdown_user_read')).toEqual(['fault=0 changed=0']);
    expect(await access('PAGE_RO', 'shootdown_user_write')).toEqual(['fault=1 changed=0']);
    // Writable to the kernel, and protected until a fault has noted that it is dirty.
    expect(await access('PAGE_RW', 'shootdown_user_write')).toEqual(['fault=1 changed=0']);
    expect(await access('PAGE_NONE', 'shootdown_user_read')).toEqual(['fault=1 changed=0']);
  });

  it('an address whose entry is not in the page of its table is refused', async () => {
    const text = `${MAPPED} void cpu1(void) { } void cpu0(void) { shootdown_user_read(addr + (1UL << 29), &r0); }`;
    await expect(check(text, S390)).rejects.toThrow(
      /needs entry 768 of a table, of which the kernel here keeps 512/,
    );
  });

  it('nor is an entry used that a new table does not have', async () => {
    const refusal = (act: string): Promise<unknown> =>
      check(`${MAPPED} void cpu1(void) { } void cpu0(void) { ${act} }`, S390);
    const map =
      'pte_t *pte = pte_offset_map(pmd, addr + 8 * PAGE_SIZE); set_pte(pte, mk_pte(page, PAGE_SHARED));';
    await expect(refusal('shootdown_user_read(addr + 8 * PAGE_SIZE, &r0);')).rejects.toThrow(
      'needs entry 8 of a table',
    );
    await expect(refusal(map)).rejects.toThrow('is entry 8 of a page table, which is not among');
    const linked = `pmd_t old = *pmd; spin_unlock(pmd_lock(mm, pmd)); pmdp_collapse_flush(vma, addr, pmd);
      pte_t *pte = pte_offset_map(&old, addr) + 9; set_pte(pte, mk_pte(page, PAGE_SHARED)); set_pmd(pmd, old);`;
    await expect(refusal(linked)).rejects.toThrow('is entry 9 of a page table');
  });

  it('entries', () => {
    const decode = (level: number, low: number, high = 0) => s390Tables.decode(level, low, high);
    expect(decode(0, 0x4004007, 2)).toMatchObject({
      present: true,
      leaf: false,
      address: 0x204004000,
      writable: true,
    });
    expect(decode(0, 0x4004027).present).toBe(false);
    expect(decode(0, 0x4004207).writable).toBe(false);
    expect(decode(0, 0x400400b).present).toBe(false);
    expect(decode(0, 0x4004047).present).toBe(false);
    expect(decode(1, 0x4004800)).toMatchObject({ present: true, leaf: false, address: 0x4004800 });
    expect(decode(1, 0x4004004).present).toBe(false);
    expect(decode(1, 0x4004010).present).toBe(false);
    expect(decode(1, 0x4007403)).toMatchObject({ present: true, leaf: true, address: 0x4004000 });
    expect(decode(1, 0x4007623)).toMatchObject({ present: false, writable: false });
    expect(decode(2, 0x4004031, 1)).toMatchObject({
      present: true,
      leaf: true,
      address: 0x104004000,
      user: true,
      writable: true,
      accessed: true,
      dirty: true,
      global: false,
    });
    expect(decode(2, 0x4004231)).toMatchObject({ present: true, writable: false });
    expect(decode(2, 0x4004431).present).toBe(false);
    expect(decode(2, 0x4004831).present).toBe(false);
    expect(s390Tables.touched(0x231, 5, true)).toEqual([0x231, 5]);
  });

  it('an ASCE has the table and its type', () => {
    expect(s390Tables.root(0x40041c7, 1)).toEqual({
      table: 0x104004000,
      tag: 0x104004 % 0xfff1,
      keeps: true,
    });
    for (const low of [0x40041cb, 0x40041c3, 0x40041e7])
      expect(() => s390Tables.root(low, 0)).toThrow('no region-third table');
  });
});

describe('on powerpc', () => {
  it('a flush names a page size, and whether the page-walk cache goes', async () => {
    expect(await read('clear(); flush_tlb_page(vma, addr);', POWERPC)).toEqual(GONE);
    expect(await read('flush_tlb_page(vma, addr); clear();', POWERPC)).toEqual(STALE);
    expect(await read('clear(); flush_tlb_page(vma, addr + PAGE_SIZE);', POWERPC)).toEqual(STALE);
    expect(await read('clear(); flush_tlb_range(vma, addr, addr + PAGE_SIZE);', POWERPC)).toEqual(
      GONE,
    );
    expect(
      await read('clear(); flush_pmd_tlb_range(vma, addr, addr + PMD_SIZE);', POWERPC),
    ).toEqual(STALE);
    expect(await read('clear(); flush_tlb_mm(mm);', POWERPC)).toEqual(GONE);
    const cut = (flush: string): Promise<string[]> => read(`pmd_clear(pmd); ${flush}`, POWERPC);
    expect(await cut('flush_tlb_page(vma, addr);')).toEqual(STALE);
    expect(await cut('flush_tlb_range(vma, addr, addr + 32 * PAGE_SIZE);')).toEqual(STALE);
    expect(await cut('flush_tlb_mm(mm);')).toEqual(STALE);
    expect(await cut('flush_tlb_range(vma, addr, addr + PMD_SIZE);')).toEqual(GONE);
    expect(await cut('flush_all_mm(mm);')).toEqual(GONE);
  });

  it('a huge page is flushed as one', async () => {
    const huge = `${SPACE} void setup(void) {
      space(PAGE_SHARED); set_pmd(pmd, pmd_mkhuge(pfn_pmd(page_to_pfn(page), PAGE_SHARED))); load_all();
    }`;
    const of = (flush: string): Promise<string[]> =>
      read(`pmd_clear(pmd); ${flush}`, POWERPC, huge);
    expect(await of('flush_tlb_page(vma, addr);')).toEqual(STALE);
    expect(await of('flush_pmd_tlb_range(vma, addr, addr + PMD_SIZE);')).toEqual(GONE);
    expect(await of('flush_tlb_range(vma, addr, addr + PMD_SIZE);')).toEqual(GONE);
    expect(await read('pmdp_huge_clear_flush(vma, addr, pmd);', POWERPC, huge)).toEqual(GONE);
  });

  it('a gather flushes the page-walk cache where tables went, and only there', async () => {
    const gather = (tables: string): Promise<string[]> =>
      read(
        `struct mmu_gather tlb; tlb_gather_mmu(&tlb, mm); pmd_clear(pmd); ${tables}
        tlb_flush_pmd_range(&tlb, addr, PAGE_SIZE); tlb_finish_mmu(&tlb);`,
        POWERPC,
      );
    expect(await gather('tlb.freed_tables = 1;')).toEqual(GONE);
    expect(await gather('')).toEqual(STALE);
  });

  it('hardware notes accesses and writes in the entry', async () => {
    const access = (prot: string, act: string): Promise<string[]> =>
      outcomes(
        `${SPACE} static int young, dirty; void setup(void) { space(${prot}); load_all(); }
        void cpu1(void) { }
        void cpu0(void) {
          pte_t *pte = pte_offset_map(pmd, addr); fault = ${act};
          young = pte_young(*pte); dirty = pte_dirty(*pte); pte_unmap(pte);
        }`,
        { young: [0, 1], dirty: [0, 1], fault: [0, 1] },
        POWERPC,
      );
    const old = '__pgprot(pte_val(pte_mkold(__pte(pgprot_val(PAGE_SHARED)))))';
    expect(await access(old, '0')).toEqual(['young=0 dirty=0 fault=0']);
    expect(await access(old, 'shootdown_user_read(addr, &r0)')).toEqual([
      'young=1 dirty=0 fault=0',
    ]);
    expect(await access('PAGE_SHARED', 'shootdown_user_write(addr, 1)')).toEqual([
      'young=1 dirty=1 fault=0',
    ]);
    expect(await access('PAGE_READONLY', 'shootdown_user_write(addr, 1)')).toEqual([
      'young=1 dirty=0 fault=1',
    ]);
    expect(await access('PAGE_NONE', 'shootdown_user_read(addr, &r0)')).toEqual([
      'young=1 dirty=0 fault=1',
    ]);
  });

  it('the hash MMU walks no tables', async () => {
    const text = `${MAPPED} void cpu0(void) { } void cpu1(void) { }`;
    await expect(check(text, { ...POWERPC, platform: 'hash' })).rejects.toThrow(
      /cannot be loaded on powerpc hash: .* choose platform native \(radix\)/,
    );
  });

  /** As the machine loads what is big-endian in memory. */
  const stored = (value: bigint): readonly [number, number] => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, value);
    return [view.getUint32(0, true), view.getUint32(4, true)];
  };

  it('entries are big-endian', () => {
    const decode = (level: number, value: bigint) => powerpcTables.decode(level, ...stored(value));
    expect(decode(2, 0x8000000104003009n)).toMatchObject({
      present: true,
      leaf: false,
      address: 0x104003000,
    });
    expect(decode(3, 0x8000000004003009n).present).toBe(false);
    expect(decode(2, 0x0000000004003009n).present).toBe(false);
    expect(() => decode(2, 0x8000000004003005n)).toThrow('1 << 5 entries');
    expect(decode(2, 0xc000000004000106n)).toMatchObject({ leaf: true, address: 0x4000000 });
    expect(decode(0, 0xc000000004000106n).present).toBe(false);
    expect(decode(3, 0xc000000104000186n)).toMatchObject({
      present: true,
      leaf: true,
      address: 0x104000000,
      user: true,
      writable: true,
      accessed: true,
      dirty: true,
      global: false,
    });
    expect(decode(3, 0xc000000004000004n)).toMatchObject({
      user: true,
      writable: false,
      accessed: false,
      dirty: false,
    });
    expect(decode(3, 0xc00000000400010en).user).toBe(false);
    expect(decode(3, 0xc000000004000101n).user).toBe(false);
    expect(decode(3, 0x6000000004000106n).present).toBe(false);
    const value = 0xc000000004000006n;
    expect(powerpcTables.touched(...stored(value), false)).toEqual(stored(value | 0x100n));
    expect(powerpcTables.touched(...stored(value), true)).toEqual(stored(value | 0x180n));
  });

  it('the root register has the PID on top', () => {
    expect(powerpcTables.root(0x4000000, 0x12340005)).toEqual({
      table: 0x504000000,
      tag: 0x1234,
      keeps: true,
    });
  });
});
