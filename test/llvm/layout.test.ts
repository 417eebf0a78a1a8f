/**
 * Layout against the compiler: `corpus/layout.c` holds sizes and offsets as
 * constants, and functions that compute the same by getelementptr.
 */

import { describe, expect, test } from 'vitest';
import { gepOffset, sizeOf } from '../../src/llvm/layout.ts';
import type { FunctionBody, Module, Value } from '../../src/llvm/module.ts';
import { readModule } from '../../src/llvm/reader.ts';
import { compileCorpus, TARGETS } from './compile.ts';

function constantOf(module: Module, name: string): bigint {
  const value = module.globals.get(name)?.initializer;
  if (value?.kind === 'int') return value.value;
  if (value?.kind === 'zero') return 0n;
  throw new Error(`${name} is no integer`);
}

/** The sum of all constant getelementptrs of a function: it has no others. */
function moved(module: Module, body: FunctionBody): bigint {
  let sum = 0n;
  for (const block of body.blocks)
    for (const instruction of block.instructions) {
      if (instruction.op !== 'getelementptr') continue;
      const offset = gepOffset(module.dataLayout, instruction.source, instruction.indices);
      expect(offset.terms).toEqual([]);
      sum += offset.constant;
    }
  return sum;
}

function constantPointer(module: Module, value: Value | null | undefined): bigint {
  if (value?.kind === 'global') return 0n;
  if (value?.kind !== 'expression' || value.expression.op !== 'getelementptr')
    throw new Error('no address');
  const { source, indices, base } = value.expression;
  return gepOffset(module.dataLayout, source, indices).constant + constantPointer(module, base);
}

describe.each(TARGETS)('%s', (target) => {
  test('sizes and offsets are the compiler’s', async () => {
    const flags = ['-O0', '-disable-O0-optnone'];
    const module = readModule(await compileCorpus('layout.c', target, flags), 'layout.ll');
    const bits = module.dataLayout.pointerBits;
    let sizes = 0;
    for (const { name, type } of module.globals.values()) {
      if (!name.startsWith('variable_')) continue;
      const wanted = constantOf(module, name.replace('variable', 'size'));
      expect([name, BigInt(sizeOf(module.dataLayout, type))]).toEqual([name, wanted]);
      sizes++;
    }
    let offsets = 0;
    for (const definition of module.functions.values()) {
      if (definition.isDeclaration) continue;
      const wanted = constantOf(module, definition.name.replace('address', 'offset'));
      const found = moved(module, module.body(definition));
      expect([definition.name, BigInt.asUintN(bits, found)]).toEqual([
        definition.name,
        BigInt.asUintN(bits, wanted),
      ]);
      offsets++;
    }
    expect(sizes).toBeGreaterThanOrEqual(12);
    expect(offsets).toBeGreaterThanOrEqual(17);
    const pointer = module.globals.get('pointer_constant')?.initializer;
    expect(constantPointer(module, pointer)).toBe(constantOf(module, 'offset_constant'));
  });
});
