/**
 * Tests of the tests (explorer rules, C9): the searches and the toy machine
 * broken on purpose, one way at a time. Each must be noticed by the oracle
 * that is there for it. A mutation that stays unnoticed means that the suite
 * would not notice the same mistake either.
 */

import { describe, expect, it } from 'vitest';
import type { DporMutation } from '../../src/explore/dpor.ts';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { checkCommutation, checkFootprints, checkTraces } from './oracles.ts';
import { Random, randomProgram } from './random-program.ts';
import { expectation, findings, INTERRUPTS, WIDE } from './toys/litmus.ts';
import type { ProgramMutation } from './toys/program.ts';
import { ProgramToy } from './toys/program.ts';

/** Fixed: a mutation must be noticed in every run, not in most. */
const SEED = 20_261;
const PROGRAMS = 1500;

const SEARCH_MUTATIONS: readonly DporMutation[] = [
  'last-dependent-only',
  'no-look-past',
  'sleepers-not-woken',
  'no-races-at-end',
  'first-choice-only',
  'sleep-by-actor',
  'visited-set',
  'always-one-enough',
];

/** The number of random programs until an oracle notices; null where none does. */
async function noticedAfter(
  notices: (random: Random) => Promise<readonly string[] | null>,
): Promise<number | null> {
  const random = new Random(SEED);
  for (let n = 1; n <= PROGRAMS; n++) {
    const wrong = await notices(random);
    if (wrong !== null && wrong.length > 0) return n;
  }
  return null;
}

describe('a broken search loses or repeats executions', () => {
  it.each(SEARCH_MUTATIONS)('%s', async (mutation) => {
    const noticed = await noticedAfter((random) => {
      const program = randomProgram(random);
      return checkTraces(() => new ProgramToy(program), { limit: 300, mutation });
    });
    expect(noticed).not.toBeNull();
  });
});

const FOOTPRINT_MUTATIONS: readonly ProgramMutation[] = [
  'no-irq-guard',
  'no-control',
  'no-life',
  'read-only-locks',
];

/** Where a step is only ever forbidden while the other can be taken, both orders never exist: commutation cannot see it. */
const GUARD_MUTATIONS: readonly ProgramMutation[] = [
  'no-irq-guard',
  'no-reader-guard',
  'no-lock-guard',
];

describe('a footprint that leaves something out does not commute', () => {
  it.each(FOOTPRINT_MUTATIONS)('%s', async (mutation) => {
    const noticed = await noticedAfter(async (random) => {
      const program = randomProgram(random);
      return checkCommutation(() => new ProgramToy(program, mutation), 200);
    });
    expect(noticed).not.toBeNull();
  });
});

describe('a guard that is left out: what forbids a step is not passed', () => {
  it.each(GUARD_MUTATIONS)('%s', async (mutation) => {
    const noticed = await noticedAfter(async (random) => {
      const program = randomProgram(random);
      return checkFootprints(() => new ProgramToy(program, mutation), 200);
    });
    expect(noticed).not.toBeNull();
  });
});

const MACHINE_MUTATIONS: readonly ProgramMutation[] = [
  'grace-waits-for-nobody',
  'grace-waits-for-everybody',
  'whole-loads',
  'send-skips-a-target',
];

describe('a machine that is built wrongly has other litmus outcomes', () => {
  it.each(MACHINE_MUTATIONS)('%s', async (mutation) => {
    const different: string[] = [];
    for (const litmus of [...WIDE, ...INTERRUPTS]) {
      const found = await findings(litmus, exploreStateless, mutation);
      if (found !== expectation(litmus)) different.push(litmus.name);
    }
    expect(different).not.toEqual([]);
  });
});
