/**
 * Where things lie in memory: sizes, alignments and offsets of types under a
 * data layout. The rules are LLVM's, so that an address computed here is the
 * address that the compiled code would use.
 */

import type { DataLayout, PointerLayout, Type, Value } from './module.ts';
import { printType, type StructType } from './types.ts';

/** A struct's place in memory, in bytes. */
export interface StructLayout {
  /** With the padding at its end. */
  readonly size: number;
  readonly align: number;
  readonly offsets: readonly number[];
}

/** The alignments that LLVM assumes where a data layout is silent. */
const DEFAULT_INTEGERS: readonly (readonly [number, number])[] = [
  [1, 1],
  [8, 1],
  [16, 2],
  [32, 4],
  [64, 4],
];
const DEFAULT_FLOATS: readonly (readonly [number, number])[] = [
  [16, 2],
  [32, 4],
  [64, 8],
  [128, 16],
];
const DEFAULT_VECTORS: readonly (readonly [number, number])[] = [
  [64, 8],
  [128, 16],
];
const DEFAULT_POINTER: PointerLayout = { bits: 64, align: 8, indexBits: 64 };

const FLOAT_BITS: Readonly<Record<string, number>> = {
  half: 16,
  bfloat: 16,
  float: 32,
  double: 64,
  fp128: 128,
  x86_fp80: 80,
  ppc_fp128: 128,
};

/** Reads a `target datalayout`. Fails: `Error` for a part that is not known. */
export function parseDataLayout(text: string): DataLayout {
  let littleEndian = true;
  let aggregateAlign = 1;
  const integerAlign = new Map(DEFAULT_INTEGERS);
  const floatAlign = new Map(DEFAULT_FLOATS);
  const vectorAlign = new Map(DEFAULT_VECTORS);
  const pointers = new Map<number, PointerLayout>([[0, DEFAULT_POINTER]]);
  for (const part of text === '' ? [] : text.split('-')) {
    const sized = /^([ifv])(\d+):(\d+)(?::\d+)?$/.exec(part);
    const aggregate = /^a(?:0)?:(\d+)(?::\d+)?$/.exec(part);
    const pointer = /^p(\d*):(\d+):(\d+)(?::\d+)?(?::(\d+))?$/.exec(part);
    if (part === 'e' || part === 'E') littleEndian = part === 'e';
    else if (sized !== null) {
      const map = { i: integerAlign, f: floatAlign, v: vectorAlign }[sized[1] as 'i' | 'f' | 'v'];
      map.set(Number(sized[2]), bytes(part, Number(sized[3])));
    } else if (aggregate !== null) {
      aggregateAlign = aggregate[1] === '0' ? 1 : bytes(part, Number(aggregate[1]));
    } else if (pointer !== null) {
      const bits = Number(pointer[2]);
      // The fifth number is the width of indexes; the fourth, matched and left, is a preference.
      const indexBits = pointer[4] === undefined ? bits : Number(pointer[4]);
      pointers.set(Number(pointer[1]), { bits, align: bytes(part, Number(pointer[3])), indexBits });
    } else if (!isIrrelevant(part)) throw new Error(`unknown part \`${part}\` of the data layout`);
  }
  const ordinary = pointers.get(0) ?? DEFAULT_POINTER;
  pointers.delete(0);
  return {
    text,
    littleEndian,
    pointerBits: ordinary.bits,
    pointerAlign: ordinary.align,
    pointers,
    integerAlign,
    floatAlign,
    vectorAlign,
    aggregateAlign,
  };
}

function bytes(part: string, bits: number): number {
  if (bits === 0 || bits % 8 !== 0 || Math.log2(bits) % 1 !== 0)
    throw new Error(`\`${part}\` of the data layout is no alignment`);
  return bits / 8;
}

/** Stack alignment, mangling, native integers, function pointers, default address spaces: nothing of types. */
function isIrrelevant(part: string): boolean {
  return /^(S\d+|m:[a-z]|n\d+(:\d+)*|F[ni]\d+|[PAG]\d+|ni(:\d+)+)$/.test(part);
}

/** The pointers of an address space. */
export function pointerLayout(layout: DataLayout, addressSpace = 0): PointerLayout {
  const { pointerBits, pointerAlign } = layout;
  return (
    layout.pointers.get(addressSpace) ?? {
      bits: pointerBits,
      align: pointerAlign,
      indexBits: pointerBits,
    }
  );
}

function noSize(type: Type): Error {
  return new Error(`${printType(type)} has no size`);
}

/** The bits of a value of `type`, without padding behind them. */
export function sizeInBits(layout: DataLayout, type: Type): number {
  switch (type.kind) {
    case 'int':
      return type.bits;
    case 'float':
      return FLOAT_BITS[type.name];
    case 'ptr':
      return pointerLayout(layout, type.addressSpace).bits;
    case 'array':
      return 8 * type.count * sizeOf(layout, type.element);
    case 'vector':
      if (type.scalable) throw noSize(type);
      return type.count * sizeInBits(layout, type.element);
    case 'struct':
      return 8 * structLayout(layout, type).size;
    default:
      throw noSize(type);
  }
}

