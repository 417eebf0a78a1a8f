/**
 * What lowering leaves out changes no verdict and no final state: locals as
 * registers instead of memory, and keys without what nobody reads again.
 */

import { describe, expect, it } from 'vitest';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import {
  buildScenario,
  configurationsOf,
  findings,
  outcomes,
  searchToEnd,
} from './build-system.ts';

const WITHOUT = [{ promote: false }, { liveness: false }] as const;

describe.each([
  ['free-before-sync', 'sync-then-free', 'i386-pae', 'hyperv'],
  ['free-before-sync', 'free-then-sync', 'x86_64', 'kvm'],
  ['irq-mask-is-not-a-store', 'waited-ipi', 'x86_64', 'native'],
  ['retract-bugs', 'free-twice', 'x86_64', 'native'],
])('%s %s on %s %s', (scenario, variant, arch, platform) => {
  const configuration = configurationsOf(scenario).find(
    (one) => one.variant === variant && one.arch === arch && one.platform === platform,
  )!;
  const search = async (simplifications: { promote?: boolean; liveness?: boolean }) => {
    const system = (await buildScenario(configuration, { simplifications })).open();
    const graph = await searchToEnd(system, exploreGraph, { collectFinals: true });
    const reduced = await searchToEnd(system, exploreStateless);
    expect(findings(system, reduced)).toEqual(findings(system, graph));
    // The stack of a CPU that was halted is in its last state, wherever locals are.
    const finals = [...graph.finals!].filter((key) => key.startsWith('.')).sort();
    return { found: findings(system, graph), finals, states: graph.states };
  };
  const plain = search({});

  it.each(WITHOUT)('is the same with %o', async (simplifications) => {
    const { found, finals, states } = await plain;
    const other = await search(simplifications);
    expect(other.found).toEqual(found);
    expect(other.finals).toEqual(finals);
    expect(other.states).toBeGreaterThanOrEqual(states);
  });
});

it.each(WITHOUT)('loops, phis and what handlers interrupt are the same with %o', async (one) => {
  const text = `
    static int begun, x, seen;
    static void look(void *info) { if (READ_ONCE(begun)) WRITE_ONCE(seen, *(int *)info + READ_ONCE(x)); }
    static int seven = 7;
    void cpu0(void) {
      int sum = 0;
      for (int i = 0; i < 3; i++) { int v = shootdown_choose(2); WRITE_ONCE(begun, 1); sum += v ? i : 0; WRITE_ONCE(x, sum); }
    }
    void cpu1(void) { smp_call_function(look, &seven, 1); (void)(READ_ONCE(begun) + READ_ONCE(x) + READ_ONCE(seen)); }`;
  const values = { x: [0, 1, 2, 3], seen: [0, 7, 8, 9, 10] };
  const plain = await outcomes(text, values);
  expect(plain.length).toBeGreaterThan(8);
  expect(await outcomes(text, values, { simplifications: one })).toEqual(plain);
});
