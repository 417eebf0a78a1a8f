import { gepOffset, sizeOf } from '../llvm/layout.ts';
import type {
  Block,
  CallSite,
  FunctionBody,
  FunctionDefinition,
  Instruction,
  Module,
  Value,
} from '../llvm/module.ts';
import {
  type CallArgument,
  type Code,
  type Edge,
  FRAME_HEADER,
  Insn,
  LANE,
  OP,
  type Opcode,
  type Ref,
} from './code.ts';
import { type AddressOf, type Constant, evaluateScalars } from './constants.ts';
import { Liveness } from './liveness.ts';
import { findPromotable, type Promotion } from './promote.ts';
import { type Scalar, scalarsOf } from './scalars.ts';

/**
 * Turns one function body into lowered code: struct values into lanes, phis
 * into copies on edges, address arithmetic into adds and scales, promotable
 * allocas into lanes. What an engine cannot run (floating point, vectors,
 * 128-bit arithmetic) becomes a `trap` with its text: an error if reached,
 * since a kernel module is full of code that no scenario reaches.
 */
export function lower(
  module: Module,
  definition: FunctionDefinition,
  addressOf: AddressOf,
  simplifications: Simplifications = {},
): Code {
  return new Lowering(
    module,
    definition,
    module.body(definition),
    addressOf,
    simplifications,
  ).run();
}

/** What lowering may leave out for speed and for fewer states; off only in tests, which compare. */
export interface Simplifications {
  /** Allocas that become lanes. */
  readonly promote?: boolean;
  /** Lanes that state keys leave out because nobody reads them again. */
  readonly liveness?: boolean;
}

class Lowering {
  readonly #module: Module;
  readonly #definition: FunctionDefinition;
  readonly #body: FunctionBody;
  readonly #addressOf: AddressOf;
  readonly #promotion: Promotion;
  readonly #liveness: boolean;
  readonly #insns: Insn[] = [];
  readonly #constants: number[] = [];
  readonly #constantRefs = new Map<string, Ref>();
  /** Per local: word offset of its first lane, -1 while it has none. */
  readonly #laneOf: Int32Array;
  readonly #places = new Map<string, number>();
  #words = FRAME_HEADER;
  #stackBytes = 0;
  #debug = -1;
  #allocas = 0;

  constructor(
    module: Module,
    definition: FunctionDefinition,
    body: FunctionBody,
    addressOf: AddressOf,
    simplifications: Simplifications,
  ) {
    this.#module = module;
    this.#definition = definition;
    this.#body = body;
    this.#addressOf = addressOf;
    this.#promotion =
      simplifications.promote === false
        ? { pointers: new Map(), places: new Map() }
        : findPromotable(module, body);
    this.#liveness = simplifications.liveness !== false;
    this.#laneOf = new Int32Array(body.locals.length).fill(-1);
  }

