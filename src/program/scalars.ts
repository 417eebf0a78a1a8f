import { gepOffset, sizeOf, structLayout } from '../llvm/layout.ts';
import type { Module, Type, Value } from '../llvm/module.ts';

/** One scalar of a value: its byte offset in memory and its width; `bits` -1 for what lanes cannot hold. */
export interface Scalar {
  readonly offset: number;
  readonly bits: number;
}

/** The scalars that a value of `type` is made of, in memory order. Empty for void. */
export function scalarsOf(module: Module, type: Type): readonly Scalar[] {
  const found: Scalar[] = [];
  collect(module, type, 0, found);
  return found;
}

function collect(module: Module, type: Type, offset: number, into: Scalar[]): void {
  switch (type.kind) {
    case 'void':
    case 'label':
    case 'metadata':
    case 'token':
      return;
    case 'int':
      into.push({ offset, bits: type.bits <= 64 ? type.bits : -1 });
      return;
    case 'ptr':
      into.push({ offset, bits: module.dataLayout.pointerBits });
      return;
    case 'array': {
      const stride = sizeOf(module.dataLayout, type.element);
      if (type.count > 64) into.push({ offset, bits: -1 });
      else
        for (let i = 0; i < type.count; i++)
          collect(module, type.element, offset + i * stride, into);
      return;
    }
    case 'struct': {
      const { offsets } = structLayout(module.dataLayout, type);
      type.fields.forEach((field, index) => {
        collect(module, field, offset + offsets[index]!, into);
      });
      return;
    }
    default:
      into.push({ offset, bits: -1 });
  }
}

/** The byte offset of a getelementptr whose indices are all constant; null where one is not. */
export function constantOffset(
  module: Module,
  source: Type,
  indices: readonly Value[],
): number | null {
  const { constant, terms } = gepOffset(module.dataLayout, source, indices);
  return terms.length === 0 ? Number(constant) : null;
}
