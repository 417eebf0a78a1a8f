/**
 * Every name of the two mails is in the built-in kernel, in a scenario, or in
 * the page that goes through the mails. The mails are not part of the
 * project; what is code in them was taken by pattern: every word with an
 * underscore or in capitals, apart from prose, and the commits named.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');

const NAMES = `
  BUILD_BUG CONFIG_GUP_GET_PXX_LOW_HIGH CONFIG_PGTABLE_LEVELS CONFIG_TRANSPARENT_HUGEPAGE
  HPAGE_PMD_MASK HPAGE_PMD_SIZE VM_BUG_ON __pte_offset_map _pmd collapse_huge_page
  flush_tlb_mm_range flush_tlb_range local_irq_restore local_irq_save mm_struct mmu_gather
  mmu_notifier_invalidate_range_end pgt_pmd pmd_high pmd_low pmd_ptl pmd_t pmd_trans_huge
  pmdp_collapse_flush pmdp_collapse_flush_sync pmdp_get pmdp_get_lockless pmdp_get_lockless_end
  pmdp_get_lockless_start pmdp_get_lockless_sync pmdp_huge_get_and_clear pte_free_defer
  pte_unmap_unlock pudp_set_wrprotect retract_page_tables scan_result spin_unlock start_pte
  tlb_finish_mmu tlb_gather_mmu tlb_gather_mmu_vma tlb_gather_remove_table_sync_one
  tlb_remove_table_sync_one try_collapse_pte_mapped_thp vm_area_struct vm_mm 146b42e07494
  1043173eb5eb
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
