/**
 * Rounds of IPIs, counted by running: what begins one, which locks are
 * page-table locks, and that the counts decide nothing.
 */

import { describe, expect, test } from 'vitest';
import { runOneByOne } from '../../src/explore/replay.ts';
import { newFootprint } from '../../src/explore/system.ts';
import type { RoundCounts } from '../../src/machine/rounds.ts';
import { Cells } from '../verdicts/cells.ts';
import { type BuildOptions, buildText, searchToEnd } from './build-system.ts';

const SYNC = 'static void nothing(void *info) { (void)info; }\nvoid cpu1(void) { }\n';

async function rounds(text: string, options: BuildOptions = {}): Promise<RoundCounts> {
  const system = (await buildText(SYNC + text, options)).open();
  await searchToEnd(system);
  return system.machine.rounds.most();
}

describe('a round', () => {
  test('is a waited call, however many CPUs get it', async () => {
    const text = `void cpu2(void) { }
      void cpu0(void) { smp_call_function(nothing, NULL, 1); smp_call_function(nothing, NULL, 1); }`;
    expect(await rounds(text)).toEqual({ total: 2, underPtl: 0 });
  });

  test('is not a call that nobody waits for', async () => {
    const text = 'void cpu0(void) { smp_call_function(nothing, NULL, 0); }';
    expect(await rounds(text)).toEqual({ total: 0, underPtl: 0 });
  });

  test('is not a call that reaches nobody', async () => {
    const system = (
      await buildText(
        'static void nothing(void *info) { (void)info; }\nvoid cpu0(void) { smp_call_function(nothing, NULL, 1); }',
      )
    ).open();
    await searchToEnd(system);
    expect(system.machine.rounds.most()).toEqual({ total: 0, underPtl: 0 });
  });

  test('counts for each CPU that begins one, crossing or not', async () => {
    const system = (
      await buildText(`static void nothing(void *info) { (void)info; }
        void cpu0(void) { smp_call_function(nothing, NULL, 1); }
        void cpu1(void) { smp_call_function(nothing, NULL, 1); }`)
    ).open();
    await searchToEnd(system);
    expect(system.machine.rounds.most()).toEqual({ total: 2, underPtl: 0 });
  });

  test('that not every execution has counts: it is the most', async () => {
    const text = `void cpu0(void) { if (shootdown_choose(2)) smp_call_function(nothing, NULL, 1); }`;
    expect(await rounds(text)).toEqual({ total: 1, underPtl: 0 });
  });
});

describe('a page-table lock', () => {
  const held = (lock: string): string => `
    static spinlock_t other;
    static struct page *table;
    static struct mm_struct *mm;
    void setup(void) {
      table = alloc_page(GFP_KERNEL);
      mm = shootdown_alloc(sizeof(struct mm_struct) + sizeof(struct cpumask), "mm");
      shootdown_name(&mm->page_table_lock, sizeof(mm->page_table_lock), "page_table_lock");
      shootdown_name(ptlock_ptr(page_ptdesc(table)), sizeof(spinlock_t), "whatever it is called");
    }
    void cpu0(void) {
      spin_lock(${lock});
      smp_call_function(nothing, NULL, 1);
      spin_unlock(${lock});
      smp_call_function(nothing, NULL, 1);
    }`;

  test.each([
    ['ptlock_ptr(page_ptdesc(table))', 1],
    ['&mm->page_table_lock', 1],
    ['&other', 0],
  ])('%s: %s of 2 rounds', async (lock, underPtl) => {
    const text = held(lock);
    expect(await rounds(text)).toEqual({ total: 2, underPtl });
    expect(await rounds(text, { arch: 'i386-pae' })).toEqual({ total: 2, underPtl });
  });
});

describe('a flush in linked code', () => {
  const flushed = (flush: string, cpus = 2): string => `
    #include <shootdown/address-space.h>
    void setup(void) { make_mm(${cpus}); make_upper_tables(); make_pte_table(); }
    void cpu0(void) { spinlock_t *ptl = pmd_lock(mm, pmd); ${flush} spin_unlock(ptl); }`;

  test.each([
    ['riscv', 'native', 'flush_tlb_page(vma, addr);', 1],
    ['riscv', 'native', 'pmdp_collapse_flush(vma, addr, pmd);', 1],
    ['riscv', 'sbi', 'flush_tlb_page(vma, addr);', 0],
    ['powerpc', 'hash', 'pmdp_collapse_flush(vma, addr, pmd);', 1],
    ['powerpc', 'native', 'pmdp_collapse_flush(vma, addr, pmd);', 0],
  ] as const)('on %s %s: %s %s rounds, under the lock', async (arch, platform, flush, count) => {
    const found = await rounds(flushed(flush), { arch, platform });
    expect(found).toEqual({ total: count, underPtl: count });
    expect(await rounds(flushed(flush, 1), { arch, platform })).toEqual({ total: 0, underPtl: 0 });
  });
});

test('a state that was reached with more rounds is the same state', async () => {
  const system = (
    await buildText(
      `${SYNC}void cpu0(void) { if (shootdown_choose(2)) smp_call_function(nothing, NULL, 1); }`,
    )
  ).open();
  await searchToEnd(system);
  const key = (): string => {
    const out = new Uint8Array(1 << 16);
    return Buffer.from(out.subarray(0, system.stateKey(out))).toString('hex');
  };
  const counted = (): number => {
    system.machine.rounds.forget();
    runOneByOne(system);
    return system.machine.rounds.most().total;
  };
  expect(counted()).toBe(0);
  const without = key();
  const saved = system.save();
  // The other choice first.
  system.reset();
  system.take(0, 1, newFootprint());
  const footprint = newFootprint();
  for (;;) {
    const actors = new Uint32Array(16);
    const count = system.actors(actors);
    const next = [...actors.subarray(0, count)].find((actor) => system.status(actor) === 1);
    if (next === undefined) break;
    footprint.count = 0;
    system.take(next, 0, footprint);
  }
  expect(system.machine.rounds.most().total).toBe(1);
  expect(key()).toBe(without);
  system.load(saved);
  expect(key()).toBe(without);
});

describe('the retraction', () => {
  const cells = new Cells();
  const most = async (variant: string, platform: string, arch = 'i386-pae'): Promise<string> => {
    const [cell] = cells.of('retract-vs-pte-map', {
      variants: [variant],
      platforms: [platform],
      arches: [arch],
    });
    const judged = await cells.judge(cell!);
    if (judged.kind !== 'result') throw new Error('left out');
    const { total, underPtl, executions } = judged.result.ipiRounds!;
    return `${total} ${underPtl} ${executions}`;
  };

  // The flush and the sync are a round each where both send; a hypercall is none.
  test.each([
    ['mainline', 'native', '2 2 all'],
    ['sync-after-unlock', 'native', '2 1 all'],
    ['no-sync', 'native', '1 1 all'],
    ['mainline', 'hyperv', '1 1 all'],
    ['sync-after-unlock', 'hyperv', '1 0 all'],
    ['no-sync', 'hyperv', '0 0 all'],
  ])('%s on i386-pae %s: %s', async (variant, platform, expected) => {
    expect(await most(variant, platform)).toBe(expected);
  });

  test('of 64 bits needs no sync for its entries', async () => {
    expect(await most('mainline', 'native', 'x86_64')).toBe('1 1 all');
    expect(await most('unconditional-sync', 'native', 'x86_64')).toBe('2 1 all');
  });
});
