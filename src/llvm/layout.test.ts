import { describe, expect, test } from 'vitest';
import {
  alignOf,
  gepOffset,
  parseDataLayout,
  sizeInBits,
  sizeOf,
  storeSizeOf,
  structLayout,
} from './layout.ts';
import type { Type, Value } from './module.ts';
import { intType, ptrType, type StructType } from './types.ts';

const X86_64 = parseDataLayout(
  'e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128',
);
const I386 = parseDataLayout(
  'e-m:e-p:32:32-p270:32:32-p271:32:32-p272:64:64-i128:128-f64:32:64-f80:32-n8:16:32-S128',
);
const S390X = parseDataLayout('E-S64-m:e-i1:8:16-i8:8:16-i64:64-f128:64-v128:64-a:8:16-n32:64');

function struct(fields: readonly Type[], packed = false): StructType {
  return { kind: 'struct', name: null, fields, packed, opaque: false };
}

const DOUBLE: Type = { kind: 'float', name: 'double' };
const EXTENDED: Type = { kind: 'float', name: 'x86_fp80' };

test('byte order and pointers', () => {
  expect(X86_64).toMatchObject({ littleEndian: true, pointerBits: 64, pointerAlign: 8 });
  expect(I386).toMatchObject({ littleEndian: true, pointerBits: 32, pointerAlign: 4 });
  expect(S390X).toMatchObject({ littleEndian: false, pointerBits: 64 });
  expect(sizeOf(X86_64, ptrType(270))).toBe(4);
  expect(sizeOf(I386, ptrType(272))).toBe(8);
});

test('eight bytes are aligned to four on i386', () => {
  const fields = [intType(8), intType(64), DOUBLE, ptrType(), EXTENDED];
  expect(structLayout(X86_64, struct(fields)).offsets).toEqual([0, 8, 16, 24, 32]);
  expect(structLayout(I386, struct(fields)).offsets).toEqual([0, 4, 12, 20, 24]);
  expect(structLayout(I386, struct(fields)).size).toBe(36);
});

test('x86_fp80 takes what its alignment makes of ten bytes', () => {
  expect(storeSizeOf(X86_64, EXTENDED)).toBe(10);
  expect([sizeOf(X86_64, EXTENDED), sizeOf(I386, EXTENDED)]).toEqual([16, 12]);
});

test('widths that the layout does not name', () => {
  // The next wider one decides, and above all of them the widest.
  expect(alignOf(X86_64, intType(24))).toBe(4);
  expect(alignOf(X86_64, intType(40))).toBe(8);
  expect(alignOf(X86_64, intType(256))).toBe(16);
  expect(alignOf(parseDataLayout('e-i64:64'), intType(128))).toBe(8);
  expect(sizeOf(X86_64, intType(33))).toBe(8);
  expect(sizeOf(X86_64, intType(1))).toBe(1);
  expect(sizeInBits(X86_64, intType(33))).toBe(33);
});

test('packed structs, arrays, vectors', () => {
  const inner = struct([intType(8), intType(64)], true);
  expect(structLayout(X86_64, inner)).toEqual({ size: 9, align: 1, offsets: [0, 1] });
  expect(sizeOf(X86_64, { kind: 'array', count: 3, element: inner })).toBe(27);
  const vector: Type = { kind: 'vector', count: 3, element: intType(32), scalable: false };
  expect([storeSizeOf(X86_64, vector), sizeOf(X86_64, vector)]).toEqual([12, 16]);
  const bools: Type = { kind: 'vector', count: 16, element: intType(1), scalable: false };
  expect(storeSizeOf(X86_64, bools)).toBe(2);
  expect(sizeOf(X86_64, struct([]))).toBe(0);
});

test('what has no size', () => {
  const opaque: StructType = { kind: 'struct', name: 's', fields: [], packed: false, opaque: true };
  expect(() => sizeOf(X86_64, opaque)).toThrow('%s has no size');
  expect(() => sizeOf(X86_64, { kind: 'void' })).toThrow('void has no size');
});

describe('a data layout that is not understood', () => {
  test.each(['x-y:z', 'e-i64', 'e-i64:60', 'e-p:64', 'e-i64:0', 'e-v128:24'])('%s', (text) => {
    expect(() => parseDataLayout(text)).toThrow('data layout');
  });
});

describe('getelementptr', () => {
  const outer = struct([
    intType(32),
    { kind: 'array', count: 4, element: struct([intType(8), intType(64)]) },
  ]);
  const int = (value: number, bits = 64): Value => {
    const type = intType(bits);
    return { kind: 'int', type, value: BigInt.asUintN(bits, BigInt(value)) };
  };
  const local: Value = { kind: 'local', type: intType(64), index: 3 };

  test('constants are folded, and signed by their own width', () => {
    expect(gepOffset(X86_64, outer, [int(2), int(1, 32), int(3), int(1, 32)])).toEqual({
      constant: BigInt(2 * 72 + 8 + 3 * 16 + 8),
      terms: [],
      indexBits: 64,
    });
    expect(gepOffset(I386, outer, [int(-1, 32), int(1, 32)]).constant).toBe(BigInt(-52 + 4));
    expect(gepOffset(X86_64, intType(8), [int(255, 8)]).constant).toBe(-1n);
  });

  test('what is known only at run time is a term', () => {
    expect(gepOffset(X86_64, outer, [local, int(1, 32), local, int(1, 32)])).toEqual({
      constant: 16n,
      terms: [
        { index: local, scale: 72n },
        { index: local, scale: 16n },
      ],
      indexBits: 64,
    });
    const poison: Value = { kind: 'poison', type: intType(64) };
    expect(gepOffset(X86_64, outer, [poison]).terms).toEqual([{ index: poison, scale: 72n }]);
  });

  test('offsets wrap at the width of indexes', () => {
    expect(gepOffset(I386, intType(32), [int(0x40000000, 32)]).constant).toBe(0n);
    expect(gepOffset(I386, intType(8), [int(0xc0000000)]).constant).toBe(-0x40000000n);
  });

  test('a path that the type does not have', () => {
    expect(() => gepOffset(X86_64, outer, [int(0), int(2, 32)])).toThrow('no field');
    expect(() => gepOffset(X86_64, outer, [int(0), local])).toThrow('no field');
    expect(() => gepOffset(X86_64, intType(8), [int(0), int(0)])).toThrow('cannot enter i8');
  });
});