  run(): Code {
    const { parameters } = this.#definition;
    const parameterLanes = parameters.flatMap((parameter, index) => {
      const scalars = scalarsOf(this.#module, parameter.type);
      const at = (this.#laneOf[index] = this.#allocate(scalars.length));
      return scalars.map((scalar, lane) => ({ at: at + lane * LANE, bits: scalar.bits }));
    });
    const starts = this.#body.blocks.map((block) => this.#lowerBlock(block));
    for (const insn of this.#insns) {
      for (const edge of [...insn.edges, ...(insn.asm?.edges ?? [])])
        edge.target = starts[edge.target]!;
    }
    const liveness = new Liveness(this.#insns, this.#words);
    const all = Uint16Array.from(
      { length: (this.#words - FRAME_HEADER) / LANE },
      (_, lane) => FRAME_HEADER + lane * LANE,
    );
    this.#insns.forEach((insn, pc) => {
      if (insn.op === OP.rmw) insn.unused = !liveness.before(pc + 1).includes(insn.dst);
    });
    return {
      insns: this.#insns,
      constants: Uint32Array.from(this.#constants),
      frameWords: this.#words,
      parameters: parameterLanes,
      resultBits: scalarsOf(this.#module, this.#definition.type.result).map(({ bits }) => bits),
      stackBytes: (this.#stackBytes + 15) & ~15,
      allocas: this.#allocas,
      promoted: this.#promotion.places.size,
      alive: (pc) => (this.#liveness ? liveness.before(pc) : all),
      aliveAfter: (pc) => (this.#liveness ? liveness.after(pc) : all),
    };
  }

  #allocate(lanes: number): number {
    const at = this.#words;
    this.#words += lanes * LANE;
    return at;
  }

  #lowerBlock(block: Block): number {
    const start = this.#insns.length;
    for (const insn of block.instructions) {
      this.#debug = insn.debug;
      try {
        this.#lowerInstruction(insn, block);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        this.#trap(`${insn.op}: ${error.message}`);
      }
    }
    return start;
  }

  #emit(op: Opcode): Insn {
    const insn = new Insn(OP[op], this.#debug);
    this.#insns.push(insn);
    return insn;
  }

  #trap(text: string): void {
    this.#emit('trap').text = text;
  }

  #resultLanes(insn: Instruction): { at: number; scalars: readonly Scalar[] } {
    const scalars = scalarsOf(this.#module, this.#body.locals[insn.result]!);
    let at = this.#laneOf[insn.result]!;
    if (at < 0) at = this.#laneOf[insn.result] = this.#allocate(scalars.length);
    return { at, scalars };
  }

  #constant(constant: Constant): Ref {
    const key = `${constant.value}/${constant.undefined}`;
    const known = this.#constantRefs.get(key);
    if (known !== undefined) return known;
    const ref = ~this.#constants.length;
    this.#constants.push(
      Number(constant.value & 0xffffffffn),
      Number((constant.value >> 32n) & 0xffffffffn),
      constant.undefined ? 1 : 0,
    );
    this.#constantRefs.set(key, ref);
    return ref;
  }

  /** The refs of all lanes of an operand. */
  #refs(value: Value): Ref[] {
    if (value.kind === 'local') {
      const scalars = scalarsOf(this.#module, value.type);
      let at = this.#laneOf[value.index]!;
      // A phi may read a value that is defined further down.
      if (at < 0) at = this.#laneOf[value.index] = this.#allocate(scalars.length);
      return scalars.map((_, lane) => at + lane * LANE);
    }
    return evaluateScalars(this.#module, value, this.#addressOf).map((constant) =>
      this.#constant(constant),
    );
  }

  #ref(value: Value): Ref {
    const refs = this.#refs(value);
    if (refs.length !== 1)
      throw new TypeError(`a value of ${refs.length} lanes where one is needed`);
    return refs[0]!;
  }

  #bits(value: Value): number {
    const scalars = scalarsOf(this.#module, value.type);
    if (scalars.length !== 1 || scalars[0]!.bits < 0)
      throw new TypeError(`values of type ${value.type.kind} are not run`);
    return scalars[0]!.bits;
  }

  #copy(dst: number, source: Ref): void {
    const insn = this.#emit('copy');
    insn.dst = dst;
    insn.a = source;
  }

  #edge(target: number, from: Block): Edge {
    const moves: number[] = [];
    const fromIndex = this.#body.blocks.indexOf(from);
    for (const phi of this.#body.blocks[target]!.instructions) {
      if (phi.op !== 'phi') break;
      const incoming = phi.incoming.find(({ block }) => block === fromIndex);
      if (!incoming) continue;
      const lanes = scalarsOf(this.#module, phi.type).length;
      if (this.#laneOf[phi.result]! < 0) this.#laneOf[phi.result] = this.#allocate(lanes);
      const sources = this.#refs(incoming.value);
      for (let lane = 0; lane < lanes; lane++)
        moves.push(this.#laneOf[phi.result]! + lane * LANE, sources[lane]!);
    }
    return { target, moves };
  }

  #lowerInstruction(insn: Instruction, block: Block): void {
    switch (insn.op) {
      case 'alloca':
        this.#lowerAlloca(insn);
        return;
      case 'load':
        this.#lowerLoad(insn);
        return;
      case 'store':
        this.#lowerStore(insn);
        return;
      case 'fence':
        // On x86 only a full fence is more than a hint to the compiler.
        if (insn.ordering === 'seq_cst' && insn.syncscope === null) this.#emit('fence');
        return;
      case 'cmpxchg': {
        const { at } = this.#resultLanes(insn);
        const lowered = this.#emit('cmpxchg');
        lowered.dst = at;
        lowered.a = this.#ref(insn.pointer);
        lowered.b = this.#ref(insn.expected);
        lowered.c = this.#ref(insn.replacement);
        lowered.bits = this.#bits(insn.expected);
        return;
      }
      case 'atomicrmw': {
        const { at } = this.#resultLanes(insn);
        const lowered = this.#emit('rmw');
        lowered.dst = at;
        lowered.a = this.#ref(insn.pointer);
        lowered.b = this.#ref(insn.value);
        lowered.bits = this.#bits(insn.value);
        lowered.text = insn.operation;
        return;
      }
      case 'getelementptr':
        this.#lowerAddress(insn);
        return;
      case 'binary': {
        const { at } = this.#resultLanes(insn);
        const lowered = this.#emit(insn.operation as Opcode);
        if (lowered.op === undefined) throw new TypeError('floating point');
        lowered.dst = at;
        lowered.a = this.#ref(insn.left);
        lowered.b = this.#ref(insn.right);
        lowered.bits = this.#bits(insn.left);
        return;
      }
      case 'icmp': {
        const { at } = this.#resultLanes(insn);
        const lowered = this.#emit(insn.predicate);
        lowered.dst = at;
        lowered.a = this.#ref(insn.left);
        lowered.b = this.#ref(insn.right);
        lowered.bits = this.#bits(insn.left);
        return;
      }
      case 'cast':
        this.#lowerCast(insn);
        return;
      case 'phi':
        if (this.#laneOf[insn.result]! < 0) this.#resultLanes(insn);
        return;
      case 'select': {
        const { at, scalars } = this.#resultLanes(insn);
        const condition = this.#ref(insn.condition);
        const left = this.#refs(insn.left);
        const right = this.#refs(insn.right);
        scalars.forEach((_, lane) => {
          const lowered = this.#emit('select');
          lowered.dst = at + lane * LANE;
          lowered.a = condition;
          lowered.b = left[lane]!;
          lowered.c = right[lane]!;
        });
        return;
      }
      case 'freeze': {
        const { at } = this.#resultLanes(insn);
        this.#refs(insn.value).forEach((ref, lane) => {
          const lowered = this.#emit('freeze');
          lowered.dst = at + lane * LANE;
          lowered.a = ref;
        });
        return;
      }
      case 'extractvalue': {
        const { at, scalars } = this.#resultLanes(insn);
        const first = this.#laneWithin(insn.aggregate.type, insn.indices);
        const sources = this.#refs(insn.aggregate);
        scalars.forEach((_, lane) => {
          this.#copy(at + lane * LANE, sources[first + lane]!);
        });
        return;
      }
      case 'insertvalue': {
        const { at, scalars } = this.#resultLanes(insn);
        const first = this.#laneWithin(insn.aggregate.type, insn.indices);
        const sources = this.#refs(insn.aggregate);
        const inserted = this.#refs(insn.value);
        scalars.forEach((_, lane) => {
          const within = lane - first;
          this.#copy(
            at + lane * LANE,
            within >= 0 && within < inserted.length ? inserted[within]! : sources[lane]!,
          );
        });
        return;
      }
      case 'call':
      case 'callbr':
        this.#lowerCall(insn, block);
        return;
      case 'ret': {
        const lowered = this.#emit('ret');
        lowered.call = {
          indirect: null,
          name: null,
          arguments: insn.value ? [this.#argument(insn.value, 0)] : [],
          results: [],
        };
        return;
      }
      case 'br':
        this.#emit('br').edges = [this.#edge(insn.target, block)];
        return;
      case 'condbr': {
        const condition = this.#ref(insn.condition);
        const lowered = this.#emit('condbr');
        lowered.a = condition;
        lowered.edges = [this.#edge(insn.ifTrue, block), this.#edge(insn.ifFalse, block)];
        return;
      }
      case 'switch': {
        const lowered = this.#emit('switch');
        lowered.a = this.#ref(insn.value);
        lowered.bits = this.#bits(insn.value);
        lowered.edges = [insn.otherwise, ...insn.cases.map(({ target }) => target)].map((target) =>
          this.#edge(target, block),
        );
        lowered.keys = insn.cases.map(
          ({ value }) => [Number(value & 0xffffffffn), Number(value >> 32n)] as const,
        );
        return;
      }
      case 'unreachable':
        this.#trap('unreachable code reached');
        return;
      default:
        if (insn.result >= 0) this.#resultLanes(insn);
        this.#trap(`${insn.op} is not run by this engine`);
    }
  }

  /** The index of the first lane of an aggregate's member. */
  #laneWithin(type: Value['type'], indices: readonly number[]): number {
    let lane = 0;
    let at = type;
    for (const index of indices) {
      if (at.kind === 'struct') {
        for (const field of at.fields.slice(0, index))
          lane += scalarsOf(this.#module, field).length;
        at = at.fields[index]!;
      } else if (at.kind === 'array') {
        lane += index * scalarsOf(this.#module, at.element).length;
        at = at.element;
      } else throw new TypeError(`extractvalue from ${at.kind}`);
    }
    return lane;
  }

  #placeLane(owner: number, offset: number): number {
    const key = `${owner}/${offset}`;
    let at = this.#places.get(key);
    if (at === undefined) {
      at = this.#allocate(1);
      this.#places.set(key, at);
    }
    return at;
  }

  #lowerAlloca(insn: Instruction & { op: 'alloca' }): void {
    this.#allocas++;
    const places = this.#promotion.places.get(insn.result);
    if (places) {
      for (const { offset } of places)
        this.#emit('undefine').dst = this.#placeLane(insn.result, offset);
      return;
    }
    const { at } = this.#resultLanes(insn);
    if (insn.count && insn.count.kind !== 'int') throw new TypeError('an alloca of variable size');
    const align = Math.max(insn.align, 8);
    this.#stackBytes = Math.ceil(this.#stackBytes / align) * align;
    const lowered = this.#emit('alloca');
    lowered.dst = at;
    lowered.scale = this.#stackBytes;
    lowered.bits =
      sizeOf(this.#module.dataLayout, insn.allocated) *
      Number(insn.count?.kind === 'int' ? insn.count.value : 1n);
    lowered.bits2 = this.#module.dataLayout.pointerBits;
    this.#stackBytes += lowered.bits;
  }

  #pointerInto(pointer: Value): { owner: number; offset: number } | undefined {
    return pointer.kind === 'local' ? this.#promotion.pointers.get(pointer.index) : undefined;
  }

  #lowerLoad(insn: Instruction & { op: 'load' }): void {
    const { at, scalars } = this.#resultLanes(insn);
    const place = this.#pointerInto(insn.pointer);
    scalars.forEach((scalar, lane) => {
      if (scalar.bits < 0) throw new TypeError('loads of this type are not run');
      if (place) {
        this.#copy(at + lane * LANE, this.#placeLane(place.owner, place.offset + scalar.offset));
        return;
      }
      const address = this.#offset(this.#ref(insn.pointer), scalar.offset);
      const lowered = this.#emit('load');
      lowered.dst = at + lane * LANE;
      lowered.a = address;
      lowered.bits = scalar.bits;
      lowered.volatile = insn.volatile;
      lowered.whole = insn.ordering !== null;
      lowered.range = insn.range;
    });
  }

