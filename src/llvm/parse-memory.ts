/** Instructions that touch memory or compute addresses. */

import { STRING, WORD } from './cursor.ts';
import type { FunctionScope } from './function-scope.ts';
import type { Type, Value } from './module.ts';
import { type Instruction, ORDERINGS, type Ordering, RMW_OPS, type RmwOp } from './module.ts';
import { parseAddressSpace, parseType } from './parse-type.ts';
import { parseTypedValue, parseValue } from './parse-value.ts';
import { intType, printType, sameType } from './types.ts';

const ORDERING_WORDS = new Set<string>(ORDERINGS);
const RMW_WORDS = new Set<string>(RMW_OPS);

const COMMA = 0x2c;

/** Takes a comma, unless metadata follows it: then the operands are over. */
export function takeItemComma(f: FunctionScope): boolean {
  const { c } = f;
  if (c.kind !== COMMA || c.nextIs('!')) return false;
  c.next();
  return true;
}

function parsePointer(f: FunctionScope): Value {
  const value = parseTypedValue(f);
  if (value.type.kind !== 'ptr') throw f.c.fail(`an address of type ${printType(value.type)}`);
  return value;
}

function parseAlign(f: FunctionScope): number {
  if (!takeItemComma(f)) return 0;
  f.c.expectWord('align');
  return f.c.expectInteger();
}

function parseOrdering(f: FunctionScope): Ordering {
  const word = f.c.kind === WORD ? f.c.value : '';
  if (!ORDERING_WORDS.has(word)) throw f.c.unexpected('a memory ordering');
  f.c.next();
  return word as Ordering;
}

function parseSyncScope(f: FunctionScope): string | null {
  const { c } = f;
  if (!c.accept('syncscope')) return null;
  c.expect('(');
  const scope = c.expectKind(STRING, 'the name of a scope');
  c.expect(')');
  return scope;
}

/** Refuses a scope: an access that is atomic for some observers only has no place in `Instruction`. */
function refuseSyncScope(f: FunctionScope): void {
  if (f.c.is('syncscope'))
    throw f.c.fail(
      'an atomic access with a syncscope is not supported',
      'only fences may have one',
    );
}

export function parseAlloca(f: FunctionScope): Instruction {
  const { c } = f;
  if (c.is('inalloca') || c.is('swifterror'))
    throw c.fail(`\`alloca ${c.value}\` is not supported`);
  const allocated = parseType(c, f.types);
  let count: Value | null = null;
  let align = 0;
  while (takeItemComma(f)) {
    if (c.accept('align')) align = c.expectInteger();
    else if (c.is('addrspace')) {
      if (parseAddressSpace(c) !== 0) throw c.fail('a stack in another address space');
    } else if (count === null) count = parseTypedValue(f);
    else throw c.unexpected('`align`');
  }
  return { op: 'alloca', result: -1, debug: -1, allocated, count, align };
}

export function parseLoad(f: FunctionScope): Instruction {
  const { c } = f;
  const atomic = c.accept('atomic');
  const volatile = c.accept('volatile');
  const type = parseType(c, f.types);
  c.expect(',');
  const pointer = parsePointer(f);
  refuseSyncScope(f);
  const ordering = atomic ? parseOrdering(f) : null;
  const align = parseAlign(f);
  return {
    op: 'load',
    result: -1,
    debug: -1,
    type,
    pointer,
    volatile,
    ordering,
    align,
    range: null,
    noundef: false,
  };
}

export function parseStore(f: FunctionScope): Instruction {
  const { c } = f;
  const atomic = c.accept('atomic');
  const volatile = c.accept('volatile');
  const value = parseTypedValue(f);
  c.expect(',');
  const pointer = parsePointer(f);
  refuseSyncScope(f);
  const ordering = atomic ? parseOrdering(f) : null;
  const align = parseAlign(f);
  return { op: 'store', result: -1, debug: -1, value, pointer, volatile, ordering, align };
}

export function parseFence(f: FunctionScope): Instruction {
  const syncscope = parseSyncScope(f);
  return { op: 'fence', result: -1, debug: -1, ordering: parseOrdering(f), syncscope };
}

export function parseCmpxchg(f: FunctionScope): Instruction {
  const { c } = f;
  const weak = c.accept('weak');
  const volatile = c.accept('volatile');
  const pointer = parsePointer(f);
  c.expect(',');
  const expected = parseTypedValue(f);
  c.expect(',');
  const replacement = parseTypedValue(f);
  if (!sameType(expected.type, replacement.type)) throw c.fail('cmpxchg of two types');
  refuseSyncScope(f);
  const success = parseOrdering(f);
  const failure = parseOrdering(f);
  const align = parseAlign(f);
  const fields = [expected.type, intType(1)];
  const type: Type = { kind: 'struct', name: null, fields, packed: false, opaque: false };
  return {
    op: 'cmpxchg',
    result: -1,
    debug: -1,
    pointer,
    expected,
    replacement,
    weak,
    volatile,
    success,
    failure,
    align,
    type,
  };
}

export function parseAtomicRmw(f: FunctionScope): Instruction {
  const { c } = f;
  const volatile = c.accept('volatile');
  const operation = c.expectKind(WORD, 'the operation of an atomicrmw');
  if (!RMW_WORDS.has(operation)) throw c.fail(`\`atomicrmw ${operation}\` is not supported`);
  const pointer = parsePointer(f);
  c.expect(',');
  const value = parseTypedValue(f);
  refuseSyncScope(f);
  const ordering = parseOrdering(f);
  const align = parseAlign(f);
  return {
    op: 'atomicrmw',
    result: -1,
    debug: -1,
    operation: operation as RmwOp,
    pointer,
    value,
    volatile,
    ordering,
    align,
    type: value.type,
  };
}

export function parseGetElementPtr(f: FunctionScope): Instruction {
  const { c } = f;
  let inbounds = false;
  let nusw = false;
  let nuw = false;
  for (;;) {
    if (c.accept('inbounds')) inbounds = true;
    else if (c.accept('nusw')) nusw = true;
    else if (c.accept('nuw')) nuw = true;
    else break;
  }
  const source = parseType(c, f.types);
  c.expect(',');
  const base = parseTypedValue(f);
  const indices: Value[] = [];
  let type = base.type;
  while (takeItemComma(f)) {
    const index = parseTypedValue(f);
    if (index.type.kind === 'vector' && type.kind !== 'vector')
      type = { ...index.type, element: base.type };
    indices.push(index);
  }
  if ((type.kind === 'vector' ? type.element : type).kind !== 'ptr')
    throw c.fail(`getelementptr from a ${printType(base.type)}`);
  return {
    op: 'getelementptr',
    result: -1,
    debug: -1,
    source,
    base,
    indices,
    type,
    inbounds,
    nusw,
    nuw,
  };
}

/** A value of the same type as one that was read with its type before. */
export function parseSecond(f: FunctionScope, type: Type): Value {
  f.c.expect(',');
  return parseValue(f, type);
}
