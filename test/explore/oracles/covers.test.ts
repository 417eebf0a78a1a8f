import { describe, expect, it } from 'vitest';
import type { Footprint } from '../../../src/explore/system.ts';
import {
  addToFootprint,
  COMMUTE,
  newFootprint,
  PASS,
  READ,
  WRITE,
} from '../../../src/explore/system.ts';
import { footprintCovers } from './covers.ts';

type Record = readonly [space: number, mode: number, low: number, high: number];

function footprint(...records: readonly Record[]): Footprint {
  const result = newFootprint(1);
  for (const [space, mode, low, high] of records) addToFootprint(result, space, mode, low, high);
  return result;
}

describe('footprintCovers', () => {
  it.each([
    [[[0, WRITE, 0, 8]], [[0, READ, 2, 4]], true],
    [[[0, READ, 0, 8]], [[0, WRITE, 2, 4]], false],
    [
      [
        [0, READ, 0, 4],
        [0, READ, 4, 8],
      ],
      [[0, READ, 2, 6]],
      true,
    ],
    [
      [
        [0, READ, 0, 4],
        [0, READ, 5, 8],
      ],
      [[0, READ, 2, 6]],
      false,
    ],
    [[[1, WRITE, 0, 1]], [[1, PASS, 0, 1]], false],
    [[[0, COMMUTE, 0, 4]], [[0, READ, 0, 4]], false],
    [[[0, WRITE, 0, 4]], [[0, COMMUTE, 0, 4]], true],
    [[], [], true],
  ] as readonly (readonly [Record[], Record[], boolean])[])(
    '%j covers %j: %s',
    (a, b, expected) => {
      expect(footprintCovers(footprint(...a), footprint(...b))).toBe(expected);
    },
  );
});
