/**
 * What holds of every system, on programs in which TLBs are at work; and the
 * machine made wrong on purpose, each time noticed by a set of outcomes.
 */

import { describe, expect, it } from 'vitest';
import type { MachineMutation } from '../../src/machine/machine.ts';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkRestoring,
  checkTraces,
} from '../explore/oracles.ts';
import { type BuildOptions, buildText, check, outcomes, settledFactory } from './build-system.ts';
import { checkSwaps } from './swaps.ts';
import { BROADCAST, MAPPED, READER, SPACE } from './tlb-texts.ts';

const STATES = Number(process.env.STATES ?? 250);

/** A detached table is written, flushes come from both sides, and somebody frees. */
const DETACHED = `${SPACE}
  void setup(void) { space(2); load_all(2); }
  void cpu0(void) { pte_t *pte = slot(addr); pmd_clear(pmd); set_pte(pte, mk_pte(page, PAGE_SHARED)); pte_unmap(pte); shootdown_remote_flush_page(1, addr2); }
  void cpu1(void) { fault = shootdown_user_read(addr, &r0); native_flush_tlb_one_user(addr2); fault1 = shootdown_user_read(addr, &r1); }`;

/** One CPU links a table while another fills it and a third frees the page. */
const LINKED = `${SPACE}
  void setup(void) { space(2); pmd_clear(pmd); load_mm(1, mm); }
  void cpu0(void) { pmd_populate(mm, pmd, table); }
  void cpu1(void) { fault = shootdown_user_write(addr, 8); }
  void cpu2(void) { u64 *pte = (u64 *)lowmem_page_address(table) + ((addr >> 12) & 511); WRITE_ONCE(*pte, mk_pte(page, PAGE_SHARED).pte); __free_pages(page, 0); }`;

/** A table is linked, unlinked, flushed and freed, with a CPU beside that changes its entries. */
const FREED = `${SPACE}
  void setup(void) { space(2); map_page(addr, page, PAGE_SHARED); load_mm(1, mm); }
  void cpu0(void) { pmd_clear(pmd); shootdown_remote_flush(1); __free_pages(table, 0); }
  void cpu1(void) { fault = shootdown_user_read(addr, &r0); }
  void cpu2(void) { u64 *pte = (u64 *)lowmem_page_address(table) + ((addr2 >> 12) & 511); WRITE_ONCE(*pte, 0); }`;

/** One CPU links a table while another empties it: linked in time, what was in it may be cached. */
const EMPTIED = `${SPACE}
  void setup(void) { space(2); pmd_clear(pmd); load_mm(1, mm); u64 *pte = (u64 *)lowmem_page_address(table) + ((addr >> 12) & 511); *pte = mk_pte(page, PAGE_SHARED).pte; }
  void cpu0(void) { pmd_populate(mm, pmd, table); }
  void cpu1(void) { fault = shootdown_user_read(addr, &r0); }
  void cpu2(void) { u64 *pte = (u64 *)lowmem_page_address(table) + ((addr >> 12) & 511); WRITE_ONCE(*pte, 0); }`;

/** A table is freed by one CPU while another flushes itself. */
const RACED = `${SPACE}
  void setup(void) { space(2); pmd_clear(pmd); load_mm(1, mm); pmd_populate(mm, pmd, table); pmd_clear(pmd); }
  void cpu0(void) { __free_pages(table, 0); }
  void cpu1(void) { native_flush_tlb_local(); }`;

/** A table is linked by one CPU and freed by another; the slot is nobody else's. */
const LINKED_AND_FREED = `${SPACE}
  void setup(void) { space(2); pmd_clear(pmd); load_mm(1, mm); }
  void cpu0(void) { WRITE_ONCE(*(u64 *)pmd, PFN_PHYS(page_to_pfn(table)) | _PAGE_TABLE); }
  void cpu1(void) { }
  void cpu2(void) { __free_pages(table, 0); }`;

const SWITCHED = `${SPACE}
  static pgd_t *other;
  void setup(void) {
    space(2); map_page(addr, page, PAGE_SHARED); other = lowmem_page_address(make_table("other"));
    shootdown_load_root(1, __pa(mm->pgd) | 1);
  }
  void cpu0(void) { unmap_page(addr); shootdown_remote_flush(1); map_page(addr, page2, PAGE_SHARED); }
  void cpu1(void) {
    native_write_cr3(__pa(other) | 2 | 1UL << 63);
    native_write_cr3(__pa(mm->pgd) | 1 | 1UL << 63);
    fault = shootdown_user_read(addr, &r0);
  }`;

const DIRTIED = `${MAPPED}
  void cpu0(void) { unmap_page(addr); flush_others(); }
  void cpu1(void) { fault = shootdown_user_write(addr, 8); }`;

/** The flush of riscv: linked code, whose handler fences two pages. */
const FENCED = `#include <asm/tlbflush.h>
  #include <shootdown/address-space.h>
  #include <shootdown/hardware.h>
  static int fault;
  void setup(void) {
    make_mm(2); make_upper_tables(); make_pte_table();
    install_pte(mk_pte(make_table("page"), PAGE_SHARED));
    load_mm(0, mm); load_mm(1, mm);
  }
  void cpu0(void) {
    pte_t *pte = pte_offset_map(pmd, addr);
    ptep_get_and_clear(mm, addr, pte); pte_unmap(pte);
    flush_tlb_range(vma, addr, addr + 2 * PAGE_SIZE);
  }
  void cpu1(void) { fault = shootdown_user_write(addr, 8); }`;