  #lowerStore(insn: Instruction & { op: 'store' }): void {
    const place = this.#pointerInto(insn.pointer);
    const values = this.#refs(insn.value);
    scalarsOf(this.#module, insn.value.type).forEach((scalar, lane) => {
      if (scalar.bits < 0) throw new TypeError('stores of this type are not run');
      if (place) {
        this.#copy(this.#placeLane(place.owner, place.offset + scalar.offset), values[lane]!);
        return;
      }
      const address = this.#offset(this.#ref(insn.pointer), scalar.offset);
      const lowered = this.#emit('store');
      lowered.a = values[lane]!;
      lowered.b = address;
      lowered.bits = scalar.bits;
      lowered.volatile = insn.volatile;
      lowered.whole = insn.ordering !== null;
      lowered.ordered = insn.ordering === 'seq_cst';
    });
  }

  /** `base + offset` as a ref; no instruction where the offset is 0. */
  #offset(base: Ref, offset: number): Ref {
    if (offset === 0) return base;
    const bits = this.#module.dataLayout.pointerBits;
    const lowered = this.#emit('add');
    lowered.dst = this.#allocate(1);
    lowered.a = base;
    lowered.b = this.#constant({
      bits,
      value: BigInt.asUintN(bits, BigInt(offset)),
      undefined: false,
    });
    lowered.bits = bits;
    return lowered.dst;
  }

  #lowerAddress(insn: Instruction & { op: 'getelementptr' }): void {
    if (this.#promotion.pointers.has(insn.result)) return;
    const { at } = this.#resultLanes(insn);
    let base = this.#ref(insn.base);
    const { constant, terms } = gepOffset(this.#module.dataLayout, insn.source, insn.indices);
    for (const { index, scale } of terms) {
      const from = base;
      const lowered = this.#emit('scale');
      lowered.a = from;
      lowered.b = this.#ref(index);
      lowered.scale = Number(scale);
      lowered.bits = this.#module.dataLayout.pointerBits;
      lowered.bits2 = this.#bits(index);
      lowered.dst = base = this.#allocate(1);
    }
    this.#copy(at, this.#offset(base, Number(constant)));
  }

  #lowerCast(insn: Instruction & { op: 'cast' }): void {
    const { at } = this.#resultLanes(insn);
    const bits = this.#bits({ kind: 'undef', type: insn.type });
    const from = this.#bits(insn.value);
    const ops: Partial<Record<string, Opcode>> = {
      trunc: 'trunc',
      zext: 'zext',
      sext: 'sext',
      ptrtoint: bits < from ? 'trunc' : 'zext',
      inttoptr: bits < from ? 'trunc' : 'zext',
      bitcast: 'copy',
      addrspacecast: 'copy',
    };
    const op = ops[insn.operation];
    if (!op) throw new TypeError('floating point');
    const lowered = this.#emit(op);
    lowered.dst = at;
    lowered.a = this.#ref(insn.value);
    lowered.bits = bits;
    lowered.bits2 = from;
  }

  #argument(value: Value, byvalBytes: number): CallArgument {
    return {
      refs: this.#refs(value),
      bits: scalarsOf(this.#module, value.type).map(({ bits }) => bits),
      byvalBytes,
    };
  }

  #lowerCall(insn: Instruction & CallSite & { op: 'call' | 'callbr' }, block: Block): void {
    const name = insn.callee.kind === 'global' ? insn.callee.name : null;
    if (name?.startsWith('llvm.') && this.#lowerIntrinsic(name, insn)) return;
    const values = insn.arguments
      .filter((argument) => argument.kind !== 'metadata')
      .map((argument, index) => {
        const byval = insn.byval[index];
        return this.#argument(argument, byval ? sizeOf(this.#module.dataLayout, byval) : 0);
      });
    const results =
      insn.result < 0 || insn.type.kind === 'void'
        ? []
        : (() => {
            const { at, scalars } = this.#resultLanes(insn);
            return scalars.map((scalar, lane) => ({ at: at + lane * LANE, bits: scalar.bits }));
          })();
    const edges =
      insn.op === 'callbr'
        ? [insn.fallthrough, ...insn.indirect].map((target) => this.#edge(target, block))
        : [];
    if (insn.callee.kind === 'asm') {
      const { template, constraints } = insn.callee.asm;
      const operands = values.flatMap(({ refs, bits }) =>
        refs.map((ref, lane) => ({ ref, bits: bits[lane]! })),
      );
      const lowered = this.#emit('asm');
      // Where an update without lock prefix keeps what it read.
      lowered.dst = this.#allocate(1);
      lowered.asm = { template, constraints, operands, results, edges };
      return;
    }
    const lowered = this.#emit('call');
    lowered.call = {
      indirect: name === null ? this.#ref(insn.callee) : null,
      name,
      arguments: values,
      results,
    };
    lowered.range = insn.range;
    lowered.edges = edges;
  }

  /** The LLVM intrinsics that are arithmetic or nothing. False: a call like any other. */
  #lowerIntrinsic(name: string, insn: Instruction & CallSite): boolean {
    if (name.startsWith('llvm.lifetime.')) {
      const pointer = insn.arguments[insn.arguments.length - 1]!;
      const place = this.#pointerInto(pointer);
      if (place) {
        for (const { offset } of this.#promotion.places.get(place.owner)!)
          this.#emit('undefine').dst = this.#placeLane(place.owner, offset);
      }
      return true;
    }
    if (
      /^llvm\.(dbg\.|assume|experimental\.noalias|donothing|invariant\.|prefetch|var\.annotation|instrprof)/.test(
        name,
      )
    )
      return true;
    if (/^llvm\.(expect|launder|strip|annotation|ptr\.annotation|ssa\.copy)/.test(name)) {
      const { at } = this.#resultLanes(insn as Instruction);
      this.#copy(at, this.#ref(insn.arguments[0]!));
      return true;
    }
    return false;
  }
}