/** The bytes that a load or a store of `type` touches. */
export function storeSizeOf(layout: DataLayout, type: Type): number {
  return Math.ceil(sizeInBits(layout, type) / 8);
}

/** The distance in bytes from one element of `type` to the next in an array: what an alloca of it takes. */
export function sizeOf(layout: DataLayout, type: Type): number {
  return alignUp(storeSizeOf(layout, type), alignOf(layout, type));
}

/** The ABI's alignment in bytes. */
export function alignOf(layout: DataLayout, type: Type): number {
  switch (type.kind) {
    case 'int':
      return integerAlignOf(layout, type.bits);
    case 'float': {
      const bits = FLOAT_BITS[type.name];
      return layout.floatAlign.get(bits) ?? powerOf2Ceil(bits / 8);
    }
    case 'ptr':
      return pointerLayout(layout, type.addressSpace).align;
    case 'array':
      return alignOf(layout, type.element);
    case 'vector': {
      const known = layout.vectorAlign.get(sizeInBits(layout, type));
      return known ?? powerOf2Ceil(storeSizeOf(layout, type));
    }
    case 'struct': {
      const own = structLayout(layout, type).align;
      return type.packed ? own : Math.max(own, layout.aggregateAlign);
    }
    default:
      throw noSize(type);
  }
}

function integerAlignOf(layout: DataLayout, bits: number): number {
  const exact = layout.integerAlign.get(bits);
  if (exact !== undefined) return exact;
  const widths = [...layout.integerAlign.keys()].sort((one, other) => one - other);
  const width = widths.find((candidate) => candidate > bits) ?? widths[widths.length - 1];
  return layout.integerAlign.get(width) ?? 1;
}

function powerOf2Ceil(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(value, 1)));
}

function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

const structLayouts = new WeakMap<DataLayout, WeakMap<StructType, StructLayout>>();

/** Size, alignment and field offsets of a struct. Fails: `Error` for an opaque one. */
export function structLayout(layout: DataLayout, struct: StructType): StructLayout {
  let known = structLayouts.get(layout);
  if (known === undefined) structLayouts.set(layout, (known = new WeakMap()));
  let found = known.get(struct);
  if (found === undefined) known.set(struct, (found = layStruct(layout, struct)));
  return found;
}

function layStruct(layout: DataLayout, struct: StructType): StructLayout {
  if (struct.opaque) throw noSize(struct);
  const offsets: number[] = [];
  let size = 0;
  let align = 1;
  for (const field of struct.fields) {
    const own = struct.packed ? 1 : alignOf(layout, field);
    size = alignUp(size, own);
    offsets.push(size);
    size += sizeOf(layout, field);
    align = Math.max(align, own);
  }
  return { size: alignUp(size, align), align, offsets };
}

/** How far a `getelementptr` moves: `constant` and, for each index that is known only at run time, index times scale. */
export interface GepOffset {
  /** In bytes, signed, within the width of indexes. */
  readonly constant: bigint;
  /** Each index is taken as signed and cut or extended to `indexBits`. */
  readonly terms: readonly { readonly index: Value; readonly scale: bigint }[];
  readonly indexBits: number;
}

/** The offset of a `getelementptr` over `source`. An index that is undef or poison is a term: what becomes of it is the engine's business. */
export function gepOffset(
  layout: DataLayout,
  source: Type,
  indices: readonly Value[],
  addressSpace = 0,
): GepOffset {
  const { indexBits } = pointerLayout(layout, addressSpace);
  const terms: { index: Value; scale: bigint }[] = [];
  let constant = 0n;
  let type = source;
  indices.forEach((index, at) => {
    if (at > 0 && type.kind === 'struct') {
      const field = Number(constantIndex(index) ?? -1n);
      if (field < 0 || field >= type.fields.length)
        throw new Error(`${printType(type)} has no field with such an index`);
      constant += BigInt(structLayout(layout, type).offsets[field]);
      type = type.fields[field];
      return;
    }
    if (at > 0) {
      if (type.kind !== 'array' && type.kind !== 'vector')
        throw new Error(`a getelementptr cannot enter ${printType(type)}`);
      type = type.element;
    }
    const scale = BigInt(sizeOf(layout, type));
    const known = constantIndex(index);
    if (known === null) terms.push({ index, scale });
    else constant += known * scale;
  });
  return { constant: BigInt.asIntN(indexBits, constant), terms, indexBits };
}

/** The signed value of an index that is a literal, else null. */
function constantIndex(index: Value): bigint | null {
  if (index.kind === 'zero') return 0n;
  if (index.kind !== 'int' || index.type.kind !== 'int') return null;
  return BigInt.asIntN(index.type.bits, index.value);
}
