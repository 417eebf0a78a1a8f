import { describe, expect, test } from 'vitest';
import type { FunctionBody, Instruction, Module, SourceLocation } from '../../src/llvm/module.ts';
import { readModule } from '../../src/llvm/reader.ts';
import { compile } from './compile.ts';
import { moduleOf } from './text.ts';

const SOURCE = `static inline __attribute__((always_inline)) int inner(int *p) {
  return *(volatile int *)p;
}
static inline __attribute__((always_inline)) int middle(int *p) {
  { int nested = 1; { nested++; return inner(p) + nested; } }
}
#line 100 "other.h"
int outer(int *p) {
  return middle(p);
}
`;

function chain(location: SourceLocation | null): string[] {
  if (location === null) return [];
  const { file, line, column, function: name } = location;
  return [`${name} ${file}:${line}:${column}`, ...chain(location.inlinedAt)];
}

function loadOf(body: FunctionBody): Instruction {
  const all = body.blocks.flatMap((block) => block.instructions);
  return all.find((instruction) => instruction.op === 'load' && instruction.volatile)!;
}

function outerOf(module: Module): FunctionBody {
  return module.body(module.functions.get('outer')!);
}

describe('where an instruction comes from', () => {
  test('inlined: the chain goes out to the function that it stands in', async () => {
    const flags = ['-O2', '-debug-info-kind=constructor', '-dwarf-version=5'];
    const module = readModule(await compile(SOURCE, 'x86_64-linux-gnu', flags), 'a.ll');
    expect(chain(module.location(loadOf(outerOf(module)).debug))).toEqual([
      'inner a.c:2:10',
      'middle a.c:5:40',
      'outer other.h:101:10',
    ]);
    const definition = module.functions.get('outer')!;
    expect(chain(module.location(definition.debug))).toEqual(['outer other.h:100:0']);
  });

  test('not inlined', async () => {
    const flags = ['-O2', '-disable-llvm-passes', '-debug-info-kind=constructor'];
    const module = readModule(await compile(SOURCE, 'x86_64-linux-gnu', flags), 'a.ll');
    const middle = module.body(module.functions.get('middle')!);
    const call = middle.blocks[0].instructions.find(
      (one) => one.op === 'call' && one.debug >= 0 && one.type.kind === 'int',
    );
    expect(chain(module.location(call!.debug))).toEqual(['middle a.c:5:40']);
    expect([...middle.variables.values()]).toEqual(['p', 'nested']);
  });

  test('without debug information there is none', async () => {
    const module = readModule(await compile(SOURCE, 'x86_64-linux-gnu', ['-O0']), 'a.ll');
    expect(loadOf(outerOf(module)).debug).toBe(-1);
    expect(module.location(-1)).toBeNull();
  });
});

describe('metadata that does not make sense', () => {
  test('a location without a scope, a scope that is none', () => {
    expect(() => moduleOf('!0 = !DILocation(line: 1)\n')).toThrow(/location !0 has no scope/);
    expect(() => moduleOf('!0 = !DILocation(line: 1, scope: !1)\n!1 = !{}\n')).toThrow(
      /!1 is a tuple, no scope/,
    );
  });

  test('a node of another kind has no location', () => {
    expect(moduleOf('!0 = !DIBasicType(name: "int", size: 32)\n').location(0)).toBeNull();
  });
});
