/**
 * Attributes of parameters, results, calls and functions. Nearly all of them
 * are promises of the compiler to itself. The few that say what happens
 * (`byval`, `elementtype`, ...) are kept; the others are known by name and passed over,
 * and one that is not known is an error, since it might be of the first kind.
 */

import { ATTRIBUTES, type Cursor, END, INTEGER, STRING, WORD } from './cursor.ts';
import type { Type } from './module.ts';
import { parseType, type TypeTable } from './parse-type.ts';

const PARAMETER = new Set(
  `allocalign allocptr captures dead_on_return dead_on_unwind dereferenceable dereferenceable_or_null
   immarg initializes inreg nest noalias nocapture noext nofpclass nofree nonnull noundef readnone
   readonly returned signext swiftasync swifterror swiftself writable writeonly zeroext align
   alignstack`.split(/\s+/),
);

const FUNCTION = new Set(
  `alignstack allockind allocsize alwaysinline argmemonly builtin cold convergent
   coro_elide_safe coro_only_destroy_when_complete denormal_fpenv disable_sanitizer_instrumentation
   flatten fn_ret_thunk_extern hot hybrid_patchable inaccessiblemem_or_argmemonly
   inaccessiblememonly inlinehint jumptable memory minsize mustprogress naked nobuiltin nocallback
   nocf_check nocreateundeforpoison nodivergencesource noduplicate nofree noimplicitfloat noinline
   noipa nomerge nonlazybind nooutline noprofile norecurse noredzone noreturn nosanitize_bounds
   nosanitize_coverage nosync nounwind null_pointer_is_valid optdebug optforfuzzing optnone optsize
   presplitcoroutine readnone readonly returns_twice safestack sanitize_address sanitize_alloc_token
   sanitize_hwaddress sanitize_memory sanitize_memtag sanitize_numerical_stability
   sanitize_realtime sanitize_realtime_blocking sanitize_thread sanitize_type shadowcallstack
   skipprofile speculatable speculative_load_hardening ssp sspreq sspstrong strictfp uwtable
   vscale_range willreturn writeonly`.split(/\s+/),
);

const PAREN_OPEN = 0x28;

export type Range = readonly (readonly [bigint, bigint])[];

/** What the attributes of a parameter, an argument or a result say that matters to its meaning. */
export interface ParameterAttributes {
  readonly byval: Type | null;
  readonly sret: Type | null;
  readonly elementType: Type | null;
  readonly noundef: boolean;
  readonly range: Range | null;
}

const NO_ATTRIBUTES: ParameterAttributes = {
  byval: null,
  sret: null,
  elementType: null,
  noundef: false,
  range: null,
};
const ONLY_NOUNDEF: ParameterAttributes = { ...NO_ATTRIBUTES, noundef: true };

/** The attributes before a result type, or between a parameter's type and its name. */
export function parseParameterAttributes(c: Cursor, types: TypeTable): ParameterAttributes {
  let found: { -readonly [Key in keyof ParameterAttributes]: ParameterAttributes[Key] } | null =
    null;
  let noundef = false;
  for (;;) {
    if (c.kind === STRING) {
      skipStringAttribute(c);
      continue;
    }
    if (c.kind !== WORD) break;
    const word = c.value;
    if (word === 'noundef') {
      noundef = true;
      c.next();
    } else if (PARAMETER.has(word)) skipAttribute(c);
    else if (word === 'byval' || word === 'sret' || word === 'elementtype') {
      found ??= { ...NO_ATTRIBUTES };
      found[word === 'elementtype' ? 'elementType' : word] = parseTypeArgument(c, types);
    } else if (word === 'range') {
      found ??= { ...NO_ATTRIBUTES };
      found.range = parseRange(c, types);
    } else if (word === 'byref' || word === 'inalloca' || word === 'preallocated')
      throw c.fail(`the parameter attribute \`${word}\` is not supported`);
    else break;
  }
  if (found === null) return noundef ? ONLY_NOUNDEF : NO_ATTRIBUTES;
  found.noundef = noundef;
  return found;
}

function parseTypeArgument(c: Cursor, types: TypeTable): Type {
  c.next();
  c.expect('(');
  const type = parseType(c, types);
  c.expect(')');
  return type;
}

/** `range(i32 0, 33)`: low is inside, high is not; both as bits of the type. */
function parseRange(c: Cursor, types: TypeTable): Range {
  c.next();
  c.expect('(');
  const type = parseType(c, types);
  if (type.kind !== 'int') throw c.fail('a range of something else than integers');
  const low = BigInt.asUintN(type.bits, BigInt(c.expectKind(INTEGER, 'a number')));
  c.expect(',');
  const high = BigInt.asUintN(type.bits, BigInt(c.expectKind(INTEGER, 'a number')));
  c.expect(')');
  return [[low, high]];
}

/** `"key"` or `"key"="value"`. */
function skipStringAttribute(c: Cursor): void {
  c.next();
  if (c.take('=')) c.expectString();
}

/** A word with what belongs to it: `(...)`, `align 8`, `alignstack=16`. */
function skipAttribute(c: Cursor): void {
  const aligns = c.is('align') || c.is('alignstack');
  c.next();
  if (c.kind === PAREN_OPEN) skipParentheses(c);
  else if (aligns && (c.take('=') || c.kind === INTEGER)) c.expectInteger();
}

function skipParentheses(c: Cursor): void {
  let depth = 0;
  do {
    if (c.kind === END) throw c.unexpected('`)`');
    if (c.kind === PAREN_OPEN) depth++;
    if ((c.kind as number) === 0x29) depth--;
    c.next();
  } while (depth > 0);
}

/** The attributes of a function or a call: words and numbers of groups. */
export interface FunctionAttributes {
  readonly words: readonly string[];
  readonly groups: readonly number[];
}

const NONE: readonly never[] = [];

/** Reads attributes for as long as there are any. In a group, `align=` and what is said of parameters may stand too. */
export function parseFunctionAttributes(c: Cursor, inGroup = false): FunctionAttributes {
  let words: string[] | undefined;
  let groups: number[] | undefined;
  for (;;) {
    if (c.kind === ATTRIBUTES) {
      groups ??= [];
      groups.push(Number(c.value));
      c.next();
    } else if (c.kind === STRING) skipStringAttribute(c);
    else if (c.kind === WORD) {
      const word = c.value;
      if (!FUNCTION.has(word) && !(inGroup && PARAMETER.has(word))) break;
      words ??= [];
      words.push(word);
      skipAttribute(c);
    } else break;
  }
  return { words: words ?? NONE, groups: groups ?? NONE };
}

/** An error for a word that stands where only an attribute can. */
export function unknownAttribute(c: Cursor): Error {
  return c.fail(
    `unknown attribute \`${c.value}\``,
    'if it does not change what a program does, add it to src/llvm/attributes.ts',
  );
}
