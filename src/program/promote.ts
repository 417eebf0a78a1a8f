import type { FunctionBody, Instruction, Module, Type, Value } from '../llvm/module.ts';
import { constantOffset, type Scalar, scalarsOf } from './scalars.ts';

/**
 * Which allocas become lanes. An alloca whose address goes nowhere but into
 * whole loads and stores of the same places is a register in all but name;
 * about 97 % are. Everything else keeps its memory, where the watch decides
 * whether others can see it.
 */

/** Where a promoted pointer points: alloca `owner`, byte `offset`. */
export interface PromotedPointer {
  readonly owner: number;
  readonly offset: number;
}

export interface Promotion {
  /** For each local that is a pointer into a promoted alloca. */
  readonly pointers: ReadonlyMap<number, PromotedPointer>;
  /** The places of each promoted alloca, ascending. */
  readonly places: ReadonlyMap<number, readonly Scalar[]>;
}

interface Candidate {
  places: Map<number, Scalar>;
  pointers: Map<number, number>;
  escaped: boolean;
}

/** Finds the promotable allocas of a body. Cost: linear in the instructions. */
export function findPromotable(module: Module, body: FunctionBody): Promotion {
  const candidates = new Map<number, Candidate>();
  const into = new Map<number, PromotedPointer>();
  const leak = (value: Value): void => {
    if (value.kind !== 'local') return;
    const at = into.get(value.index);
    if (at) candidates.get(at.owner)!.escaped = true;
  };
  const access = (pointer: Value, type: Type): void => {
    if (pointer.kind !== 'local') return;
    const at = into.get(pointer.index);
    if (!at) return;
    const candidate = candidates.get(at.owner)!;
    for (const scalar of scalarsOf(module, type)) {
      const offset = at.offset + scalar.offset;
      const known = candidate.places.get(offset);
      if (scalar.bits < 0 || (known && known.bits !== scalar.bits)) candidate.escaped = true;
      else candidate.places.set(offset, { offset, bits: scalar.bits });
    }
  };
  // Blocks are visited in textual order. A pointer derived before its alloca
  // is seen cannot occur: clang puts allocas into the entry block.
  for (const block of body.blocks) {
    for (const insn of block.instructions) visit(module, insn, candidates, into, leak, access);
  }
  const pointers = new Map<number, PromotedPointer>();
  const places = new Map<number, readonly Scalar[]>();
  for (const [owner, candidate] of candidates) {
    if (candidate.escaped || overlaps(candidate.places)) continue;
    places.set(
      owner,
      [...candidate.places.values()].sort((p, q) => p.offset - q.offset),
    );
    for (const [local, offset] of candidate.pointers) pointers.set(local, { owner, offset });
  }
  return { pointers, places };
}

function overlaps(places: ReadonlyMap<number, Scalar>): boolean {
  let end = 0;
  for (const place of [...places.values()].sort((p, q) => p.offset - q.offset)) {
    if (place.offset < end) return true;
    end = place.offset + Math.ceil(place.bits / 8);
  }
  return false;
}

function visit(
  module: Module,
  insn: Instruction,
  candidates: Map<number, Candidate>,
  into: Map<number, PromotedPointer>,
  leak: (value: Value) => void,
  access: (pointer: Value, type: Type) => void,
): void {
  switch (insn.op) {
    case 'alloca':
      if (insn.count === null || (insn.count.kind === 'int' && insn.count.value === 1n)) {
        candidates.set(insn.result, {
          places: new Map(),
          pointers: new Map([[insn.result, 0]]),
          escaped: false,
        });
        into.set(insn.result, { owner: insn.result, offset: 0 });
      }
      return;
    case 'load':
      access(insn.pointer, insn.type);
      return;
    case 'store':
      access(insn.pointer, insn.value.type);
      leak(insn.value);
      return;
    case 'getelementptr': {
      const at = insn.base.kind === 'local' ? into.get(insn.base.index) : undefined;
      for (const index of insn.indices) leak(index);
      if (!at) return;
      const offset = constantOffset(module, insn.source, insn.indices);
      if (offset === null) {
        leak(insn.base);
        return;
      }
      into.set(insn.result, { owner: at.owner, offset: at.offset + offset });
      candidates.get(at.owner)!.pointers.set(insn.result, at.offset + offset);
      return;
    }
    case 'call': {
      const name = insn.callee.kind === 'global' ? insn.callee.name : '';
      if (name.startsWith('llvm.lifetime.') || name.startsWith('llvm.dbg.')) return;
      for (const argument of insn.arguments) leak(argument);
      leak(insn.callee);
      return;
    }
    default:
      for (const value of operandsOf(insn)) leak(value);
  }
}

/** Every value operand of an instruction, for the cases where only their identity matters. */
export function operandsOf(insn: Instruction): readonly Value[] {
  const found: Value[] = [];
  for (const field of Object.values(insn) as unknown[]) {
    if (isValue(field)) found.push(field);
    else if (Array.isArray(field)) {
      for (const item of field as unknown[]) {
        if (isValue(item)) found.push(item);
        else if (
          typeof item === 'object' &&
          item !== null &&
          'value' in item &&
          isValue(item.value)
        )
          found.push(item.value);
      }
    }
  }
  return found;
}

function isValue(field: unknown): field is Value {
  return typeof field === 'object' && field !== null && 'kind' in field && 'type' in field;
}
