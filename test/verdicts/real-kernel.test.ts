/**
 * The tables of the built-in kernel again, on unmodified functions of a real
 * tree. Needs the build folders that `.ci/run` makes, in the folder named by
 * SHOOTDOWN_KERNEL_IR: `i386-pae`, `i386-pae-nohighpte`, `x86_64`.
 */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Cells } from './cells.ts';
import { expectAgreement, expectTable } from './table.ts';

const home = process.env.SHOOTDOWN_KERNEL_IR ?? '';
const reason = home === '' ? ' (not run: SHOOTDOWN_KERNEL_IR is not set)' : '';
const RETRACT = 'retract-vs-pte-map';
const COLLAPSE = 'collapse-vs-gup-fast';
const OWN = ['mainline', 'sync-after-unlock', 'no-sync', 'unconditional-sync'];

const opened = new Map<string, Cells>();
function on(name: string): Cells {
  const cells = opened.get(name) ?? new Cells(join(home, name));
  opened.set(name, cells);
  return cells;
}

/** What ran from the tree in some cell of the scenario. */
async function fromTree(cells: Cells, scenario: string): Promise<string[]> {
  const names = new Set<string>();
  for (const cell of cells.of(scenario)) {
    const judged = await cells.judge(cell);
    if (judged.kind !== 'result') throw new Error('left out');
    for (const name of judged.result.assumptions.fromTree) names.add(name);
  }
  return [...names];
}

describe.runIf(home !== '')(`the tables on a real tree${reason}`, () => {
  describe(RETRACT, () => {
    test('i386-pae', async () => {
      const table = `
                         | i386-pae native | i386-pae hyperv   | i386-pae kvm
      mainline           | safe            | safe              | safe
      sync-after-unlock  | safe            | unsafe torn-entry | unsafe torn-entry
      no-sync            | safe            | unsafe torn-entry | unsafe torn-entry
      unconditional-sync | safe            | unsafe torn-entry | unsafe torn-entry`;
      await expectTable(on('i386-pae'), RETRACT, { variants: OWN }, table);
    });

    test('i386-pae, a reader that no flush reaches', async () => {
      const table = `
                                    | i386-pae native   | i386-pae hyperv   | i386-pae kvm
      mainline+foreign-mm           | safe              | safe              | safe
      sync-after-unlock+foreign-mm  | unsafe torn-entry | unsafe torn-entry | unsafe torn-entry
      no-sync+foreign-mm            | unsafe torn-entry | unsafe torn-entry | unsafe torn-entry
      unconditional-sync+foreign-mm | unsafe torn-entry | unsafe torn-entry | unsafe torn-entry`;
      const variants = OWN.map((name) => `${name}+foreign-mm`);
      await expectTable(on('i386-pae'), RETRACT, { variants }, table);
    });

    test('i386-pae without HIGHPTE', async () => {
      const table = `
                         | i386-pae native | i386-pae hyperv | i386-pae kvm
      mainline           | safe            | safe            | safe
      sync-after-unlock  | safe            | safe            | safe
      no-sync            | safe            | safe            | safe
      unconditional-sync | safe            | safe            | safe`;
      await expectTable(on('i386-pae-nohighpte'), RETRACT, { variants: OWN }, table);
    });

    test('x86_64', async () => {
      const table = `
                         | x86_64 native | x86_64 hyperv | x86_64 kvm | x86_64 xen | x86_64 invlpgb
      mainline           | safe          | safe          | safe       | safe       | safe
      sync-after-unlock  | safe          | safe          | safe       | safe       | safe
      no-sync            | safe          | safe          | safe       | safe       | safe
      unconditional-sync | safe          | safe          | safe       | safe       | safe`;
      await expectTable(on('x86_64'), RETRACT, { variants: OWN }, table);
    });

    test("it is the tree's own code that ran", async () => {
      const ran = await fromTree(on('i386-pae'), RETRACT);
      expect(ran).toEqual(
        expect.arrayContaining([
          ...['__pte_offset_map', 'pmdp_get_lockless', 'pmdp_collapse_flush', 'pte_free_defer'],
          ...['__pte_alloc', 'pte_alloc_one', 'pmd_install'],
        ]),
      );
    });
  });

  describe(COLLAPSE, () => {
    test('x86_64', async () => {
      const table = `
                         | x86_64 native | x86_64 kvm            | x86_64 hyperv         | x86_64 xen            | x86_64 invlpgb
      mainline           | safe          | safe                  | safe                  | safe                  | safe
      no-sync            | safe          | unsafe use-after-free | unsafe use-after-free | unsafe use-after-free | unsafe use-after-free
      no-sync-no-recheck | safe          | unsafe lost-pin       | unsafe lost-pin       | unsafe lost-pin       | unsafe lost-pin
      no-recheck         | safe          | safe                  | safe                  | safe                  | safe`;
      await expectTable(on('x86_64'), COLLAPSE, {}, table);
    });

    test('the sync left out is no-sync', async () => {
      const cells = on('x86_64');
      for (const cell of cells.of(COLLAPSE, { variants: ['mainline'] })) {
        const { platform } = cell.configuration;
        const [bare] = cells.of(COLLAPSE, { variants: ['no-sync'], platforms: [platform] });
        const judged = await cells.judge(cell, 'tlb_remove_table_sync_one');
        expect(judged, cell.name).toMatchObject({ verdict: await cells.verdict(bare!) });
      }
    });

    test('the verdict names the platforms that the tree has no code for', async () => {
      const cells = on('x86_64');
      const [cell] = cells.of(COLLAPSE, { variants: ['mainline'], platforms: ['invlpgb'] });
      const judged = await cells.judge(cell!);
      if (judged.kind !== 'result') throw new Error('left out');
      const { scope } = judged.result.assumptions.bounds;
      expect(scope.platformCode).toContain('has no INVLPGB code: it came in 6.15');
    });
  });

  describe('every search finds the same', () => {
    const selection = { platforms: ['hyperv'] };
    const places = [
      ['i386-pae', RETRACT],
      ['x86_64', COLLAPSE],
    ] as const;
    const agree = async (name: string, scenario: string): Promise<void> => {
      const cells = on(name);
      for (const cell of cells.of(scenario, selection)) await expectAgreement(cells, cell);
    };
    // All variants in one test, and graphs with store buffers are large.
    test.each(home === '' ? [] : places)('%s %s', agree, 600_000);
  });
});
