/**
 * The corpus, compiled by the embedded clang for each kind of target. What
 * was read is printed back as LLVM writes it and compared with what LLVM
 * wrote, line by line.
 */

import { describe, expect, test } from 'vitest';
import { readModule } from '../../src/llvm/reader.ts';
import { compileCorpus, TARGETS } from './compile.ts';
import { compareWithText } from './fidelity.ts';

describe.each(TARGETS)('%s', (target) => {
  test.each([
    ['without passes', ['-O2', '-disable-llvm-passes', '-debug-info-kind=constructor']],
    ['unoptimised', ['-O0']],
    ['optimised', ['-O2', '-debug-info-kind=constructor']],
  ])('%s', async (_, flags) => {
    const text = await compileCorpus('constructs.c', target, [...flags, '-dwarf-version=5']);
    const module = readModule(text, `${target}.ll`, { eager: true });
    const { lines, differences } = compareWithText(module, text);
    expect(differences).toEqual([]);
    expect(lines).toBeGreaterThan(400);
  });
});

test('every kind of instruction that C gives rises in the corpus', async () => {
  const seen = new Set<string>();
  for (const flags of [['-O0'], ['-O2']]) {
    const text = await compileCorpus('constructs.c', 'x86_64-linux-gnu', flags);
    const module = readModule(text, 'a.ll');
    for (const definition of module.functions.values())
      if (!definition.isDeclaration)
        for (const block of module.body(definition).blocks)
          for (const { op } of block.instructions) seen.add(op);
  }
  expect([...seen].sort()).toEqual(
    `alloca atomicrmw binary br call callbr cast cmpxchg condbr extractelement extractvalue fcmp
     fence fneg getelementptr icmp indirectbr insertelement insertvalue load phi ret select
     shufflevector store switch unreachable`
      .trim()
      .split(/\s+/),
  );
});
