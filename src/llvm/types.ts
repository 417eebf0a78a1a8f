/**
 * Small help with types: the shared ones, printing as LLVM writes them, and
 * equality. Integer and pointer types are made once, so that the many
 * instructions of a module share a few objects.
 */

import type { Type } from './module.ts';

export type IntType = Extract<Type, { kind: 'int' }>;
export type PtrType = Extract<Type, { kind: 'ptr' }>;
export type StructType = Extract<Type, { kind: 'struct' }>;
export type FunctionType = Extract<Type, { kind: 'function' }>;
export type FloatName = Extract<Type, { kind: 'float' }>['name'];

export const VOID: Type = { kind: 'void' };
export const LABEL_TYPE: Type = { kind: 'label' };
export const METADATA: Type = { kind: 'metadata' };
export const TOKEN: Type = { kind: 'token' };

const ints: IntType[] = [];
/** `i<bits>`. */
export function intType(bits: number): IntType {
  return (ints[bits] ??= { kind: 'int', bits });
}

const pointers: PtrType[] = [];
/** `ptr`, in an address space. */
export function ptrType(addressSpace = 0): PtrType {
  return (pointers[addressSpace] ??= { kind: 'ptr', addressSpace });
}

/** `i1`, or a vector of them where `like` is a vector: what a comparison of such operands gives. */
export function boolLike(like: Type): Type {
  return like.kind === 'vector' ? { ...like, element: intType(1) } : intType(1);
}

/** The type as LLVM writes it where it is used: a named struct by its name. */
export function printType(type: Type): string {
  switch (type.kind) {
    case 'int':
      return `i${type.bits}`;
    case 'float':
      return type.name;
    case 'ptr':
      return type.addressSpace === 0 ? 'ptr' : `ptr addrspace(${type.addressSpace})`;
    case 'array':
      return `[${type.count} x ${printType(type.element)}]`;
    case 'vector':
      return `<${type.scalable ? 'vscale x ' : ''}${type.count} x ${printType(type.element)}>`;
    case 'struct':
      return type.name === null ? printFields(type) : printName(type.name);
    case 'function': {
      const parameters = type.parameters.map(printType);
      if (type.variadic) parameters.push('...');
      return `${printType(type.result)} (${parameters.join(', ')})`;
    }
    case 'void':
    case 'label':
    case 'metadata':
    case 'token':
      return type.kind;
  }
}

/** What stands behind `%name = type`. */
export function printFields(type: StructType): string {
  if (type.opaque) return 'opaque';
  const fields = type.fields.length === 0 ? '{}' : `{ ${type.fields.map(printType).join(', ')} }`;
  return type.packed ? `<${fields}>` : fields;
}

function printName(name: string): string {
  return /^[-a-zA-Z._0-9]+$/.test(name) ? `%${name}` : `%"${name}"`;
}

/** Are these one type? Named structs are compared by name: a module has one of each. */
export function sameType(left: Type, right: Type): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind) return false;
  switch (left.kind) {
    case 'int':
      return left.bits === (right as IntType).bits;
    case 'float':
      return left.name === (right as typeof left).name;
    case 'ptr':
      return left.addressSpace === (right as PtrType).addressSpace;
    case 'array':
      return (
        left.count === (right as typeof left).count &&
        sameType(left.element, (right as typeof left).element)
      );
    case 'vector':
      return (
        left.count === (right as typeof left).count &&
        left.scalable === (right as typeof left).scalable &&
        sameType(left.element, (right as typeof left).element)
      );
    case 'struct': {
      const other = right as StructType;
      if (left.name !== null || other.name !== null) return left.name === other.name;
      return left.packed === other.packed && sameTypes(left.fields, other.fields);
    }
    case 'function': {
      const other = right as FunctionType;
      return (
        left.variadic === other.variadic &&
        sameType(left.result, other.result) &&
        sameTypes(left.parameters, other.parameters)
      );
    }
    case 'void':
    case 'label':
    case 'metadata':
    case 'token':
      return true;
  }
}

function sameTypes(left: readonly Type[], right: readonly Type[]): boolean {
  return left.length === right.length && left.every((type, at) => sameType(type, right[at]));
}

/** The type reached from an aggregate by constant field and element numbers, or null where there is none. */
export function fieldType(aggregate: Type, indices: readonly number[]): Type | null {
  let type = aggregate;
  for (const index of indices) {
    if (type.kind === 'array' && index < type.count) type = type.element;
    else if (type.kind === 'struct' && index < type.fields.length) type = type.fields[index];
    else return null;
  }
  return type;
}
