/**
 * What stands at the top level of a module with a name of its own: variables,
 * aliases, and the headers of functions.
 */

import {
  type FunctionAttributes,
  type ParameterAttributes,
  parseFunctionAttributes,
  parseParameterAttributes,
  unknownAttribute,
} from './attributes.ts';
import {
  COMDAT,
  type Cursor,
  ELLIPSIS,
  GLOBAL,
  LOCAL,
  METADATA_NAME,
  NODE,
  WORD,
} from './cursor.ts';
import type { Alias, GlobalVariable, Parameter, Type } from './module.ts';
import { parseAddressSpace, parseType } from './parse-type.ts';
import { parseTypedValue, parseValue, type Scope } from './parse-value.ts';
import { type FunctionType, ptrType } from './types.ts';

const LINKAGES = new Set(
  `private internal available_externally linkonce linkonce_odr weak weak_odr common appending
   extern_weak external`.split(/\s+/),
);
const VISIBILITIES = ['default', 'hidden', 'protected'];
const CALLING_CONVENTIONS = new Set(
  `ccc fastcc coldcc tailcc ghccc preserve_mostcc preserve_allcc preserve_nonecc swiftcc swifttailcc
   cxx_fast_tlscc cfguard_checkcc x86_stdcallcc x86_fastcallcc x86_thiscallcc x86_vectorcallcc
   x86_regcallcc x86_64_sysvcc win64cc arm_apcscc arm_aapcscc arm_aapcs_vfpcc aarch64_vector_pcs
   aarch64_sve_vector_pcs riscv_vector_cc`.split(/\s+/),
);

/** What may stand between `define`, `declare` or `@name =` and the rest. */
interface Preamble {
  readonly linkage: string;
  /** `external` and `extern_weak` were written, which makes a variable a declaration. */
  readonly external: boolean;
}

function parsePreamble(c: Cursor): Preamble {
  let linkage = 'external';
  let external = false;
  if (c.kind === WORD && LINKAGES.has(c.value)) {
    linkage = c.value;
    external = linkage === 'external' || linkage === 'extern_weak';
    c.next();
  }
  if (!c.accept('dso_local')) c.accept('dso_preemptable');
  for (const visibility of VISIBILITIES) if (c.accept(visibility)) break;
  if (c.is('dllimport') || c.is('dllexport')) throw c.fail('DLL linkage is not supported');
  return { linkage, external };
}

/** Passes over a calling convention: within one program all callers agree with their callees. */
export function skipCallingConvention(c: Cursor): void {
  if (c.kind !== WORD) return;
  if (c.accept('cc')) c.expectInteger();
  else if (CALLING_CONVENTIONS.has(c.value)) c.next();
}

export type GlobalEntity =
  | { readonly kind: 'variable'; readonly variable: GlobalVariable }
  | { readonly kind: 'alias' | 'ifunc'; readonly alias: Alias };

/** `@name = ...`, with the cursor behind the `=`. */
export function parseGlobalEntity(s: Scope, name: string, line: number): GlobalEntity {
  const { c } = s;
  const { linkage, external } = parsePreamble(c);
  const threadLocal = parseThreadLocal(c);
  if (!c.accept('unnamed_addr')) c.accept('local_unnamed_addr');
  const kind = c.is('alias') ? 'alias' : c.is('ifunc') ? 'ifunc' : null;
  if (kind !== null) return { kind, alias: parseAlias(s, name, linkage) };
  const addressSpace = c.is('addrspace') ? parseAddressSpace(c) : 0;
  c.accept('externally_initialized');
  const isConstant = c.accept('constant');
  if (!isConstant) c.expectWord('global');
  const type = parseType(c, s.types);
  const initializer = external ? null : parseValue(s, type);
  const { section, align } = parseVariableSuffix(s);
  const variable: GlobalVariable = {
    name,
    linkage,
    type,
    isConstant,
    isDeclaration: initializer === null,
    initializer,
    section,
    align,
    threadLocal,
    addressSpace,
    line,
  };
  return { kind: 'variable', variable };
}

function parseThreadLocal(c: Cursor): boolean {
  if (!c.accept('thread_local')) return false;
  if (c.take('(')) {
    c.expectKind(WORD, 'a thread-local model');
    c.expect(')');
  }
  return true;
}

const BARE_TARGETS = ['getelementptr', 'bitcast', 'addrspacecast', 'inttoptr'];

function parseAlias(s: Scope, name: string, linkage: string): Alias {
  const { c } = s;
  c.next();
  const type = parseType(c, s.types);
  c.expect(',');
  // A constant expression stands without its type here, and only here.
  const isBare = BARE_TARGETS.some((word) => c.is(word));
  const target = isBare ? parseValue(s, ptrType()) : parseTypedValue(s);
  while (c.take(',')) {
    c.expectWord('partition');
    c.expectString();
  }
  return { name, linkage, type, target };
}

