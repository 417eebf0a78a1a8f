/**
 * Operands: literals, aggregates, constant expressions, inline assembly, and
 * names. The type always stands before a value and is read by the caller, so
 * a value that cannot have the type in front of it is refused here.
 */

import { BYTES, type Cursor, decodeBytes, FLOAT, GLOBAL, INTEGER, LOCAL, WORD } from './cursor.ts';
import { parseMetadata } from './metadata-node.ts';
import type { BinaryOp, CastOp, InlineAsm, IntPredicate, Type, Value } from './module.ts';
import { BINARY_OPS, CAST_OPS, INT_PREDICATES } from './module.ts';
import { parseType, type TypeTable } from './parse-type.ts';
import { boolLike, printType, sameType } from './types.ts';

/** Where a value is read: it decides what names mean. */
export interface Scope {
  readonly c: Cursor;
  readonly types: TypeTable;
  /** The local under the cursor, which is taken. */
  local(type: Type): Value;
  /** Called at every mention of a global name, with the cursor on it. */
  mention(name: string): void;
}

const BINARY = new Set<string>(BINARY_OPS);
const CASTS = new Set<string>(CAST_OPS);
const PREDICATES = new Set<string>(INT_PREDICATES);

export function isBinaryOp(word: string): word is BinaryOp {
  return BINARY.has(word);
}

export function isCastOp(word: string): word is CastOp {
  return CASTS.has(word);
}

/** A type and a value of it. */
export function parseTypedValue(s: Scope): Value {
  return parseValue(s, parseType(s.c, s.types));
}

/** A value of `type`, which has been read. */
export function parseValue(s: Scope, type: Type): Value {
  const { c } = s;
  if (type.kind === 'metadata') return parseMetadataOperand(s, type);
  switch (c.kind) {
    case LOCAL:
      return s.local(type);
    case GLOBAL:
      return parseGlobal(s, type);
    case INTEGER: {
      const text = c.value;
      if (type.kind !== 'int') throw mismatch(c, type);
      return parseInteger(c, type, BigInt(text));
    }
    case FLOAT: {
      if (type.kind !== 'float') throw mismatch(c, type);
      const text = c.value;
      c.next();
      return { kind: 'float', type, text };
    }
    case BYTES:
      return parseBytes(c, type);
    case WORD:
      return parseWord(s, type);
    case 0x5b:
    case 0x7b:
    case 0x3c:
      return parseAggregate(s, type);
    default:
      throw c.unexpected(`a value of type ${printType(type)}`);
  }
}

function mismatch(c: Cursor, type: Type): Error {
  return c.unexpected(`a value of type ${printType(type)}`);
}

function parseGlobal(s: Scope, type: Type): Value {
  const { c } = s;
  if (type.kind !== 'ptr') throw mismatch(c, type);
  const name = c.value;
  s.mention(name);
  c.next();
  return { kind: 'global', type, name };
}

/** The integer under the cursor, as bits of `type`. Fails where LLVM's own reader would not keep every bit. */
function parseInteger(c: Cursor, type: Extract<Type, { kind: 'int' }>, value: bigint): Value {
  const bits = BigInt(type.bits);
  if (value >> bits !== 0n && value >> (bits - 1n) !== -1n)
    throw c.fail(`${value} does not fit in ${printType(type)}`);
  c.next();
  return { kind: 'int', type, value: BigInt.asUintN(type.bits, value) };
}

/**
 * `u0x1F` and `s0x1F`. LLVM takes the sign of the second from the highest bit
 * that is set, so `s0x1F` is -1.
 */
function hexInteger(word: string): bigint {
  const value = BigInt(word.slice(1));
  return word.startsWith('u') ? value : BigInt.asIntN(value.toString(2).length, value);
}

function parseBytes(c: Cursor, type: Type): Value {
  if (type.kind !== 'array' || type.element.kind !== 'int' || type.element.bits !== 8)
    throw mismatch(c, type);
  const text = c.value;
  // A byte above 126 is always written as an escape; as a character of the file its bytes are lost.
  if (/[^\0-~]/.test(text)) throw c.fail('a string of bytes holds a character that is no byte');
  const bytes = decodeBytes(text);
  if (bytes.length !== type.count)
    throw c.fail(`the string has ${bytes.length} bytes and its type ${type.count}`);
  c.next();
  return { kind: 'bytes', type, bytes };
}

