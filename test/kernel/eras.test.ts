/** What an era changes in the built-in kernel, told by what each part is needed for. */

import { describe, expect, it } from 'vitest';
import { Cells } from '../verdicts/cells.ts';

const cells = new Cells();

async function judged(
  era: string,
  arch: string,
  platform: string,
  without: string | null,
  variant = 'mainline',
  scenario = 'munmap-vs-gup-fast',
): Promise<string> {
  const [cell] = cells.of(scenario, {
    era,
    arches: [arch],
    platforms: [platform],
    variants: [variant],
  });
  const found = await cells.judge(cell!, without);
  return found.kind === 'result' ? found.verdict : found.trouble;
}

describe('a table that there is no batch for', () => {
  const SYNC = 'tlb_remove_table_sync_one';

  it('waits for walkers by IPI, up to 6.12 and later on 32 bits', async () => {
    for (const [era, arch] of [
      ['6.1', 'x86_64'],
      ['6.12', 'x86_64'],
      ['6.18', 'i386-pae'],
    ] as const) {
      expect(await judged(era, arch, 'hyperv', null), era).toBe('safe');
      expect(await judged(era, arch, 'hyperv', SYNC), era).toBe('unsafe use-after-free');
    }
  });

  it('goes to RCU by itself in 6.18 on 64 bits', async () => {
    expect(await judged('6.18', 'x86_64', 'hyperv', null)).toBe('safe');
    expect(await judged('6.18', 'x86_64', 'hyperv', SYNC)).toBe('never-called');
  });

  it('or waits for a grace period', async () => {
    const without = 'tlb_remove_table_sync_rcu';
    expect(await judged('6.12', 'x86_64', 'hyperv', null, 'sync-rcu')).toBe('safe');
    const broken = await judged('6.12', 'x86_64', 'hyperv', without, 'sync-rcu');
    expect(broken).toBe('unsafe use-after-free');
  });
});

it('bare metal hangs by the flush IPI up to 6.12, by RCU in 6.18', async () => {
  const without = 'flush_tlb_mm_range';
  expect(await judged('6.12', 'x86_64', 'native', without)).toBe('unsafe use-after-free');
  expect(await judged('6.18', 'x86_64', 'native', without)).toBe('safe');
});

describe.each(['retract-vs-gup-fast', 'pte-mapped-collapse-vs-gup-fast'])('%s', (scenario) => {
  const table = async (era: string, arch: string, without: string | null): Promise<string> =>
    await judged(era, arch, 'hyperv', without, 'mainline', scenario);

  it('frees its table at once in 6.1, after a wait for walkers', async () => {
    expect(await table('6.1', 'x86_64', null)).toBe('safe');
    const broken = await table('6.1', 'x86_64', 'tlb_remove_table_sync_one');
    expect(broken).toBe('unsafe use-after-free');
    expect(await table('6.1', 'x86_64', 'pte_free_defer')).toBe('unknown');
  });

  it('leaves it to RCU since', async () => {
    const sync = 'tlb_remove_table_sync_one';
    expect(await table('6.12', 'x86_64', sync)).toBe('never-called');
    expect(await table('6.18', 'x86_64', sync)).toBe('never-called');
  });
});
