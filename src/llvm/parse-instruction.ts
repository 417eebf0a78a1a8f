/** One instruction: the word that names it, and those that only compute. */

import { INTEGER, WORD } from './cursor.ts';
import type { FunctionScope } from './function-scope.ts';
import type { BinaryOp, CastOp, Instruction, Type, Value } from './module.ts';
import { parseCall, parseCallBr, skipFastMath } from './parse-call.ts';
import * as memory from './parse-memory.ts';
import { parseSecond, takeItemComma } from './parse-memory.ts';
import * as terminator from './parse-terminator.ts';
import { parseType } from './parse-type.ts';
import {
  isBinaryOp,
  isCastOp,
  parsePredicate,
  parseTypedValue,
  parseValue,
} from './parse-value.ts';
import { boolLike, fieldType, printType, ptrType, sameType } from './types.ts';

const FLOAT_PREDICATES = new Set(
  'false oeq ogt oge olt ole one ord ueq ugt uge ult ule une uno true'.split(' '),
);

const PARSERS: ReadonlyMap<string, (f: FunctionScope) => Instruction> = new Map([
  ['alloca', memory.parseAlloca],
  ['load', memory.parseLoad],
  ['store', memory.parseStore],
  ['fence', memory.parseFence],
  ['cmpxchg', memory.parseCmpxchg],
  ['atomicrmw', memory.parseAtomicRmw],
  ['getelementptr', memory.parseGetElementPtr],
  ['ret', terminator.parseRet],
  ['br', terminator.parseBr],
  ['switch', terminator.parseSwitch],
  ['indirectbr', terminator.parseIndirectBr],
  ['callbr', parseCallBr],
  ['call', (f) => parseCall(f, null)],
  ['unreachable', () => ({ op: 'unreachable', result: -1, debug: -1 })],
  ['icmp', parseIcmp],
  ['fcmp', parseFcmp],
  ['phi', parsePhi],
  ['select', parseSelect],
  ['freeze', parseFreeze],
  ['fneg', parseFneg],
  ['extractvalue', parseExtractValue],
  ['insertvalue', parseInsertValue],
  ['extractelement', parseExtractElement],
  ['insertelement', parseInsertElement],
  ['shufflevector', parseShuffleVector],
  ['va_arg', parseVaArg],
]);

/** The instruction under the cursor, up to its metadata; its result has no index yet. */
export function parseInstruction(f: FunctionScope): Instruction {
  const { c } = f;
  if (c.kind !== WORD) throw c.unexpected('an instruction');
  const word = c.value;
  const parser = PARSERS.get(word);
  if (parser !== undefined) {
    c.next();
    return parser(f);
  }
  if (isBinaryOp(word)) return parseBinary(f, word);
  if (isCastOp(word)) return parseCast(f, word);
  if (word === 'tail' || word === 'musttail' || word === 'notail') {
    c.next();
    c.expectWord('call');
    return parseCall(f, word);
  }
  throw c.fail(
    `unknown instruction \`${word}\``,
    'the reader knows what clang 19 to 22 emit for C',
  );
}

/** The type of what an instruction computes, null for nothing. */
export function resultType(instruction: Instruction): Type | null {
  if (instruction.op === 'alloca') return ptrType();
  if (!('type' in instruction)) return null;
  return instruction.type.kind === 'void' ? null : instruction.type;
}

function parseBinary(f: FunctionScope, operation: BinaryOp): Instruction {
  const { c } = f;
  c.next();
  let nuw = false;
  let nsw = false;
  let exact = false;
  let disjoint = false;
  for (;;) {
    if (c.accept('nuw')) nuw = true;
    else if (c.accept('nsw')) nsw = true;
    else if (c.accept('exact')) exact = true;
    else if (c.accept('disjoint')) disjoint = true;
    else break;
  }
  skipFastMath(f);
  const left = parseTypedValue(f);
  const { type } = left;
  const right = parseSecond(f, type);
  const flags = { nuw, nsw, exact, disjoint };
  return { op: 'binary', result: -1, debug: -1, operation, type, left, right, ...flags };
}

function parseCast(f: FunctionScope, operation: CastOp): Instruction {
  const { c } = f;
  c.next();
  let nneg = false;
  let nuw = false;
  let nsw = false;
  for (;;) {
    if (c.accept('nneg')) nneg = true;
    else if (c.accept('nuw')) nuw = true;
    else if (c.accept('nsw')) nsw = true;
    else break;
  }
  skipFastMath(f);
  const value = parseTypedValue(f);
  c.expectWord('to');
  const type = parseType(c, f.types);
  return { op: 'cast', result: -1, debug: -1, operation, type, value, nneg, nuw, nsw };
}

function parseIcmp(f: FunctionScope): Instruction {
  const samesign = f.c.accept('samesign');
  const predicate = parsePredicate(f.c);
  const left = parseTypedValue(f);
  const right = parseSecond(f, left.type);
  const type = boolLike(left.type);
  return { op: 'icmp', result: -1, debug: -1, predicate, left, right, samesign, type };
}

function parseFcmp(f: FunctionScope): Instruction {
  skipFastMath(f);
  const predicate = f.c.expectKind(WORD, 'a comparison of floating-point values');
  if (!FLOAT_PREDICATES.has(predicate)) throw f.c.fail(`unknown comparison \`${predicate}\``);
  const left = parseTypedValue(f);
  const right = parseSecond(f, left.type);
  return { op: 'fcmp', result: -1, debug: -1, predicate, left, right, type: boolLike(left.type) };
}