function parseWord(s: Scope, type: Type): Value {
  const { c } = s;
  const word = c.value;
  switch (word) {
    case 'null':
      if (type.kind !== 'ptr') throw mismatch(c, type);
      c.next();
      return { kind: 'null', type };
    case 'zeroinitializer':
      c.next();
      return { kind: 'zero', type };
    case 'undef':
    case 'poison':
      c.next();
      return { kind: word, type };
    case 'true':
    case 'false':
      if (type.kind !== 'int' || type.bits !== 1) throw mismatch(c, type);
      c.next();
      return { kind: 'int', type, value: word === 'true' ? 1n : 0n };
    case 'asm':
      return { kind: 'asm', type, asm: parseAsm(c) };
    case 'blockaddress':
      return parseBlockAddress(s, type);
    // Both name the function itself where the linker keeps one copy of it:
    // they only forbid or ask for a detour through a jump table.
    case 'dso_local_equivalent':
    case 'no_cfi':
      c.next();
      if (c.kind !== GLOBAL) throw c.unexpected('the name of a function');
      return parseGlobal(s, type);
    case 'splat':
      return parseSplat(s, type);
  }
  if (/^[us]0x[0-9a-fA-F]+$/.test(word)) {
    if (type.kind !== 'int') throw mismatch(c, type);
    return parseInteger(c, type, hexInteger(word));
  }
  return parseExpression(s, type, word);
}

/** `asm sideeffect alignstack inteldialect "template", "constraints"`. */
function parseAsm(c: Cursor): InlineAsm {
  c.expectWord('asm');
  const sideEffect = c.accept('sideeffect');
  const alignStack = c.accept('alignstack');
  const intelDialect = c.accept('inteldialect');
  if (c.is('unwind')) throw c.fail('inline assembly that unwinds is not supported');
  const template = c.expectString();
  c.expect(',');
  const constraints = c.expectString();
  return { template, constraints, sideEffect, alignStack, intelDialect };
}

function parseBlockAddress(s: Scope, type: Type): Value {
  const { c } = s;
  c.next();
  c.expect('(');
  const name = c.value;
  if (c.kind === GLOBAL) s.mention(name);
  c.expectKind(GLOBAL, 'the name of a function');
  c.expect(',');
  const block = c.expectKind(LOCAL, 'the name of a block');
  c.expect(')');
  return { kind: 'blockaddress', type, function: name, block };
}

function parseSplat(s: Scope, type: Type): Value {
  const { c } = s;
  if (type.kind !== 'vector' || type.scalable) throw mismatch(c, type);
  c.next();
  c.expect('(');
  const element = parseTypedValue(s);
  if (!sameType(element.type, type.element)) throw mismatch(c, type);
  c.expect(')');
  const elements = new Array<Value>(type.count).fill(element);
  return { kind: 'aggregate', type, elements };
}

/** The elements of `[...]`, `{...}`, `<{...}>` or `<...>`, each with its type. */
function parseAggregate(s: Scope, type: Type): Value {
  const { c } = s;
  const close: string[] = [];
  for (const [open, end] of opening(type)) {
    if (!c.take(open)) throw mismatch(c, type);
    close.unshift(end);
  }
  const elements: Value[] = [];
  const count = type.kind === 'struct' ? type.fields.length : (type as { count: number }).count;
  if (count > 0) {
    do {
      const start = c.start;
      const wanted = type.kind === 'struct' ? type.fields[elements.length] : elementOf(type);
      const element = parseTypedValue(s);
      if (wanted === undefined || !sameType(element.type, wanted)) {
        c.jump(start);
        throw c.fail(`element ${elements.length} does not fit in ${printType(type)}`);
      }
      elements.push(element);
    } while (c.take(','));
  }
  if (elements.length !== count)
    throw c.fail(`${elements.length} elements, but ${printType(type)} has ${count}`);
  for (const end of close) c.expect(end);
  return { kind: 'aggregate', type, elements };
}

