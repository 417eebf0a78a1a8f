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

async function expectExecutions(
  scenario: string,
  variant: string,
  memory: 'sc' | 'tso',
  adds: 'on' | 'off',
  executions: number,
): Promise<void> {
  const options = ['--variant', variant, '--commuting-adds', adds, '--memory', memory];
  const { out, err, code } = await shootdown([
    ...['check', scenario, '--search', 'stateless', '--json'],
    ...options,
  ]);
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
}

describe.each(['peer-gup', 'peer-gup-ipi'])('%s', (scenario) => {
  it.each(COUNTS)(
    '%s, commuting adds %s: %i executions',
    { timeout: 600_000 },
    async (variant, adds, executions) => {
      await expectExecutions(scenario, variant, 'sc', adds, executions);
    },
  );
});

/**
 * Under x86-TSO. With the machine's own interrupt flag, and with barriers that
 * leave nothing to see of a store buffer, there is nothing more to see than
 * under sequential consistency; Nidhugg has 57 there for two walkers as well.
 */
describe('with store buffers', () => {
  it.each(COUNTS.slice(0, 2).concat(COUNTS.slice(3, 5)))(
    'peer-gup-ipi %s, commuting adds %s: %i executions',
    { timeout: 600_000 },
    async (variant, adds, executions) => {
      await expectExecutions('peer-gup-ipi', variant, 'tso', adds, executions);
    },
  );

  it.each([
    ['n2-barriers', 'off', 57],
    ['n2-barriers', 'on', 36],
    ['n3-barriers', 'off', 1_014],
    ['n3-barriers', 'on', 216],
  ] as const)(
    'peer-gup %s, commuting adds %s: %i executions',
    async (variant, adds, executions) => {
      await expectExecutions('peer-gup', variant, 'tso', adds, executions);
    },
  );
});
