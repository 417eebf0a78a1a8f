/**
 * The typed module: what the reader makes of one textual LLVM IR file. Plain
 * data, no methods, no kernel words. Names have module scope; linking is
 * somebody else's work. Debug metadata stays text until it is asked for,
 * because it is more than half of a kernel module.
 */

export type Type =
  | { readonly kind: 'void' }
  | { readonly kind: 'int'; readonly bits: number }
  | {
      readonly kind: 'float';
      readonly name: 'half' | 'bfloat' | 'float' | 'double' | 'fp128' | 'x86_fp80' | 'ppc_fp128';
    }
  | { readonly kind: 'ptr'; readonly addressSpace: number }
  | { readonly kind: 'array'; readonly count: number; readonly element: Type }
  | {
      readonly kind: 'vector';
      readonly count: number;
      readonly element: Type;
      readonly scalable: boolean;
    }
  /** `name` is the identifier without `%`, or null for a literal struct. Fields of a named struct are resolved after reading. */
  | {
      readonly kind: 'struct';
      readonly name: string | null;
      fields: readonly Type[];
      packed: boolean;
      opaque: boolean;
    }
  | {
      readonly kind: 'function';
      readonly result: Type;
      readonly parameters: readonly Type[];
      readonly variadic: boolean;
    }
  | { readonly kind: 'label' }
  | { readonly kind: 'metadata' }
  | { readonly kind: 'token' };

/** An operand. `local` indexes are dense per function: parameters first, then results in textual order. */
export type Value =
  | { readonly kind: 'local'; readonly type: Type; readonly index: number }
  | {
      readonly kind: 'int';
      readonly type: Type /** Reduced modulo 2^bits, never negative. */;
      readonly value: bigint;
    }
  | { readonly kind: 'float'; readonly type: Type; readonly text: string }
  | { readonly kind: 'null'; readonly type: Type }
  | { readonly kind: 'zero'; readonly type: Type }
  | { readonly kind: 'undef'; readonly type: Type }
  | { readonly kind: 'poison'; readonly type: Type }
  /** A function, variable or alias, by its name without `@`. */
  | { readonly kind: 'global'; readonly type: Type; readonly name: string }
  | { readonly kind: 'aggregate'; readonly type: Type; readonly elements: readonly Value[] }
  | { readonly kind: 'bytes'; readonly type: Type; readonly bytes: Uint8Array }
  | { readonly kind: 'expression'; readonly type: Type; readonly expression: ConstantExpression }
  | {
      readonly kind: 'blockaddress';
      readonly type: Type;
      readonly function: string;
      readonly block: string;
    }
  | { readonly kind: 'asm'; readonly type: Type; readonly asm: InlineAsm }
  /** A metadata operand (`metadata !"sp"`, `metadata ptr %x`), as text. */
  | { readonly kind: 'metadata'; readonly type: Type; readonly text: string };

export type ConstantExpression =
  | {
      readonly op: 'getelementptr';
      readonly inbounds: boolean;
      readonly source: Type;
      readonly base: Value;
      readonly indices: readonly Value[];
    }
  | { readonly op: CastOp; readonly value: Value }
  | { readonly op: BinaryOp; readonly left: Value; readonly right: Value }
  | {
      readonly op: 'icmp';
      readonly predicate: IntPredicate;
      readonly left: Value;
      readonly right: Value;
    }
  | {
      readonly op: 'select';
      readonly condition: Value;
      readonly left: Value;
      readonly right: Value;
    };

export interface InlineAsm {
  /** The template with LLVM's escapes (`\22`, `\0A`) decoded. */
  readonly template: string;
  readonly constraints: string;
  readonly sideEffect: boolean;
  readonly alignStack: boolean;
  readonly intelDialect: boolean;
}

export const BINARY_OPS = [
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
  'fadd',
  'fsub',
  'fmul',
  'fdiv',
  'frem',
] as const;
export type BinaryOp = (typeof BINARY_OPS)[number];
export const CAST_OPS = [
  'trunc',
  'zext',
  'sext',
  'ptrtoint',
  'inttoptr',
  'bitcast',
  'addrspacecast',
  'fptrunc',
  'fpext',
  'fptoui',
  'fptosi',
  'uitofp',
  'sitofp',
] as const;
export type CastOp = (typeof CAST_OPS)[number];
export const INT_PREDICATES = [
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
] as const;
export type IntPredicate = (typeof INT_PREDICATES)[number];
export const RMW_OPS = [
  'xchg',
  'add',
  'sub',
  'and',
  'nand',
  'or',
  'xor',
  'max',
  'min',
  'umax',
  'umin',
  'uinc_wrap',
  'udec_wrap',
  'usub_cond',
  'usub_sat',
] as const;
export type RmwOp = (typeof RMW_OPS)[number];
export const ORDERINGS = [
  'unordered',
  'monotonic',
  'acquire',
  'release',
  'acq_rel',
  'seq_cst',
] as const;
export type Ordering = (typeof ORDERINGS)[number];