function opening(type: Type): readonly (readonly [string, string])[] {
  if (type.kind === 'array') return [['[', ']']];
  if (type.kind === 'vector' && !type.scalable) return [['<', '>']];
  if (type.kind !== 'struct') return [['(', ')']];
  const braces = ['{', '}'] as const;
  return type.packed ? [['<', '>'], braces] : [braces];
}

function elementOf(type: Type): Type | undefined {
  return type.kind === 'array' || type.kind === 'vector' ? type.element : undefined;
}

/** A constant expression: the operation's word is under the cursor. */
function parseExpression(s: Scope, type: Type, op: string): Value {
  const { c } = s;
  if (op === 'getelementptr') return parseConstantGep(s, type);
  if (isCastOp(op)) {
    c.next();
    c.expect('(');
    const value = parseTypedValue(s);
    c.expectWord('to');
    const to = parseType(c, s.types);
    if (!sameType(to, type)) throw mismatch(c, type);
    c.expect(')');
    return { kind: 'expression', type, expression: { op, value } };
  }
  if (isBinaryOp(op)) {
    c.next();
    while (c.accept('nuw') || c.accept('nsw') || c.accept('exact') || c.accept('disjoint'));
    const [left, right] = parseOperands(s, 2);
    if (!sameType(left.type, type)) throw mismatch(c, type);
    return { kind: 'expression', type, expression: { op, left, right } };
  }
  if (op === 'icmp') {
    c.next();
    const predicate = parsePredicate(c);
    const [left, right] = parseOperands(s, 2);
    if (!sameType(boolLike(left.type), type)) throw mismatch(c, type);
    return { kind: 'expression', type, expression: { op, predicate, left, right } };
  }
  if (op === 'select') {
    c.next();
    const [condition, left, right] = parseOperands(s, 3);
    if (!sameType(left.type, type)) throw mismatch(c, type);
    return { kind: 'expression', type, expression: { op, condition, left, right } };
  }
  throw c.unexpected(`a value of type ${printType(type)}`);
}

/** `count` typed values in parentheses. */
function parseOperands(s: Scope, count: number): Value[] {
  s.c.expect('(');
  const values: Value[] = [];
  do values.push(parseTypedValue(s));
  while (s.c.take(','));
  if (values.length !== count) throw s.c.fail(`expected ${count} operands`);
  s.c.expect(')');
  return values;
}

/** `eq`, `ult` and the others. */
export function parsePredicate(c: Cursor): IntPredicate {
  const word = c.kind === WORD ? c.value : '';
  if (!PREDICATES.has(word)) throw c.unexpected('a comparison of integers');
  c.next();
  return word as IntPredicate;
}

function parseConstantGep(s: Scope, type: Type): Value {
  const { c } = s;
  c.next();
  let inbounds = false;
  for (;;) {
    if (c.accept('inbounds')) inbounds = true;
    else if (c.accept('inrange')) skipInRange(c);
    else if (!c.accept('nuw') && !c.accept('nusw')) break;
  }
  c.expect('(');
  const source = parseType(c, s.types);
  c.expect(',');
  const base = parseTypedValue(s);
  const indices: Value[] = [];
  while (c.take(',')) {
    c.accept('inrange');
    indices.push(parseTypedValue(s));
  }
  c.expect(')');
  const expression = { op: 'getelementptr', inbounds, source, base, indices } as const;
  return { kind: 'expression', type, expression };
}

/** `inrange(-16, 24)` bounds what the pointer may be used for; it does not change the address. */
function skipInRange(c: Cursor): void {
  c.expect('(');
  c.expectKind(INTEGER, 'a number');
  c.expect(',');
  c.expectKind(INTEGER, 'a number');
  c.expect(')');
}

/** `metadata` has been read: a node, a string, an inline node, or a typed value. Kept as text. */
function parseMetadataOperand(s: Scope, type: Type): Value {
  const { c } = s;
  const start = c.start;
  parseMetadata(s);
  return { kind: 'metadata', type, text: c.text.slice(start, c.previousEnd) };
}
