/**
 * Types. Named structs may be used before they are defined, so a name is
 * given its object at the first mention and its fields later; `finish`
 * refuses a module that never defined one.
 */

import type { Cursor } from './cursor.ts';
import { ELLIPSIS, INTEGER, LOCAL, WORD } from './cursor.ts';
import { errorAt, producerOf, TYPED_POINTER_HINT, typedPointerProblem } from './error.ts';
import type { Type } from './module.ts';
import {
  type FunctionType,
  intType,
  LABEL_TYPE,
  METADATA,
  ptrType,
  type StructType,
  TOKEN,
  VOID,
} from './types.ts';

const ASTERISK = 0x2a;
const PAREN = 0x28;

const SIMPLE: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['void', VOID],
  ['label', LABEL_TYPE],
  ['metadata', METADATA],
  ['token', TOKEN],
  ...(['half', 'bfloat', 'float', 'double', 'fp128', 'x86_fp80', 'ppc_fp128'] as const).map(
    (name): [string, Type] => [name, { kind: 'float', name }],
  ),
]);

const intTypes = new Map<string, Type>();

/** The named structs of one module. */
export class TypeTable {
  readonly structs: Map<string, StructType> = new Map();
  /** Where each name that is still without a definition was first used. */
  private readonly undefinedAt = new Map<string, number>();

  /** The struct `name`, used at `offset`. */
  use(name: string, offset: number): StructType {
    const known = this.structs.get(name);
    if (known !== undefined) return known;
    const made: StructType = { kind: 'struct', name, fields: [], packed: false, opaque: true };
    this.structs.set(name, made);
    this.undefinedAt.set(name, offset);
    return made;
  }

  /** Reads what stands behind `%name =`: `type { ... }`, `type <{ ... }>` or `type opaque`. */
  define(c: Cursor, name: string, offset: number): void {
    const struct = this.use(name, offset);
    if (!this.undefinedAt.delete(name)) throw c.fail(`type \`%${name}\` is defined twice`);
    c.expectWord('type');
    if (c.accept('opaque')) return;
    const body = parseType(c, this);
    if (body.kind !== 'struct' || body.name !== null)
      throw c.fail(`the type \`%${name}\` is not a struct`, 'clang names no other types for C');
    struct.fields = body.fields;
    struct.packed = body.packed;
    struct.opaque = false;
  }

  /** Refuses a module that uses a type it does not define. */
  finish(path: string, text: string): void {
    for (const [name, offset] of this.undefinedAt)
      throw errorAt(path, text, offset, `type \`%${name}\` is used but not defined`);
  }
}

/** A type. A function type is read wherever `(` follows: nothing else puts one behind a type. */
export function parseType(c: Cursor, types: TypeTable): Type {
  let type = parseFirst(c, types);
  while (c.kind === PAREN) type = parseFunctionType(c, types, type);
  if (c.kind === ASTERISK) throw typedPointer(c);
  return type;
}

function typedPointer(c: Cursor): Error {
  return c.fail(typedPointerProblem(producerOf(c.text)), TYPED_POINTER_HINT);
}

function parseFirst(c: Cursor, types: TypeTable): Type {
  switch (c.kind) {
    case WORD:
      return parseWordType(c);
    case LOCAL: {
      const struct = types.use(c.value, c.start);
      c.next();
      return struct;
    }
    case 0x5b: {
      c.next();
      const count = c.expectInteger();
      c.expectWord('x');
      const element = parseType(c, types);
      c.expect(']');
      return { kind: 'array', count, element };
    }
    case 0x7b:
      return parseStruct(c, types, false);
    case 0x3c: {
      c.next();
      if ((c.kind as number) === 0x7b) {
        const struct = parseStruct(c, types, true);
        c.expect('>');
        return struct;
      }
      return parseVector(c, types);
    }
    default:
      throw c.unexpected('a type');
  }
}

function parseWordType(c: Cursor): Type {
  const word = c.value;
  const type = word === 'ptr' ? ptrType() : (SIMPLE.get(word) ?? intTypes.get(word));
  if (type !== undefined) {
    c.next();
    if (word !== 'ptr' || !c.is('addrspace')) return type;
    return ptrType(parseAddressSpace(c));
  }
  if (!/^i[1-9]\d*$/.test(word)) throw c.unexpected('a type');
  const bits = Number(word.slice(1));
  if (bits > 1 << 23) throw c.fail(`\`${word}\` is wider than LLVM allows`);
  intTypes.set(word, intType(bits));
  c.next();
  return intType(bits);
}

/** `addrspace(1)`. */
export function parseAddressSpace(c: Cursor): number {
  c.expectWord('addrspace');
  c.expect('(');
  if (c.kind !== INTEGER) throw c.unexpected('the number of an address space');
  const space = c.expectInteger();
  c.expect(')');
  return space;
}

function parseVector(c: Cursor, types: TypeTable): Type {
  const scalable = c.accept('vscale');
  if (scalable) c.expectWord('x');
  const count = c.expectInteger();
  c.expectWord('x');
  const element = parseType(c, types);
  c.expect('>');
  return { kind: 'vector', count, element, scalable };
}

function parseStruct(c: Cursor, types: TypeTable, packed: boolean): Type {
  c.expect('{');
  const fields: Type[] = [];
  if (!c.take('}')) {
    do fields.push(parseType(c, types));
    while (c.take(','));
    c.expect('}');
  }
  return { kind: 'struct', name: null, fields, packed, opaque: false };
}

function parseFunctionType(c: Cursor, types: TypeTable, result: Type): FunctionType {
  c.expect('(');
  const parameters: Type[] = [];
  let variadic = false;
  if (!c.take(')')) {
    do {
      if (c.kind === ELLIPSIS) {
        c.next();
        variadic = true;
        break;
      }
      parameters.push(parseType(c, types));
    } while (c.take(','));
    c.expect(')');
  }
  return { kind: 'function', result, parameters, variadic };
}