function parsePhi(f: FunctionScope): Instruction {
  const { c } = f;
  skipFastMath(f);
  const type = parseType(c, f.types);
  const incoming: { value: Value; block: number }[] = [];
  do {
    c.expect('[');
    const value = parseValue(f, type);
    c.expect(',');
    incoming.push({ value, block: f.blockName() });
    c.expect(']');
  } while (takeItemComma(f));
  return { op: 'phi', result: -1, debug: -1, type, incoming };
}

function parseSelect(f: FunctionScope): Instruction {
  skipFastMath(f);
  const condition = parseTypedValue(f);
  f.c.expect(',');
  const left = parseTypedValue(f);
  f.c.expect(',');
  const right = parseTypedValue(f);
  const { type } = left;
  if (!sameType(type, right.type)) throw f.c.fail('select between two types');
  return { op: 'select', result: -1, debug: -1, type, condition, left, right };
}

function parseFreeze(f: FunctionScope): Instruction {
  const value = parseTypedValue(f);
  return { op: 'freeze', result: -1, debug: -1, type: value.type, value };
}

function parseFneg(f: FunctionScope): Instruction {
  skipFastMath(f);
  const value = parseTypedValue(f);
  return { op: 'fneg', result: -1, debug: -1, type: value.type, value };
}

/** `, 0, 1`: the way into an aggregate. */
function parseIndices(f: FunctionScope): number[] {
  const indices: number[] = [];
  while (takeItemComma(f)) {
    if (f.c.kind !== INTEGER) throw f.c.unexpected('the number of a field');
    indices.push(f.c.expectInteger());
  }
  return indices;
}

function fieldOf(f: FunctionScope, aggregate: Value, indices: readonly number[]): Type {
  const type = fieldType(aggregate.type, indices);
  if (type === null || indices.length === 0)
    throw f.c.fail(`${printType(aggregate.type)} has no field ${indices.join(', ')}`);
  return type;
}

function parseExtractValue(f: FunctionScope): Instruction {
  const aggregate = parseTypedValue(f);
  const indices = parseIndices(f);
  const type = fieldOf(f, aggregate, indices);
  return { op: 'extractvalue', result: -1, debug: -1, type, aggregate, indices };
}

function parseInsertValue(f: FunctionScope): Instruction {
  const aggregate = parseTypedValue(f);
  f.c.expect(',');
  const value = parseTypedValue(f);
  const indices = parseIndices(f);
  const { type } = aggregate;
  if (!sameType(fieldOf(f, aggregate, indices), value.type))
    throw f.c.fail(`a ${printType(value.type)} for field ${indices.join(', ')} of another type`);
  return { op: 'insertvalue', result: -1, debug: -1, type, aggregate, value, indices };
}

function elementType(f: FunctionScope, vector: Value): Type {
  if (vector.type.kind !== 'vector') throw f.c.fail(`${printType(vector.type)} is no vector`);
  return vector.type.element;
}

function parseExtractElement(f: FunctionScope): Instruction {
  const vector = parseTypedValue(f);
  f.c.expect(',');
  const index = parseTypedValue(f);
  return {
    op: 'extractelement',
    result: -1,
    debug: -1,
    type: elementType(f, vector),
    vector,
    index,
  };
}

function parseInsertElement(f: FunctionScope): Instruction {
  const vector = parseTypedValue(f);
  f.c.expect(',');
  const value = parseTypedValue(f);
  f.c.expect(',');
  const index = parseTypedValue(f);
  if (!sameType(elementType(f, vector), value.type)) throw f.c.fail('an element of another type');
  return { op: 'insertelement', result: -1, debug: -1, type: vector.type, vector, value, index };
}

function parseShuffleVector(f: FunctionScope): Instruction {
  const left = parseTypedValue(f);
  f.c.expect(',');
  const right = parseTypedValue(f);
  f.c.expect(',');
  const choice = parseTypedValue(f);
  const element = elementType(f, left);
  if (choice.type.kind !== 'vector') throw f.c.fail('the mask of a shufflevector is no vector');
  const { count } = choice.type;
  const type: Type = { kind: 'vector', count, element, scalable: choice.type.scalable };
  const mask = maskOf(f, choice, count);
  return { op: 'shufflevector', result: -1, debug: -1, type, left, right, mask };
}

function maskOf(f: FunctionScope, choice: Value, count: number): number[] {
  if (choice.kind === 'zero') return new Array<number>(count).fill(0);
  if (choice.kind === 'undef' || choice.kind === 'poison') return new Array<number>(count).fill(-1);
  if (choice.kind !== 'aggregate') throw f.c.fail('the mask of a shufflevector is no constant');
  return choice.elements.map((element) => {
    if (element.kind === 'int') return Number(element.value);
    if (element.kind === 'undef' || element.kind === 'poison') return -1;
    throw f.c.fail('the mask of a shufflevector is no constant');
  });
}

function parseVaArg(f: FunctionScope): Instruction {
  const list = parseTypedValue(f);
  f.c.expect(',');
  const type = parseType(f.c, f.types);
  return { op: 'vaarg', result: -1, debug: -1, type, list };
}
