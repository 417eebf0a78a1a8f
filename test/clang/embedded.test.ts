import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCache } from '../../src/clang/cache.ts';
import type { CompileOutcome, CompileRequest } from '../../src/clang/compiler.ts';
import { embeddedCompiler } from '../../src/clang/embedded.ts';

const SOURCE = `#include <stdarg.h>
#include <asm/word.h>
struct entry { int tag; word value; };
word replace(word *place, word old, word next)
{
	return __sync_val_compare_and_swap(place, old, next);
}
long sum(struct entry *entry, int count)
{
	long total = START;
	for (int i = 0; i < count; i++)
		total += entry[i].value;
	return total;
}
`;
const WORD = 'typedef unsigned long long word;\n';

function request(changes: Partial<CompileRequest> = {}): CompileRequest {
  return {
    source: 'scenarios/sum.c',
    arch: 'x86_64',
    includeDirectories: ['kernel/include'],
    defines: { START: '3' },
    files: { 'scenarios/sum.c': SOURCE, 'kernel/include/asm/word.h': WORD },
    root: folder,
    ...changes,
  };
}

function irOf(outcome: CompileOutcome): string {
  if (outcome.kind === 'error') throw new Error(outcome.diagnostics[0]!.rendered);
  return outcome.text;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shootdown-clang-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('IR', () => {
  test('x86_64 has 64-bit pointers and the file names of the project', async () => {
    const ir = irOf(await (await embeddedCompiler(null)).compile(request()));
    expect(ir).toContain('target triple = "x86_64-unknown-linux-gnu"');
    expect(ir).toMatch(/define dso_local i64 @replace\(ptr noundef %place/);
    expect(ir).toContain('source_filename = "scenarios/sum.c"');
    expect(ir).toContain('!DIFile(filename: "scenarios/sum.c"');
    expect(ir).toContain('!DIFile(filename: "kernel/include/asm/word.h"');
    expect(ir).not.toContain(folder);
    // Wrapping arithmetic is defined, as in the kernel's build.
    expect(ir).not.toContain(' nsw ');
  });

  test('i386 passes arguments in registers and swaps 8 bytes inline', async () => {
    const ir = irOf(await (await embeddedCompiler(null)).compile(request({ arch: 'i386-pae' })));
    expect(ir).toContain('p:32:32');
    expect(ir).toContain('!"NumRegisterParameters", i32 3');
    expect(ir).toMatch(/define dso_local i64 @replace\(ptr inreg noundef %place, i64 inreg/);
    expect(ir).toMatch(/cmpxchg ptr %\d+, i64 %\d+, i64 %\d+ seq_cst seq_cst/);
    expect(ir).not.toContain('__atomic_compare_exchange');
  });

  test('does not depend on where the checkout lies', async () => {
    const texts: string[] = [];
    for (const place of ['here', 'over/there']) {
      const root = join(folder, place);
      mkdirSync(join(root, 'scenarios'), { recursive: true });
      mkdirSync(join(root, 'kernel/include/asm'), { recursive: true });
      writeFileSync(join(root, 'scenarios/sum.c'), SOURCE);
      writeFileSync(join(root, 'kernel/include/asm/word.h'), WORD);
      const compiler = await embeddedCompiler(null);
      const source = join(root, 'scenarios/sum.c');
      const includeDirectories = [join(root, 'kernel/include')];
      const files = {};
      texts.push(
        irOf(await compiler.compile(request({ root, source, includeDirectories, files }))),
      );
    }
    expect(texts[1]).toBe(texts[0]);
  });

  test('finds headers beside the source, not the whole folder', async () => {
    writeFileSync(join(folder, 'main.c'), '#include "near.h"\nint x = NEAR;\n');
    writeFileSync(join(folder, 'near.h'), '#define NEAR 7\n');
    const compiler = await embeddedCompiler(null);
    const source = join(folder, 'main.c');
    const ir = irOf(
      await compiler.compile({ source, arch: 'x86_64', includeDirectories: [], defines: {} }),
    );
    expect(ir).toContain('@x = dso_local global i32 7');
    expect(ir).toContain('source_filename = "main.c"');
  });
});

describe('an include of the folder above', () => {
  const source = 'family/a.c';
  const files = { [source]: '#include "../near.h"\nint x = NEAR;\n', 'near.h': '#define NEAR 7\n' };

  test('is found', async () => {
    const compiler = await embeddedCompiler(null);
    const ir = irOf(await compiler.compile(request({ source, includeDirectories: [], files })));
    expect(ir).toContain('@x = dso_local global i32 7');
  });

  test('is never taken for a file of the same name beside the source', async () => {
    const compiler = await embeddedCompiler(null);
    const both = { ...files, 'family/near.h': '#define NEAR 8\n' };
    const outcome = await compiler.compile(
      request({ source, includeDirectories: [], files: both }),
    );
    if (outcome.kind !== 'error') throw new Error('compiled');
    expect(outcome.diagnostics[0]!.message).toContain('cannot tell family/near.h from ../near.h');
  });
});

describe('what is wrong with the C', () => {
  test('is told with file, line and column', async () => {
    const files = { 'a.c': 'int f(void)\n{\n\treturn nothing;\n}\n' };
    const outcome = await (await embeddedCompiler(null)).compile(
      request({ source: 'a.c', includeDirectories: [], files }),
    );
    if (outcome.kind !== 'error') throw new Error('compiled');
    expect(outcome.diagnostics).toHaveLength(1);
    const [first] = outcome.diagnostics;
    expect(first).toMatchObject({ severity: 'error', file: 'a.c', line: 3, column: 9 });
    expect(first!.message).toContain("undeclared identifier 'nothing'");
    expect(first!.rendered).toContain('return nothing;');
  });

  test('a missing source, include folder or header is an outcome, not an exception', async () => {
    const compiler = await embeddedCompiler(null);
    const missing = await compiler.compile(
      request({ source: 'none.c', includeDirectories: ['no'] }),
    );
    if (missing.kind !== 'error') throw new Error('compiled');
    expect(missing.diagnostics.map((diagnostic) => diagnostic.message)).toEqual([
      'include folder no does not exist',
      'no such file: none.c',
    ]);
    const files = { 'a.c': '#include <linux/none.h>\n' };
    const header = await compiler.compile(
      request({ source: 'a.c', includeDirectories: [], files }),
    );
    if (header.kind !== 'error') throw new Error('compiled');
    expect(header.diagnostics[0]!.message).toContain("'linux/none.h' file not found");
  });

  test('a call to an undeclared function does not compile', async () => {
    const files = { 'a.c': 'void f(void) { flush(); }\n' };
    const outcome = await (await embeddedCompiler(null)).compile(
      request({ source: 'a.c', includeDirectories: [], files }),
    );
    expect(outcome.kind).toBe('error');
  });
});

describe('cache', () => {
  const entries = (cacheAt: string): string[] =>
    readdirSync(cacheAt, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  test('is asked by content: text, header, macro and architecture each make another entry', async () => {
    const cacheAt = join(folder, 'cache');
    const compiler = await embeddedCompiler(openCache(cacheAt));
    const first = await compiler.compile(request());
    expect(first).toMatchObject({ kind: 'ir', fromCache: false });
    const again = await compiler.compile(request());
    expect(again).toMatchObject({ kind: 'ir', fromCache: true });
    expect(irOf(again)).toBe(irOf(first));
    const others: Partial<CompileRequest>[] = [
      { arch: 'i386-pae' },
      { defines: { START: '4' } },
      { files: { 'scenarios/sum.c': `${SOURCE}\n`, 'kernel/include/asm/word.h': WORD } },
      { files: { 'scenarios/sum.c': SOURCE, 'kernel/include/asm/word.h': `${WORD}\n` } },
    ];
    for (const changes of others) {
      expect(await compiler.compile(request(changes))).toMatchObject({ fromCache: false });
    }
    expect(entries(cacheAt)).toHaveLength(1 + others.length);
  });

  test('a damaged entry is compiled again and mended', async () => {
    const cacheAt = join(folder, 'damaged');
    const compiler = await embeddedCompiler(openCache(cacheAt));
    const first = await compiler.compile(request());
    const [entry] = entries(cacheAt);
    const whole = readFileSync(entry!, 'utf8');
    for (const damage of [whole.slice(0, -20), whole.replace('i32 3', 'i32 4'), '', 'x']) {
      expect(damage).not.toBe(whole);
      writeFileSync(entry!, damage);
      const mended = await compiler.compile(request());
      expect(mended).toMatchObject({ fromCache: false });
      expect(irOf(mended)).toBe(irOf(first));
      expect(readFileSync(entry!, 'utf8')).toBe(whole);
    }
  });

  test('one that cannot be written works without', async () => {
    const file = join(folder, 'not-a-folder');
    writeFileSync(file, '');
    const compiler = await embeddedCompiler(openCache(join(file, 'cache')));
    expect(await compiler.compile(request())).toMatchObject({ kind: 'ir', fromCache: false });
    expect(await compiler.compile(request())).toMatchObject({ kind: 'ir', fromCache: false });
  });

  test('an error is never kept', async () => {
    const cacheAt = join(folder, 'errors');
    const compiler = await embeddedCompiler(openCache(cacheAt));
    const files = { 'a.c': 'int f(void) { return g; }\n' };
    await compiler.compile(request({ source: 'a.c', includeDirectories: [], files }));
    expect(() => entries(cacheAt)).toThrow();
  });
});
