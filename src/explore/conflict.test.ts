import { describe, expect, it } from 'vitest';
import {
  CompactFootprint,
  changesGuard,
  conflicts,
  opensStrictGate,
  sameFootprint,
} from './conflict.ts';
import type { Footprint, Space } from './system.ts';
import {
  ARRIVE,
  addToFootprint,
  CLOSE,
  COMMUTE,
  LOAD,
  newFootprint,
  OPEN,
  PASS,
  READ,
  WRITE,
} from './system.ts';

const SPACES: readonly Space[] = [
  { name: 'memory', kind: 'bytes' },
  { name: 'gate', kind: 'gate', strict: true },
  { name: 'loose gate', kind: 'gate' },
];

type Record = readonly [space: number, mode: number, low: number, high: number];

function footprint(...records: readonly Record[]): Footprint {
  const result = newFootprint(1);
  for (const [space, mode, low, high] of records) addToFootprint(result, space, mode, low, high);
  return result;
}

function compact(...records: readonly Record[]): CompactFootprint {
  const result = new CompactFootprint();
  result.copyFrom(footprint(...records), SPACES);
  return result;
}

const MODES = {
  READ,
  WRITE,
  PASS,
  CLOSE,
  OPEN,
  ADD: COMMUTE,
  OTHER: COMMUTE + 1,
  LOAD,
  'LOAD+1': LOAD + 1,
  ARRIVE,
  'ARRIVE+1': ARRIVE + 1,
};

/** Every pair of modes on one place; what is not listed conflicts. */
const LOOKS = ['READ', 'PASS', 'LOAD', 'LOAD+1'];
const INDEPENDENT = [
  ...LOOKS.flatMap((one) => LOOKS.map((other) => `${one} ${other}`)),
  'ADD ADD',
  'OTHER OTHER',
  'LOAD ARRIVE',
  'ARRIVE LOAD',
  'LOAD+1 ARRIVE+1',
  'ARRIVE+1 LOAD+1',
];

describe('conflicts', () => {
  for (const [nameA, a] of Object.entries(MODES)) {
    for (const [nameB, b] of Object.entries(MODES)) {
      const expected = !INDEPENDENT.includes(`${nameA} ${nameB}`);
      it(`${nameA} and ${nameB}: ${expected ? 'dependent' : 'independent'}`, () => {
        for (const space of [0, 1, 2]) {
          expect(conflicts(compact([space, a, 8, 12]), compact([space, b, 8, 12]))).toBe(expected);
        }
      });
    }
  }

  it.each([
    [[0, WRITE, 0, 4], [0, WRITE, 4, 8], false],
    [[0, WRITE, 0, 5], [0, READ, 4, 8], true],
    [[0, WRITE, 4, 5], [0, READ, 0, 100_000], true],
    [[0, WRITE, 0, 4], [1, WRITE, 0, 4], false],
    [[0, WRITE, 0xffff_fff0, 0xffff_ffff], [0, READ, 0xffff_fff8, 0xffff_ffff], true],
    // An 8-byte add carries into the upper half, a 4-byte add does not.
    [[0, COMMUTE, 0, 8], [0, COMMUTE, 0, 4], true],
    [[0, COMMUTE, 0, 4], [0, COMMUTE, 4, 8], false],
  ] as const)('%j and %j: %s', (a, b, expected) => {
    expect(conflicts(compact(a), compact(b))).toBe(expected);
    expect(conflicts(compact(b), compact(a))).toBe(expected);
  });

  it('finds the one conflict among many records', () => {
    const many = Array.from({ length: 40 }, (_, i): Record => [0, READ, 64 * i, 64 * i + 4]);
    expect(conflicts(compact(...many), compact([0, WRITE, 64 * 39 + 3, 64 * 39 + 9]))).toBe(true);
    expect(conflicts(compact(...many), compact([0, WRITE, 64 * 39 + 4, 64 * 39 + 9]))).toBe(false);
  });
});

describe('guards', () => {
  const lock = compact([1, PASS, 0, 1], [1, CLOSE, 0, 1]);
  const unlock = compact([1, OPEN, 0, 1]);
  it('an OPEN changes a guard and never forbids', () => {
    expect(changesGuard(unlock, lock, false)).toBe(true);
    expect(changesGuard(unlock, lock, true)).toBe(false);
    expect(changesGuard(lock, lock, true)).toBe(true);
  });
  it('only what is passed is a guard', () => {
    const store = compact([0, WRITE, 0, 4]);
    expect(changesGuard(store, compact([0, READ, 0, 4]), false)).toBe(false);
    expect(changesGuard(store, compact([0, PASS, 0, 4]), true)).toBe(true);
  });
  it('only a strict gate promises that what passes it had to wait', () => {
    expect(opensStrictGate(unlock, lock, SPACES)).toBe(true);
    expect(opensStrictGate(compact([2, OPEN, 0, 1]), compact([2, PASS, 0, 1]), SPACES)).toBe(false);
    expect(opensStrictGate(lock, lock, SPACES)).toBe(false);
  });
});

it('sameFootprint compares records in order', () => {
  expect(sameFootprint(compact([0, READ, 0, 4]), compact([0, READ, 0, 4]))).toBe(true);
  expect(sameFootprint(compact([0, READ, 0, 4]), compact([0, PASS, 0, 4]))).toBe(false);
  expect(sameFootprint(compact([0, READ, 0, 4]), compact())).toBe(false);
});