/** `, section "x", align 8, !dbg !1` and then attributes. */
function parseVariableSuffix(s: Scope): { section: string | null; align: number } {
  const { c } = s;
  let section: string | null = null;
  let align = 0;
  while (c.take(',')) {
    if (c.accept('section')) section = c.expectString();
    else if (c.accept('align')) align = c.expectInteger();
    else if (c.is('comdat')) skipComdat(c);
    else if (c.accept('partition') || c.accept('code_model')) c.expectString();
    else if (c.kind === METADATA_NAME) skipAttachment(c);
    else if (
      !c.accept('no_sanitize_address') &&
      !c.accept('no_sanitize_hwaddress') &&
      !c.accept('sanitize_memtag') &&
      !c.accept('sanitize_address_dyninit')
    )
      throw c.unexpected('`section`, `align`, `comdat` or metadata');
  }
  parseFunctionAttributes(c);
  return { section, align };
}

function skipComdat(c: Cursor): void {
  c.expectWord('comdat');
  if (!c.take('(')) return;
  c.expectKind(COMDAT, 'the name of a comdat');
  c.expect(')');
}

/** `!name !12`: its node's number. */
function skipAttachment(c: Cursor): void {
  c.next();
  c.expectKind(NODE, 'the number of a metadata node');
}

/** Everything of a `declare` or `define` up to the body. */
export interface FunctionHeader {
  readonly name: string;
  readonly linkage: string;
  readonly type: FunctionType;
  readonly parameters: readonly Parameter[];
  readonly attributes: FunctionAttributes;
  readonly section: string | null;
  readonly debug: number;
}

/** A function's header, with the cursor behind `declare` or `define`; it stops before `{`. */
export function parseFunctionHeader(s: Scope): FunctionHeader {
  const { c } = s;
  // clang puts the metadata of a declaration before its linkage.
  let debug = parseAttachments(c);
  const { linkage } = parsePreamble(c);
  skipCallingConvention(c);
  parseParameterAttributes(c, s.types);
  const result = parseType(c, s.types);
  const name = c.expectKind(GLOBAL, 'the name of a function');
  const { parameters, variadic } = parseParameters(s);
  const suffix = parseFunctionSuffix(s);
  const late = parseAttachments(c);
  if (late >= 0) debug = late;
  const type: FunctionType = {
    kind: 'function',
    result,
    parameters: parameters.map((parameter) => parameter.type),
    variadic,
  };
  return { name, linkage, type, parameters, debug, ...suffix };
}

/** The number of the `!dbg` node among `!name !12 ...`, -1 for none. */
function parseAttachments(c: Cursor): number {
  let debug = -1;
  // One at the start of a line is the next thing in the module.
  while (c.kind === METADATA_NAME && !c.atLineStart()) {
    const name = c.value;
    c.next();
    const number = Number(c.expectKind(NODE, 'the number of a metadata node'));
    if (name === 'dbg') debug = number;
  }
  return debug;
}

function parseParameters(s: Scope): { parameters: Parameter[]; variadic: boolean } {
  const { c } = s;
  const parameters: Parameter[] = [];
  let variadic = false;
  let unnamed = 0;
  c.expect('(');
  if (!c.take(')')) {
    do {
      if (c.kind === ELLIPSIS) {
        c.next();
        variadic = true;
        break;
      }
      const type = parseType(c, s.types);
      const attributes = parseParameterAttributes(c, s.types);
      if ((c.kind as number) === WORD) throw unknownAttribute(c);
      let name = String(unnamed);
      if ((c.kind as number) === LOCAL) {
        name = c.value;
        c.next();
      }
      // Numbers are counted over the unnamed ones only: `%0`, `%x`, `%1`.
      if (name === String(unnamed)) unnamed++;
      parameters.push(parameter(type, name, attributes));
    } while (c.take(','));
    c.expect(')');
  }
  return { parameters, variadic };
}

function parameter(type: Type, name: string, attributes: ParameterAttributes): Parameter {
  const { byval, sret, noundef } = attributes;
  return { type, name, byval, sret, noundef };
}

interface FunctionSuffix {
  readonly attributes: FunctionAttributes;
  readonly section: string | null;
}

/** What stands between the parameters and the metadata. */
function parseFunctionSuffix(s: Scope): FunctionSuffix {
  const { c } = s;
  const words: string[] = [];
  const groups: number[] = [];
  let section: string | null = null;
  for (;;) {
    const more = parseFunctionAttributes(c);
    words.push(...more.words);
    groups.push(...more.groups);
    if (c.kind !== WORD || c.atLineStart()) break;
    if (c.accept('unnamed_addr') || c.accept('local_unnamed_addr')) continue;
    if (c.accept('section')) section = c.expectString();
    else if (c.accept('align')) c.expectInteger();
    else if (c.accept('partition') || c.accept('gc')) c.expectString();
    else if (c.is('comdat')) skipComdat(c);
    else if (c.is('addrspace')) parseAddressSpace(c);
    // Data before or at the function's first byte: read by tools that look at
    // the code's bytes, never by the code itself.
    else if (c.accept('prefix') || c.accept('prologue') || c.accept('personality'))
      parseTypedValue(s);
    else throw unknownAttribute(c);
  }
  return { attributes: { words, groups }, section };
}