/** The entry goes, by an instruction that clears the TLBs of all. */
const CLEARED = `${BROADCAST}
  void cpu0(void) { pte_t *pte = slot(); ptep_clear_flush(vma, addr, pte); pte_unmap(pte); }
  void cpu1(void) { fault = shootdown_user_write(addr, 8); fault1 = shootdown_user_read(addr, &r0); }`;

/** A table is unlinked, written to, and taken from the TLBs. */
const UNLINKED = `${BROADCAST}
  void cpu0(void) {
    pte_t *pte = slot(); pmd_t old = *pmd;
    pmd_clear(pmd); pte_clear(mm, addr, pte); pte_unmap(pte); pmd_populate(mm, pmd, pmd_pgtable(old));
    spin_unlock(pmd_lock(mm, pmd)); pmdp_collapse_flush(vma, addr, pmd);
  }
  void cpu1(void) { fault = shootdown_user_read(addr, &r0); fault1 = shootdown_user_read(addr, &r1); }`;

const PROGRAMS: readonly (readonly [string, string, BuildOptions])[] = [
  ['a flush by interrupt', DIRTIED, {}],
  ['a flush by interrupt, PAE', DIRTIED, { arch: 'i386-pae' }],
  ['a flush by interrupt, TSO', DIRTIED, { model: 'tso' }],
  ['a flush by interrupt, riscv', FENCED, { arch: 'riscv' }],
  ['a detached table', DETACHED, {}],
  ['a detached table, TSO', DETACHED, { model: 'tso' }],
  ['a table filled while it is linked', LINKED, {}],
  ['a table that is freed', FREED, {}],
  ['a table emptied while it is linked', EMPTIED, {}],
  ['a table freed beside a flush', RACED, {}],
  ['a table linked beside a free', LINKED_AND_FREED, {}],
  ['PCIDs that come and go', SWITCHED, {}],
  ['an entry cleared by IPTE', CLEARED, { arch: 's390' }],
  ['a table unlinked by IDTE', UNLINKED, { arch: 's390' }],
  ['an entry flushed by tlbie', CLEARED, { arch: 'powerpc' }],
  ['a table unlinked and flushed by tlbie', UNLINKED, { arch: 'powerpc' }],
];

describe.each(PROGRAMS)('%s', (_, text, options) => {
  // When the first test asks: all at once would use up its time.
  let made: ReturnType<typeof settledFactory> | null = null;
  const factory = () => (made ??= buildText(text, options).then(settledFactory));

  it('steps without conflict commute and can change places', async () => {
    const make = await factory();
    expect(checkCommutation(make, STATES)).toEqual([]);
    expect(checkSwaps(make, STATES / 2)).toEqual([]);
  });

  it('footprints hold all that a step touches, and undoing restores all', async () => {
    const make = await factory();
    expect(checkFootprints(make, STATES)).toEqual([]);
    expect(checkRestoring(make, STATES / 2)).toEqual([]);
  });

  it('the reduced search finds what the state graph finds', async () => {
    expect(await checkAgainstGraph(await factory())).toEqual([]);
  });
});

it.each(PROGRAMS.slice(4, 5))('as many executions as traces: %s', async (_, text, options) => {
  const make = await buildText(text, options).then(settledFactory);
  expect(await checkTraces(make, { limit: 60_000 })).toEqual([]);
});

describe('what looks private is found out', () => {
  it('a flush of the own TLB, beside a free', async () => {
    expect((await check(RACED)).properties).toEqual(['stale-translation']);
  });

  it('the store that links a table, beside a free', async () => {
    const { properties } = await check(LINKED_AND_FREED);
    expect(properties).toEqual(['stale-translation', 'use-after-free']);
  });
});

describe('made wrong on purpose', () => {
  const told = { r0: [0, 7], fault: [0, 1, 2] };
  const flushed = `${MAPPED}
    void cpu0(void) { unmap_page(addr); flush_others(); WRITE_ONCE(done, 1); } ${READER}`;
  const unlinked = `${SPACE}
    void setup(void) { space(2); load_all(2); }
    void cpu0(void) {
      pte_t *pte = slot(addr);
      pmd_clear(pmd); set_pte(pte, mk_pte(page, PAGE_SHARED)); pte_unmap(pte); WRITE_ONCE(done, 1);
    } ${READER}`;

  it.each<[MachineMutation, string]>([
    ['flush-keeps-entries', flushed],
    ['closure-without-psc', unlinked],
  ])('%s changes outcomes', async (mutation, text) => {
    expect(await outcomes(text, told, { mutation })).not.toEqual(await outcomes(text, told));
  });

  it('free-ignores-tlbs misses a table that is freed before the flush', async () => {
    const text = `${MAPPED}
      void cpu0(void) { pmd_clear(pmd); __free_pages(table, 0); }
      void cpu1(void) { }`;
    expect((await check(text)).properties).toEqual(['stale-translation']);
    expect((await check(text, { mutation: 'free-ignores-tlbs' })).properties).toEqual([]);
  });
});
