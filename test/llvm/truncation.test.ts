import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { IrError } from '../../src/llvm/error.ts';
import type { Module } from '../../src/llvm/module.ts';
import { readModule } from '../../src/llvm/reader.ts';
import { compileCorpus } from './compile.ts';

/** All that can be counted of a module without reading a body. */
function shape(module: Module): unknown {
  const { structs, globals, functions, aliases, ifuncs, moduleAsm } = module;
  return [
    [structs.size, globals.size, functions.size, aliases.size, ifuncs.size, moduleAsm.length],
    [...functions.values()].filter((definition) => !definition.isDeclaration).length,
  ];
}

/** The shape of what `text` is read as, or null where it is refused. */
function read(text: string): unknown {
  try {
    return shape(readModule(text, 'cut.ll'));
  } catch (error) {
    if (error instanceof IrError) return null;
    throw error;
  }
}

describe.each(['-O0', '-O2'])(
  'a real module at %s, cut short, is refused without reading a body',
  (level) => {
    let text = '';
    let lineEnds: number[] = [];
    beforeAll(async () => {
      const flags = [level, '-debug-info-kind=constructor', '-dwarf-version=5'];
      text = await compileCorpus('constructs.c', 'x86_64-linux-gnu', flags);
      lineEnds = [...text.matchAll(/\n/g)].map((match) => match.index + 1);
    });

    test('whole, it is read', () => {
      expect(read(text)).not.toBeNull();
      expect(read(text.trimEnd())).toEqual(read(text));
    });

    // A cut between lines leaves every line well formed: the hardest to see.
    test('cut behind a line', () => {
      fc.assert(
        fc.property(
          fc.nat(lineEnds.length - 2),
          (at) => read(text.slice(0, lineEnds[at])) === null,
        ),
        { numRuns: 300 },
      );
    });

    test('cut behind any of the last lines', () => {
      for (const end of lineEnds.slice(-200, -1)) expect(read(text.slice(0, end))).toBeNull();
    });

    test('cut anywhere', () => {
      fc.assert(
        fc.property(fc.nat(text.length - 2), (at) => read(text.slice(0, at)) === null),
        { numRuns: 300 },
      );
    });

    test('cut within the last lines', () => {
      for (let at = text.length - 2; at > text.length - 400; at--)
        expect(read(text.slice(0, at))).toBeNull();
    });
  },
);
