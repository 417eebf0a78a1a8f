/**
 * Instructions that end a block. They hold provisional block numbers until
 * the whole body has been read; `placeBlocks` replaces them.
 */

import type { FunctionScope } from './function-scope.ts';
import type { Instruction } from './module.ts';
import { parseType } from './parse-type.ts';
import { parseTypedValue, parseValue } from './parse-value.ts';

const TERMINATORS: ReadonlySet<string> = new Set<Instruction['op']>([
  'ret',
  'br',
  'condbr',
  'switch',
  'indirectbr',
  'callbr',
  'unreachable',
]);

export function isTerminator(instruction: Instruction): boolean {
  return TERMINATORS.has(instruction.op);
}

export function parseRet(f: FunctionScope): Instruction {
  const { c } = f;
  const type = parseType(c, f.types);
  const value = type.kind === 'void' ? null : parseValue(f, type);
  return { op: 'ret', result: -1, debug: -1, value };
}

export function parseBr(f: FunctionScope): Instruction {
  const { c } = f;
  if (c.is('label')) return { op: 'br', result: -1, debug: -1, target: f.blockOperand() };
  const condition = parseTypedValue(f);
  c.expect(',');
  const ifTrue = f.blockOperand();
  c.expect(',');
  const ifFalse = f.blockOperand();
  return { op: 'condbr', result: -1, debug: -1, condition, ifTrue, ifFalse };
}

export function parseSwitch(f: FunctionScope): Instruction {
  const { c } = f;
  const value = parseTypedValue(f);
  c.expect(',');
  const otherwise = f.blockOperand();
  const cases: { value: bigint; target: number }[] = [];
  c.expect('[');
  while (!c.take(']')) {
    const label = parseTypedValue(f);
    if (label.kind !== 'int') throw c.fail('a case that is no integer');
    c.expect(',');
    cases.push({ value: label.value, target: f.blockOperand() });
  }
  return { op: 'switch', result: -1, debug: -1, value, cases, otherwise };
}

export function parseIndirectBr(f: FunctionScope): Instruction {
  const { c } = f;
  const address = parseTypedValue(f);
  c.expect(',');
  c.expect('[');
  const targets: number[] = [];
  if (!c.take(']')) {
    do targets.push(f.blockOperand());
    while (c.take(','));
    c.expect(']');
  }
  return { op: 'indirectbr', result: -1, debug: -1, address, targets };
}

/** The instruction with the places of its blocks for their provisional numbers. */
export function placeBlocks(instruction: Instruction, places: readonly number[]): Instruction {
  const place = (number: number): number => places[number];
  switch (instruction.op) {
    case 'br':
      return { ...instruction, target: place(instruction.target) };
    case 'condbr': {
      const { ifTrue, ifFalse } = instruction;
      return { ...instruction, ifTrue: place(ifTrue), ifFalse: place(ifFalse) };
    }
    case 'switch': {
      const cases = instruction.cases.map(({ value, target }) => ({
        value,
        target: place(target),
      }));
      return { ...instruction, cases, otherwise: place(instruction.otherwise) };
    }
    case 'indirectbr':
      return { ...instruction, targets: instruction.targets.map(place) };
    case 'callbr': {
      const indirect = instruction.indirect.map(place);
      return { ...instruction, fallthrough: place(instruction.fallthrough), indirect };
    }
    case 'phi': {
      const incoming = instruction.incoming.map(({ value, block }) => ({
        value,
        block: place(block),
      }));
      return { ...instruction, incoming };
    }
    default:
      return instruction;
  }
}
