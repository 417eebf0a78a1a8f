/** The machine's own executions of the protocol that C model checkers count: as many as GenMC and Nidhugg, none asleep. */

import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/trace/format.ts';
import { shootdown } from '../cli/run-shootdown.ts';

/** Nidhugg's with commuting additions, GenMC's (and Nidhugg's) without. */
const COUNTS: readonly (readonly [variant: string, adds: 'on' | 'off', executions: number])[] = [
  ['n2', 'on', 36],
  ['n3', 'on', 216],
  ['n4', 'on', 1_296],
  ['n2', 'off', 57],
  ['n3', 'off', 1_014],
  ['n4', 'off', 31_825],
];

describe.each(['peer-gup', 'peer-gup-ipi'])('%s', (scenario) => {
  it.each(COUNTS)(
    '%s, commuting adds %s: %i executions',
    { timeout: 600_000 },
    async (variant, adds, executions) => {
      const options = ['--variant', variant, '--commuting-adds', adds, '--search', 'stateless'];
      const { out, err, code } = await shootdown(['check', scenario, ...options, '--json']);
      expect([err, code]).toEqual(['', 0]);
      const results = out
        .trim()
        .split('\n')
        .map((line): CheckResult => JSON.parse(line));
      expect(results.length).toBeGreaterThan(0);
      for (const result of results) {
        expect(result).toMatchObject({ verdict: 'safe', executions });
        expect(result.search).toMatchObject({ kind: 'stateless', asleep: 0 });
      }
    },
  );
});
