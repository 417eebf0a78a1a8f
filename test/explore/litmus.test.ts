/** The litmus tests, on both searches, as exact sets. */

import { describe, expect, it } from 'vitest';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import type { Instruction } from './toys/instructions.ts';
import type { Litmus } from './toys/litmus.ts';
import {
  cli,
  expectation,
  findings,
  INTERRUPTS,
  MEMORY,
  sti,
  store,
  WIDE,
  wait,
  withHalf,
  X,
} from './toys/litmus.ts';
import { ProgramToy } from './toys/program.ts';
import { PROPERTY } from './toys/program-parts.ts';

async function check(litmus: Litmus): Promise<void> {
  expect(await findings(litmus, exploreStateless)).toBe(expectation(litmus));
  expect(await findings(litmus, exploreGraph)).toBe(expectation(litmus));
}

describe('memory, sequentially consistent', () => {
  for (const litmus of [...MEMORY, ...MEMORY.map(withHalf), ...WIDE]) {
    it(litmus.name, () => check(litmus));
  }
});

describe('interrupts and grace periods', () => {
  for (const litmus of INTERRUPTS) it(litmus.name, () => check(litmus));
});

describe('masking interrupts is not a store', () => {
  // The collapse of finding 6 in small: withdraw, interrupt the reader, free.
  // A checker that keeps the interrupt mask in memory needs a barrier here
  // that no kernel has; a machine that knows interrupts needs none.
  const load0: Instruction = { op: 'load', from: X, register: 0 };
  const reader: readonly Instruction[] = [cli, load0, { op: 'use', register: 0 }, sti];
  const writer = (sync: readonly Instruction[]): readonly Instruction[] => [
    { op: 'alloc', register: 0 },
    { op: 'store-register', to: X, register: 0 },
    store(X, 0),
    ...sync,
    { op: 'free', register: 0 },
  ];
  const ack: Instruction = { op: 'send', targets: [1], handler: { do: 'ack' }, waited: true };

  it.each([
    ['interrupted before the free: safe', [ack, wait], []],
    ['interrupted, not waited for: use after free', [ack], [PROPERTY.useAfterFree]],
    ['not interrupted: use after free', [], [PROPERTY.useAfterFree]],
  ] as const)('%s', async (_name, sync, expected) => {
    const program = { cpus: [writer(sync), reader], locations: 1, frames: 1 };
    for (const search of [exploreStateless, exploreGraph]) {
      const result = await search(new ProgramToy(program));
      expect(result.kind).toBe('complete');
      expect(result.violations.map(({ property }) => property)).toEqual(expected);
    }
  });
});