/**
 * Block operands are indexes into `FunctionBody.blocks`. `result` is a local index, -1 for none.
 * Where an instruction has a `type`, it is that of its result.
 */
interface InstructionBase {
  readonly result: number;
  /** Number of the `!dbg` node (a DILocation), -1 for none. */
  readonly debug: number;
}
export interface CallSite {
  readonly callee: Value;
  readonly functionType: Extract<Type, { kind: 'function' }>;
  readonly arguments: readonly Value[];
  /** The nodes of a `!range` on the result as [low, high) pairs, if any. */
  readonly range: readonly (readonly [bigint, bigint])[] | null;
  /** The T of `byval(T)` per argument: the callee gets the address of a copy. Null for the others. */
  readonly byval: readonly (Type | null)[];
  readonly noundef: readonly boolean[];
  /** Is a result that is undef or poison undefined behaviour (`noundef` before the result type, or `!noundef`)? */
  readonly resultNoundef: boolean;
  /** The T of `elementtype(T)` per argument: what an indirect operand of inline assembly (`*m`) points to. */
  readonly elementTypes: readonly (Type | null)[];
  /** Operand bundles, such as `"align"(ptr %p, i64 8)` of `llvm.assume`. */
  readonly bundles: readonly OperandBundle[];
}
export interface OperandBundle {
  readonly tag: string;
  readonly operands: readonly Value[];
}
export type Instruction = InstructionBase &
  (
    | {
        readonly op: 'alloca';
        readonly allocated: Type;
        readonly count: Value | null;
        readonly align: number;
      }
    | {
        readonly op: 'load';
        readonly type: Type;
        readonly pointer: Value;
        readonly volatile: boolean;
        readonly ordering: Ordering | null;
        readonly align: number;
        readonly range: readonly (readonly [bigint, bigint])[] | null;
        readonly noundef: boolean;
      }
    | {
        readonly op: 'store';
        readonly value: Value;
        readonly pointer: Value;
        readonly volatile: boolean;
        readonly ordering: Ordering | null;
        readonly align: number;
      }
    | { readonly op: 'fence'; readonly ordering: Ordering; readonly syncscope: string | null }
    | {
        readonly op: 'cmpxchg';
        readonly pointer: Value;
        readonly expected: Value;
        readonly replacement: Value;
        readonly weak: boolean;
        readonly volatile: boolean;
        readonly success: Ordering;
        readonly failure: Ordering;
        readonly align: number;
        /** `{ T, i1 }`. */
        readonly type: Type;
      }
    | {
        readonly op: 'atomicrmw';
        readonly operation: RmwOp;
        readonly pointer: Value;
        readonly value: Value;
        readonly volatile: boolean;
        readonly ordering: Ordering;
        readonly align: number;
        readonly type: Type;
      }
    | {
        readonly op: 'getelementptr';
        readonly source: Type;
        readonly base: Value;
        readonly indices: readonly Value[];
        readonly type: Type;
        readonly inbounds: boolean;
        readonly nusw: boolean;
        readonly nuw: boolean;
      }
    | {
        readonly op: 'binary';
        readonly operation: BinaryOp;
        readonly type: Type;
        readonly left: Value;
        readonly right: Value;
        readonly nuw: boolean;
        readonly nsw: boolean;
        readonly exact: boolean;
        readonly disjoint: boolean;
      }
    | { readonly op: 'fneg'; readonly type: Type; readonly value: Value }
    | {
        readonly op: 'cast';
        readonly operation: CastOp;
        readonly type: Type;
        readonly value: Value;
        readonly nneg: boolean;
        readonly nuw: boolean;
        readonly nsw: boolean;
      }
    | {
        readonly op: 'icmp';
        readonly predicate: IntPredicate;
        readonly left: Value;
        readonly right: Value;
        readonly samesign: boolean;
        readonly type: Type;
      }
    | {
        readonly op: 'fcmp';
        readonly predicate: string;
        readonly left: Value;
        readonly right: Value;
        readonly type: Type;
      }
    | {
        readonly op: 'phi';
        readonly type: Type;
        readonly incoming: readonly { readonly value: Value; readonly block: number }[];
      }
    | {
        readonly op: 'select';
        readonly type: Type;
        readonly condition: Value;
        readonly left: Value;
        readonly right: Value;
      }
    | { readonly op: 'freeze'; readonly type: Type; readonly value: Value }
    | {
        readonly op: 'extractvalue';
        readonly type: Type;
        readonly aggregate: Value;
        readonly indices: readonly number[];
      }
    | {
        readonly op: 'insertvalue';
        readonly type: Type;
        readonly aggregate: Value;
        readonly value: Value;
        readonly indices: readonly number[];
      }
    | {
        readonly op: 'extractelement';
        readonly type: Type;
        readonly vector: Value;
        readonly index: Value;
      }
    | {
        readonly op: 'insertelement';
        readonly type: Type;
        readonly vector: Value;
        readonly value: Value;
        readonly index: Value;
      }
    | {
        readonly op: 'shufflevector';
        readonly type: Type;
        readonly left: Value;
        readonly right: Value;
        /** -1 for an element that may be anything. */
        readonly mask: readonly number[];
      }
    | { readonly op: 'vaarg'; readonly type: Type; readonly list: Value }
    | ({ readonly op: 'call'; readonly type: Type; readonly tail: string | null } & CallSite)
    | ({
        readonly op: 'callbr';
        readonly type: Type;
        readonly fallthrough: number;
        readonly indirect: readonly number[];
      } & CallSite)
    | { readonly op: 'ret'; readonly value: Value | null }
    | { readonly op: 'br'; readonly target: number }
    | {
        readonly op: 'condbr';
        readonly condition: Value;
        readonly ifTrue: number;
        readonly ifFalse: number;
      }
    | {
        readonly op: 'switch';
        readonly value: Value;
        readonly cases: readonly { readonly value: bigint; readonly target: number }[];
        readonly otherwise: number;
      }
    | { readonly op: 'indirectbr'; readonly address: Value; readonly targets: readonly number[] }
    | { readonly op: 'unreachable' }
  );

