/** Every name of the two mails is in the built-in kernel, in a scenario, or in the page that goes through the mails. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');

const NAMES = `
  pmdp_collapse_flush_sync pmdp_collapse_flush tlb_remove_table_sync_one pmdp_get_lockless_sync
  tlb_gather_remove_table_sync_one mmu_gather collapse_huge_page try_collapse_pte_mapped_thp
  retract_page_tables mmu_notifier_invalidate_range_end pte_unmap_unlock tlb_gather_mmu_vma
  tlb_gather_mmu pmdp_huge_get_and_clear flush_tlb_mm_range flush_tlb_range tlb_finish_mmu BUILD_BUG
  pmdp_get_lockless pmdp_get pmdp_get_lockless_start pmdp_get_lockless_end __pte_offset_map
  CONFIG_PGTABLE_LEVELS CONFIG_GUP_GET_PXX_LOW_HIGH CONFIG_TRANSPARENT_HUGEPAGE HPAGE_PMD_MASK
  HPAGE_PMD_SIZE VM_BUG_ON pmd_trans_huge local_irq_save pte_free_defer spin_unlock scan_result
  pmd_low pmd_high vm_area_struct
`
  .trim()
  .split(/\s+/);

function textsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.[ch]$/.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'));
}

test('the names of the mails', () => {
  const text = [
    ...textsBelow(join(ROOT, 'kernel')),
    ...textsBelow(join(ROOT, 'scenarios')),
    readFileSync(join(ROOT, 'docs', 'seeds.md'), 'utf8'),
  ].join('\n');
  expect(NAMES.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});
