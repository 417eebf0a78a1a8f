/** `call` and `callbr`, with what stands around their arguments. */

import { parseFunctionAttributes, parseParameterAttributes, type Range } from './attributes.ts';
import { WORD } from './cursor.ts';
import type { FunctionScope } from './function-scope.ts';
import type { CallSite, Instruction, OperandBundle, Type, Value } from './module.ts';
import { skipCallingConvention } from './parse-global.ts';
import { parseAddressSpace, parseType } from './parse-type.ts';
import { parseTypedValue, parseValue } from './parse-value.ts';
import { type FunctionType, ptrType } from './types.ts';

const FAST_MATH = new Set('fast nnan ninf nsz arcp contract afn reassoc'.split(' '));

/** Passes over flags that let a floating-point result differ in ways the source permits. */
export function skipFastMath(f: FunctionScope): void {
  while (f.c.kind === WORD && FAST_MATH.has(f.c.value)) f.c.next();
}

/** Everything of a call behind its word and up to where a `callbr` says where it goes. */
function parseCallSite(f: FunctionScope): CallSite {
  const { c } = f;
  skipFastMath(f);
  skipCallingConvention(c);
  const { range, noundef: resultNoundef } = parseParameterAttributes(c, f.types);
  if (c.is('addrspace')) parseAddressSpace(c);
  const written = parseType(c, f.types);
  const callee = parseValue(f, ptrType());
  const found = parseArguments(f);
  const functionType = functionTypeOf(f, written, found.arguments);
  parseFunctionAttributes(c);
  const bundles = parseBundles(f);
  return { callee, functionType, range, resultNoundef, bundles, ...found };
}

/** A call names the whole type of a variadic callee, and only the result of any other. */
function functionTypeOf(f: FunctionScope, written: Type, given: readonly Value[]): FunctionType {
  if (written.kind !== 'function') {
    const parameters = given.map((value) => value.type);
    return { kind: 'function', result: written, parameters, variadic: false };
  }
  const fits = written.variadic
    ? given.length >= written.parameters.length
    : given.length === written.parameters.length;
  if (!fits)
    throw f.c.fail(`${given.length} arguments for ${written.parameters.length} parameters`);
  return written;
}

type Arguments = Pick<CallSite, 'arguments' | 'byval' | 'noundef' | 'elementTypes'>;

// Most arguments have no such type, so calls with as many arguments share one list of nulls.
const NULLS: (readonly null[])[] = [];

function nulls(count: number): readonly null[] {
  return (NULLS[count] ??= new Array<null>(count).fill(null));
}

function parseArguments(f: FunctionScope): Arguments {
  const { c } = f;
  const values: Value[] = [];
  const noundef: boolean[] = [];
  const byval: (Type | null)[] = [];
  const elementTypes: (Type | null)[] = [];
  let special = false;
  c.expect('(');
  if (!c.take(')')) {
    do {
      const type = parseType(c, f.types);
      const attributes = type.kind === 'metadata' ? null : parseParameterAttributes(c, f.types);
      values.push(parseValue(f, type));
      noundef.push(attributes?.noundef ?? false);
      byval.push(attributes?.byval ?? null);
      elementTypes.push(attributes?.elementType ?? null);
      special ||= attributes?.byval != null || attributes?.elementType != null;
    } while (c.take(','));
    c.expect(')');
  }
  if (special) return { arguments: values, byval, noundef, elementTypes };
  const none = nulls(values.length);
  return { arguments: values, byval: none, noundef, elementTypes: none };
}

const NO_BUNDLES: readonly OperandBundle[] = [];

/** `[ "tag"(ptr %p, i64 8), ... ]`. */
function parseBundles(f: FunctionScope): readonly OperandBundle[] {
  const { c } = f;
  if (!c.take('[')) return NO_BUNDLES;
  const bundles: OperandBundle[] = [];
  do {
    const tag = c.expectString();
    const operands: Value[] = [];
    c.expect('(');
    if (!c.take(')')) {
      do operands.push(parseTypedValue(f));
      while (c.take(','));
      c.expect(')');
    }
    bundles.push({ tag, operands });
  } while (c.take(','));
  c.expect(']');
  return bundles;
}

/** A call, with the cursor behind `call`; `tail` is the word before it. */
export function parseCall(f: FunctionScope, tail: string | null): Instruction {
  const site = parseCallSite(f);
  return { op: 'call', result: -1, debug: -1, type: site.functionType.result, tail, ...site };
}

/** `callbr ... to label %fallthrough [label %other, ...]`. */
export function parseCallBr(f: FunctionScope): Instruction {
  const { c } = f;
  const site = parseCallSite(f);
  c.expectWord('to');
  const fallthrough = f.blockOperand();
  const indirect: number[] = [];
  c.expect('[');
  if (!c.take(']')) {
    do indirect.push(f.blockOperand());
    while (c.take(','));
    c.expect(']');
  }
  const type = site.functionType.result;
  return { op: 'callbr', result: -1, debug: -1, type, fallthrough, indirect, ...site };
}

/** Puts a `!range` on a call, where its result attributes have given none. */
export function addRange(site: { range: Range | null }, range: Range): void {
  site.range ??= range;
}
