import { gepOffset, sizeOf, structLayout } from '../llvm/layout.ts';
import type { Module, Type, Value } from '../llvm/module.ts';
import { scalarsOf } from './scalars.ts';

/**
 * Constants, evaluated once addresses are known. A constant is a number of
 * `bits` width, or undefined where clang says undef or poison: that is
 * carried as a shadow, never taken as 0.
 */
export interface Constant {
  readonly bits: number;
  readonly value: bigint;
  readonly undefined: boolean;
}

/** Address of a function or variable as `module` sees the name. */
export type AddressOf = (name: string) => bigint;

/** The scalars of a constant operand, in memory order. Fails: TypeError on what lanes cannot hold. */
export function evaluateScalars(module: Module, value: Value, addressOf: AddressOf): Constant[] {
  const scalars = scalarsOf(module, value.type);
  switch (value.kind) {
    case 'zero':
    case 'null':
      return scalars.map(({ bits }) => ({ bits, value: 0n, undefined: false }));
    case 'undef':
    case 'poison':
      return scalars.map(({ bits }) => ({ bits, value: 0n, undefined: true }));
    case 'aggregate':
      return value.elements.flatMap((element) => evaluateScalars(module, element, addressOf));
    case 'bytes':
      return [...value.bytes].map((byte) => ({ bits: 8, value: BigInt(byte), undefined: false }));
    default:
      return [
        {
          bits: scalars[0]?.bits ?? 0,
          value: evaluate(module, value, addressOf),
          undefined: false,
        },
      ];
  }
}

function widthOf(module: Module, type: Type): number {
  return type.kind === 'int' ? type.bits : module.dataLayout.pointerBits;
}

/** A scalar constant as an unsigned number of its width. */
export function evaluate(module: Module, value: Value, addressOf: AddressOf): bigint {
  const bits = widthOf(module, value.type);
  switch (value.kind) {
    case 'int':
      return value.value;
    case 'zero':
    case 'null':
      return 0n;
    case 'global':
      return addressOf(value.name);
    case 'expression':
      break;
    default:
      throw new TypeError(`constant of kind ${value.kind} where a number is needed`);
  }
  const e = value.expression;
  const of = (operand: Value): bigint => evaluate(module, operand, addressOf);
  switch (e.op) {
    case 'getelementptr': {
      const { constant, terms } = gepOffset(module.dataLayout, e.source, e.indices);
      let address = of(e.base) + constant;
      for (const { index, scale } of terms)
        address += BigInt.asIntN(widthOf(module, index.type), of(index)) * scale;
      return BigInt.asUintN(bits, address);
    }
    case 'icmp':
    case 'select':
      throw new TypeError(`constant expression ${e.op}`);
    case 'sext':
      return BigInt.asUintN(bits, BigInt.asIntN(widthOf(module, e.value.type), of(e.value)));
    case 'trunc':
    case 'zext':
    case 'ptrtoint':
    case 'inttoptr':
    case 'bitcast':
    case 'addrspacecast':
      return BigInt.asUintN(bits, of(e.value));
    default:
      if ('left' in e) return BigInt.asUintN(bits, binary(e.op, of(e.left), of(e.right)));
      throw new TypeError(`constant expression ${e.op}`);
  }
}

function binary(op: string, left: bigint, right: bigint): bigint {
  switch (op) {
    case 'add':
      return left + right;
    case 'sub':
      return left - right;
    case 'mul':
      return left * right;
    case 'shl':
      return left << right;
    case 'lshr':
      return left >> right;
    case 'and':
      return left & right;
    case 'or':
      return left | right;
    case 'xor':
      return left ^ right;
    default:
      throw new TypeError(`constant expression ${op}`);
  }
}

/** Writes an initialiser into `bytes` at `at`; padding stays 0. */
export function writeInitializer(
  module: Module,
  value: Value,
  addressOf: AddressOf,
  bytes: Uint8Array,
  at: number,
): void {
  const layout = module.dataLayout;
  const type = value.type;
  switch (value.kind) {
    case 'zero':
    case 'null':
    case 'undef':
    case 'poison':
      return;
    case 'bytes':
      bytes.set(value.bytes, at);
      return;
    case 'aggregate': {
      const stride = type.kind === 'array' ? sizeOf(layout, type.element) : 0;
      value.elements.forEach((element, index) => {
        const offset =
          type.kind === 'struct' ? structLayout(layout, type).offsets[index]! : index * stride;
        writeInitializer(module, element, addressOf, bytes, at + offset);
      });
      return;
    }
    default: {
      if (type.kind !== 'int' && type.kind !== 'ptr') return;
      const size = sizeOf(layout, type);
      let rest = evaluate(module, value, addressOf);
      for (let i = 0; i < size; i++) {
        bytes[module.dataLayout.littleEndian ? at + i : at + size - 1 - i] = Number(rest & 0xffn);
        rest >>= 8n;
      }
    }
  }
}
