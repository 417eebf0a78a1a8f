/** `collapse-vs-gup-fast` on the built-in kernel: the tables by hand, both searches, and the sync left out. */

import { describe, expect, test } from 'vitest';
import { Cells } from './cells.ts';
import { describeCells, expectTable } from './table.ts';

const SCENARIO = 'collapse-vs-gup-fast';
const cells = new Cells();
/** The variants that any tree can run; the mails' other forms have a table of their own. */
const variants = ['mainline', 'no-sync', 'no-sync-no-recheck', 'no-recheck'];
const every = cells.of(SCENARIO);

describe('the table', () => {
  test('x86_64: a flush that waits for nobody is no sync', async () => {
    const table = `
                       | x86_64 native | x86_64 kvm            | x86_64 hyperv         | x86_64 xen            | x86_64 invlpgb
    mainline           | safe          | safe                  | safe                  | safe                  | safe
    no-sync            | safe          | unsafe use-after-free | unsafe use-after-free | unsafe use-after-free | unsafe use-after-free
    no-sync-no-recheck | safe          | unsafe lost-pin       | unsafe lost-pin       | unsafe lost-pin       | unsafe lost-pin
    no-recheck         | safe          | safe                  | safe                  | safe                  | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['x86_64'] }, table);
  });

  test('i386-pae', async () => {
    const table = `
                       | i386-pae native | i386-pae kvm          | i386-pae hyperv
    mainline           | safe            | safe                  | safe
    no-sync            | safe            | unsafe use-after-free | unsafe use-after-free
    no-sync-no-recheck | safe            | unsafe lost-pin       | unsafe lost-pin
    no-recheck         | safe            | safe                  | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['i386-pae'] }, table);
  });

  test('the forms of the first mail', async () => {
    const table = `
              | x86_64 native | x86_64 kvm            | x86_64 hyperv         | x86_64 xen | x86_64 invlpgb
    v3        | safe          | unsafe use-after-free | safe                  | safe       | safe
    v3-reply  | safe          | unsafe use-after-free | safe                  | safe       | safe
    v3-reused | safe          | unsafe use-after-free | safe                  | safe       | safe
    flag-kept | safe          | unsafe use-after-free | unsafe use-after-free | safe       | safe`;
    const forms = ['v3', 'v3-reply', 'v3-reused', 'flag-kept'];
    await expectTable(cells, SCENARIO, { variants: forms, arches: ['x86_64'] }, table);
  });
});

describe('the table of architectures whose flush may send no IPI to the kernel', () => {
  test('arm64: TLB instructions wait for hardware, for no walker', async () => {
    const table = `
                       | arm64 native
    mainline           | safe
    no-sync            | unsafe use-after-free
    no-sync-no-recheck | unsafe lost-pin
    no-recheck         | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['arm64'] }, table);
  });

  test('s390: the instruction that clears the entry waits for no software', async () => {
    const table = `
                       | s390 native
    mainline           | safe
    no-sync            | unsafe use-after-free
    no-sync-no-recheck | unsafe lost-pin
    no-recheck         | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['s390'] }, table);
  });

  test('powerpc: radix waits for hardware, hash for the CPUs of the mm', async () => {
    const table = `
                       | powerpc native        | powerpc hash
    mainline           | safe                  | safe
    no-sync            | unsafe use-after-free | safe
    no-sync-no-recheck | unsafe lost-pin       | safe
    no-recheck         | safe                  | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['powerpc'] }, table);
  });

  test('riscv: an IPI waits for the walker, the firmware does not', async () => {
    const table = `
                       | riscv native | riscv sbi
    mainline           | safe         | safe
    no-sync            | safe         | unsafe use-after-free
    no-sync-no-recheck | safe         | unsafe lost-pin
    no-recheck         | safe         | safe`;
    await expectTable(cells, SCENARIO, { variants, arches: ['riscv'] }, table);
  });
});

describeCells(cells, every);

describe('no-sync on a platform that does not wait: the frame may have a new owner first', () => {
  const selection = { variants: ['no-sync'], arches: ['x86_64'] };
  const unsafe = cells
    .of(SCENARIO, selection)
    .filter(({ configuration }) => configuration.platform !== 'native');
  test.each(unsafe)('$name', async (cell) => {
    const found = await cells.findings(cell);
    expect(found.some((one) => one.startsWith('use-after-free at '))).toBe(true);
    expect(found.some((one) => one.startsWith('use-after-reuse at '))).toBe(true);
  });
});

describe('mainline --without tlb_remove_table_sync_one is no-sync', () => {
  const mainline = every.filter(({ configuration }) => configuration.variant === 'mainline');
  test.each(mainline)('$name', async (cell) => {
    const { arch, platform } = cell.configuration;
    const selection = { variants: ['no-sync'], arches: [arch], platforms: [platform] };
    const [bare] = cells.of(SCENARIO, selection);
    const expected = await cells.verdict(bare!);
    const judged = await cells.judge(cell, 'tlb_remove_table_sync_one');
    expect(judged).toMatchObject({ kind: 'result', verdict: expected });
  });
});
