/**
 * Lowered code: what the engines run. A function's values live in lanes of a
 * frame; a lane is one scalar of at most 64 bits with its shadow. Struct
 * values are spread over consecutive lanes. Everything here is plain data.
 */

/** Words per lane: low half, high half, shadow. */
export const LANE = 3;

/**
 * A place an instruction reads. Zero or more: word offset of a lane in the
 * frame. Negative: `~ref` is the word offset of a lane in `Code.constants`.
 */
export type Ref = number;

export const OPCODES = [
  'add',
  'sub',
  'mul',
  'udiv',
  'sdiv',
  'urem',
  'srem',
  'shl',
  'lshr',
  'ashr',
  'and',
  'or',
  'xor',
  'eq',
  'ne',
  'ugt',
  'uge',
  'ult',
  'ule',
  'sgt',
  'sge',
  'slt',
  'sle',
  'trunc',
  'zext',
  'sext',
  'copy',
  'select',
  'freeze',
  'scale',
  'undefine',
  'alloca',
  'load',
  'store',
  'rmw',
  'cmpxchg',
  'fence',
  'call',
  'asm',
  'ret',
  'br',
  'condbr',
  'switch',
  'trap',
] as const;
export type Opcode = (typeof OPCODES)[number];
/** The number of an opcode, for dense switches. */
export const OP: Readonly<Record<Opcode, number>> = Object.fromEntries(
  OPCODES.map((name, index) => [name, index]),
) as Record<Opcode, number>;

/** What a control transfer does besides moving the program counter: the phis of the target, as parallel copies. */
export interface Edge {
  target: number;
  /** Pairs: destination word offset, source ref. */
  readonly moves: readonly number[];
}

export interface InlineAsmCall {
  readonly template: string;
  readonly constraints: string;
  /** One ref per operand lane, in order; `bits` and `elementBytes` (for indirect operands) beside them. */
  readonly operands: readonly AsmOperand[];
  /** Result lanes and their widths. */
  readonly results: readonly { readonly at: number; readonly bits: number }[];
  /** `callbr`: where control may go; the first is the fall-through. Empty otherwise. */
  readonly edges: readonly Edge[];
}
export interface AsmOperand {
  readonly ref: Ref;
  readonly bits: number;
}

export interface CallTarget {
  /** Where the callee's address is, for an indirect call; otherwise null. */
  readonly indirect: Ref | null;
  /** The callee's name in the calling module, for a direct call. */
  readonly name: string | null;
  readonly arguments: readonly CallArgument[];
  /** Lanes of the result: word offset in the frame and width. */
  readonly results: readonly { readonly at: number; readonly bits: number }[];
}
export interface CallArgument {
  /** One ref per lane. */
  readonly refs: readonly Ref[];
  readonly bits: readonly number[];
  /** For `byval(T)`: the bytes to copy; else 0. */
  readonly byvalBytes: number;
}

/**
 * One lowered instruction; all of one shape, for the engine's sake.
 * load: `dst` = [a], `bits` wide. store: [b] = a. rmw: `aux` names the
 * operation, dst = old [a], operand b. cmpxchg: dst = old, dst + LANE = ok,
 * [a], expected b, replacement c. scale: dst = a + b * aux (address arithmetic;
 * b is sign-extended from `bits`). condbr: a ? edges[0] : edges[1].
 */
export class Insn {
  op: number;
  dst: number;
  a: Ref;
  b: Ref;
  c: Ref;
  bits: number;
  /** Of the source of a cast, or the width of the address in `scale`. */
  bits2: number;
  scale: number;
  volatile: boolean;
  /** An atomic access: one step however wide. */
  whole: boolean;
  /** A sequentially consistent store: it waits for the stores before it, and those after wait for it. */
  ordered: boolean;
  /** True where the result of an rmw is never used: such adds may commute. */
  unused: boolean;
  /** A plain access on which `!noundef` or `!range` was given. */
  range: readonly (readonly [bigint, bigint])[] | null;
  edges: Edge[];
  /** switch: the value of each edge but the first, as low and high half. */
  keys: readonly (readonly [number, number])[];
  call: CallTarget | null;
  asm: InlineAsmCall | null;
  text: string;
  debug: number;
  constructor(op: number, debug: number) {
    this.op = op;
    this.debug = debug;
    this.dst = -1;
    this.a = 0;
    this.b = 0;
    this.c = 0;
    this.bits = 0;
    this.bits2 = 0;
    this.scale = 0;
    this.volatile = false;
    this.whole = false;
    this.ordered = false;
    this.unused = false;
    this.range = null;
    this.edges = [];
    this.keys = [];
    this.call = null;
    this.asm = null;
    this.text = '';
  }
}

export interface Code {
  readonly insns: readonly Insn[];
  readonly constants: Uint32Array;
  /** Words of lanes in a frame. */
  readonly frameWords: number;
  /** Word offset and width of each parameter lane, in order. */
  readonly parameters: readonly { readonly at: number; readonly bits: number }[];
  readonly resultBits: readonly number[];
  /** Bytes of stack memory that the allocas of the entry block need, and their places. */
  readonly stackBytes: number;
  /** How many allocas there were, and how many became lanes. */
  readonly allocas: number;
  readonly promoted: number;
  /** Word offsets of the lanes that are alive before instruction `pc`, ascending. Cached. */
  alive(pc: number): Uint16Array;
  /** The same after a call at `pc` has returned, its results left out. */
  aliveAfter(pc: number): Uint16Array;
}

/** Words of a frame's header, before its lanes. */
export const FRAME_HEADER = 6;