export interface Block {
  /** The label without `%`; the implicit number of an unnamed block as text. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

export interface Parameter {
  readonly type: Type;
  readonly name: string;
  readonly byval: Type | null;
  readonly sret: Type | null;
  readonly noundef: boolean;
}

/** A `declare` or `define`. Bodies are read when first asked for: `body()` caches. */
export interface FunctionDefinition {
  readonly name: string;
  readonly linkage: string;
  readonly type: Extract<Type, { kind: 'function' }>;
  readonly parameters: readonly Parameter[];
  readonly isDeclaration: boolean;
  /** The words of its attributes, groups included (`noreturn`, `naked`, `alwaysinline`); those in quotes are left out. */
  readonly attributes: readonly string[];
  readonly section: string | null;
  /** `!dbg` node (a DISubprogram), -1 for none. */
  readonly debug: number;
  /** 1-based line of the `define` in the .ll file. */
  readonly line: number;
}

export interface FunctionBody {
  readonly blocks: readonly Block[];
  /** Types of the locals, by index. */
  readonly locals: readonly Type[];
  /** Names of the locals without `%`, by index; numbers as text. */
  readonly localNames: readonly string[];
  /** What `#dbg_declare`/`llvm.dbg.declare` says of allocas: local index -> source variable name. */
  readonly variables: ReadonlyMap<number, string>;
}

export interface GlobalVariable {
  readonly name: string;
  readonly linkage: string;
  readonly type: Type;
  /** `constant` rather than `global`. */
  readonly isConstant: boolean;
  readonly isDeclaration: boolean;
  readonly initializer: Value | null;
  readonly section: string | null;
  readonly align: number;
  readonly threadLocal: boolean;
  readonly addressSpace: number;
  readonly line: number;
}

export interface Alias {
  readonly name: string;
  readonly linkage: string;
  readonly type: Type;
  readonly target: Value;
}

/** Sizes in bits, alignments in bytes, as the ABI has them. `layout.ts` reads and applies it. */
export interface DataLayout {
  readonly text: string;
  readonly littleEndian: boolean;
  /** Of address space 0. */
  readonly pointerBits: number;
  /** By integer width; a width between two takes the next wider one, one above all the widest given. */
  readonly integerAlign: ReadonlyMap<number, number>;
  readonly floatAlign: ReadonlyMap<number, number>;
  readonly vectorAlign: ReadonlyMap<number, number>;
  readonly pointerAlign: number;
  /** Address spaces whose pointers are not those of address space 0. */
  readonly pointers: ReadonlyMap<number, PointerLayout>;
  /** The least alignment of a struct. */
  readonly aggregateAlign: number;
}

export interface PointerLayout {
  readonly bits: number;
  readonly align: number;
  /** The width in which addresses are computed. */
  readonly indexBits: number;
}

/** One place in the source. `inlinedAt` is the call site it was inlined into, outermost last. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly function: string;
  readonly inlinedAt: SourceLocation | null;
}

export interface Module {
  /** Where it came from, for messages. */
  readonly path: string;
  readonly sourceFilename: string;
  readonly targetTriple: string;
  readonly dataLayout: DataLayout;
  readonly structs: ReadonlyMap<string, Extract<Type, { kind: 'struct' }>>;
  readonly globals: ReadonlyMap<string, GlobalVariable>;
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly aliases: ReadonlyMap<string, Alias>;
  /** `target` is the function that is called once, at load time, to choose the real one. */
  readonly ifuncs: ReadonlyMap<string, Alias>;
  /** `module asm` lines, decoded. */
  readonly moduleAsm: readonly string[];
  /** The producer string of `!llvm.ident`, such as "clang version 19.1.7". */
  readonly producer: string;
  /** The body of a definition, read on first use and kept. Fails: `IrError` as the reader does. */
  body(definition: FunctionDefinition): FunctionBody;
  /** The source location of a `!dbg` node, or null where there is none. Metadata is read on first use. */
  location(debug: number): SourceLocation | null;
}
