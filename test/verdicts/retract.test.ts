/**
 * `retract-vs-pte-map` on the built-in kernel: the table of the question,
 * by hand and so independent of the scenario's header; what the searches
 * find, cell by cell; and what is left of it without a function.
 */

import { describe, expect, test } from 'vitest';
import { Cells } from './cells.ts';
import { describeCells, expectTable } from './table.ts';

const SCENARIO = 'retract-vs-pte-map';
const cells = new Cells();
/** The variants that any tree can run; the mails' other forms have a table of their own. */
const variants = ['mainline', 'sync-after-unlock', 'no-sync', 'unconditional-sync'];
const every = cells.of(SCENARIO);

describe('the table', () => {
  test('i386-pae: HIGHMEM64G, HIGHPTE, PARAVIRT', async () => {
    const table = `
                       | i386-pae native | i386-pae hyperv   | i386-pae kvm
    mainline           | safe            | safe              | safe
    sync-after-unlock  | safe            | unsafe torn-entry | unsafe torn-entry
    no-sync            | safe            | unsafe torn-entry | unsafe torn-entry
    unconditional-sync | safe            | unsafe torn-entry | unsafe torn-entry`;
    await expectTable(cells, SCENARIO, { variants, arches: ['i386-pae'] }, table);
  });

  test('i386-pae without HIGHPTE: no table above 4 GiB, so none to tear', async () => {
    const table = `
                       | i386-pae native | i386-pae hyperv | i386-pae kvm
    mainline           | safe            | safe            | safe
    sync-after-unlock  | safe            | safe            | safe
    no-sync            | safe            | safe            | safe
    unconditional-sync | safe            | safe            | safe`;
    const selection = { variants, arches: ['i386-pae'], config: ['HIGHPTE=n'] };
    await expectTable(cells, SCENARIO, selection, table);
  });

  test('x86_64: an entry is read at once', async () => {
    const table = `
                       | x86_64 native | x86_64 hyperv | x86_64 kvm | x86_64 xen | x86_64 invlpgb
    mainline           | safe          | safe          | safe       | safe       | safe
    sync-after-unlock  | safe          | safe          | safe       | safe       | safe
    no-sync            | safe          | safe          | safe       | safe       | safe
    unconditional-sync | safe          | safe          | safe       | safe       | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['x86_64'] }, table);
  });

  test('elsewhere on 64 bits: so it is there, whoever flushes', async () => {
    const table = `
                       | arm64 native | riscv native | riscv sbi | s390 native
    mainline           | safe         | safe         | safe      | safe
    sync-after-unlock  | safe         | safe         | safe      | safe
    no-sync            | safe         | safe         | safe      | safe
    unconditional-sync | safe         | safe         | safe      | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['arm64', 'riscv', 's390'] }, table);
  });

  test('powerpc: so it is there as well', async () => {
    const table = `
                       | powerpc native | powerpc hash
    mainline           | safe           | safe
    sync-after-unlock  | safe           | safe
    no-sync            | safe           | safe
    unconditional-sync | safe           | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['powerpc'] }, table);
  });

  test('without PARAVIRT there is bare metal only', async () => {
    const table = `
                       | x86_64 native | i386-pae native | x86_64 invlpgb
    mainline           | safe          | safe            | safe
    sync-after-unlock  | safe          | safe            | safe
    no-sync            | safe          | safe            | safe
    unconditional-sync | safe          | safe            | safe`;
    const selection = { variants, arches: ['x86_64', 'i386-pae'], config: ['PARAVIRT=n'] };
    await expectTable(cells, SCENARIO, selection, table);
  });

  test('the forms of the first mail: a flush that sent IPIs to some is no wait for all', async () => {
    const table = `
             | i386-pae native | i386-pae hyperv   | i386-pae kvm
    v3       | safe            | safe              | unsafe torn-entry
    v3-reply | safe            | unsafe torn-entry | unsafe torn-entry`;
    const selection = { variants: ['v3', 'v3-reply'], arches: ['i386-pae'] };
    await expectTable(cells, SCENARIO, selection, table);
  });

  test('a reader that no flush reaches needs the wait, under the lock, from everybody', async () => {
    const table = `
                                  | i386-pae native   | i386-pae hyperv   | i386-pae kvm
    mainline+foreign-mm           | safe              | safe              | safe
    v3+foreign-mm                 | unsafe torn-entry | safe              | unsafe torn-entry
    v3-reply+foreign-mm           | unsafe torn-entry | unsafe torn-entry | unsafe torn-entry
    sync-after-unlock+foreign-mm  | unsafe torn-entry | unsafe torn-entry | unsafe torn-entry
    no-sync+foreign-mm            | unsafe torn-entry | unsafe torn-entry | unsafe torn-entry
    unconditional-sync+foreign-mm | unsafe torn-entry | unsafe torn-entry | unsafe torn-entry`;
    const foreign = cells.of(SCENARIO).map(({ configuration }) => configuration.variant);
    const selection = {
      variants: [...new Set(foreign)].filter((name) => name.includes('+')),
      arches: ['i386-pae'],
    };
    await expectTable(cells, SCENARIO, selection, table);
  });

  test('without PARAVIRT, before 6.15, such a reader is not waited for at all', async () => {
    const table = `
                        | i386-pae native
    mainline+foreign-mm | unsafe torn-entry`;
    const selection = {
      variants: ['mainline+foreign-mm'],
      arches: ['i386-pae'],
      config: ['PARAVIRT=n'],
    };
    await expectTable(cells, SCENARIO, selection, table);
  });
});

/** What a collapse flushes by: plainly, and in the forms of the first mail, which have a gather. */
const FLUSHES: Readonly<Record<string, readonly [plain: string, gathered: string]>> = {
  x86_64: ['flush_tlb_mm_range', '__flush_tlb_mm_range'],
  'i386-pae': ['flush_tlb_mm_range', '__flush_tlb_mm_range'],
  arm64: ['flush_tlb_range', '__flush_tlb_mm_range'],
  // Their own pmdp_collapse_flush() in either case.
  riscv: ['flush_tlb_mm', 'flush_tlb_mm'],
  s390: ['pmdp_flush_direct', 'pmdp_flush_direct'],
  powerpc: ['flush_all_mm', 'flush_all_mm'],
};

describe('the scope', () => {
  test.each(every)('$name', async (cell) => {
    const judged = await cells.judge(cell);
    if (judged.kind !== 'result') throw new Error('left out');
    const { scope, cuts } = judged.result.assumptions.bounds;
    expect(cuts).toEqual([]);
    expect(scope).toMatchObject({
      cpus: 3,
      preemptions: cell.configuration.platform === 'kvm' ? 1 : 0,
      nmis: 0,
    });
    const { intrinsics, fromTree } = judged.result.assumptions;
    const { arch, variant } = cell.configuration;
    const flush = FLUSHES[arch]![variant.startsWith('v3') ? 1 : 0];
    expect([...intrinsics, ...fromTree]).toContain(flush);
  });
});

describeCells(cells, every);

describe('--without', () => {
  const [mainline] = cells.of(SCENARIO, {
    variants: ['mainline'],
    arches: ['i386-pae'],
    platforms: ['hyperv'],
  });

  test('the sync: as if the variant had none', async () => {
    const found = await cells.judge(mainline!, 'tlb_remove_table_sync_one');
    expect(found).toMatchObject({ kind: 'result', verdict: 'unsafe torn-entry' });
  });

  test.each([
    ['no_such_function', 'unknown'],
    // Compiled and linked, and this scenario never comes there.
    ['get_user_pages_fast_only', 'never-called'],
  ])('%s gives no verdict', async (name, trouble) => {
    expect(await cells.judge(mainline!, name)).toEqual({ kind: 'left out', trouble });
  });

  test('a function that is empty in the configuration gives no verdict', async () => {
    const [cell] = cells.of(SCENARIO, {
      variants: ['mainline'],
      arches: ['x86_64'],
      platforms: ['hyperv'],
    });
    const judged = await cells.judge(cell!, 'pmdp_get_lockless_sync');
    expect(judged).toEqual({ kind: 'left out', trouble: 'empty' });
  });
});
