/** The options of the search, from the command line to the report: which search, and whether additions commute. */

import { describe, expect, test } from 'vitest';
import type { CheckResult } from '../../src/trace/format.ts';
import { shootdown } from './run-shootdown.ts';

const PEER = ['check', 'peer-gup', '--arch', 'x86_64', '--memory', 'sc', '--json'];

async function checked(...words: string[]): Promise<CheckResult> {
  const { out, err, code } = await shootdown([...PEER, ...words]);
  expect([err, code]).toEqual(['', 0]);
  return JSON.parse(out);
}

describe('the protocol that C model checkers count', () => {
  // Nidhugg's numbers with commuting additions, and GenMC's without.
  test.each([
    [['--variant', 'n2'], true, 36],
    [['--variant', 'n3', '--commuting-adds', 'on'], true, 216],
    [['--variant', 'n2', '--commuting-adds', 'off'], false, 57],
    [['--variant', 'n3', '--commuting-adds', 'off'], false, 1_014],
  ] as const)('%j', async (words, commutingAdds, executions) => {
    const { search, ...result } = await checked(...words);
    expect(result).toMatchObject({ verdict: 'safe', executions });
    expect(search).toMatchObject({ kind: 'stateless', traces: executions, commutingAdds });
    expect(search?.why).not.toBe('asked for');
    // Each step begins with a visible operation; the last may leave only private ones.
    expect(search?.instructions.visible).toBeGreaterThan(executions);
    const { transitions, looks } = search ?? { transitions: 0, looks: 0 };
    expect(search?.instructions.visible).toBeLessThanOrEqual(transitions + looks);
    expect(search?.madeVisible).toBeGreaterThan(0);
    expect(search?.restarts).toBeGreaterThan(0);
  });
});

test('the graph is searched when it is asked for, and says what a state takes', async () => {
  const { search, ...result } = await checked('--variant', 'n2', '--search', 'graph');
  expect(result.verdict).toBe('safe');
  expect(search).toMatchObject({
    kind: 'graph',
    why: 'asked for',
    order: 'breadth',
    symmetric: false,
    traces: null,
    states: result.states,
  });
  expect(search?.bytesPerState).toBeGreaterThan(0);
});

test.each([
  [['--commuting-adds', 'perhaps'], "--commuting-adds is on or off, not 'perhaps'"],
  [['--search', 'graph', '--max-executions', '5'], '--max-executions limits the stateless search'],
])('%j is refused', async (words, reason) => {
  const { code, out, err } = await shootdown([...PEER, ...words]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(reason);
});
