import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CompileRequest } from '../../src/clang/compiler.ts';
import { embeddedCompiler } from '../../src/clang/embedded.ts';
import { findClang, systemCompiler } from '../../src/clang/system.ts';

const folder = mkdtempSync(join(tmpdir(), 'shootdown-system-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says it is this clang; the real ones of these ages are nowhere to be had. */
function pretender(version: string): string {
  const path = join(folder, `clang-${version}`);
  writeFileSync(path, `#!/bin/sh\necho "Debian clang version ${version}"\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('which clang', () => {
  test('clang 14 is refused, and the message says why and what to install', async () => {
    const search = await findClang(pretender('14.0.6'));
    if (search.kind !== 'error') throw new Error('accepted');
    expect(search.message).toMatch(
      /is clang 14, which writes typed pointers .* \(Debian: clang-19\)/,
    );
  });

  test('clang 15 is the first that will do', async () => {
    const search = await findClang(pretender('15.0.7'));
    expect(search).toMatchObject({ kind: 'found', clang: { major: 15 } });
  });

  test('what is not there, or not clang, is said to be so', async () => {
    expect(await findClang('/nowhere/clang')).toMatchObject({
      kind: 'error',
      message: expect.stringContaining('no such program: /nowhere/clang'),
    });
    const other = join(folder, 'gcc');
    writeFileSync(other, '#!/bin/sh\necho "gcc (Debian) 12.2.0"\n');
    chmodSync(other, 0o755);
    expect(await findClang(other)).toMatchObject({ message: `${other} is not clang` });
  });
});

const installed = await findClang();
const reason = installed.kind === 'error' ? ` (not run: ${installed.message})` : '';

describe.runIf(installed.kind === 'found')(`a system clang${reason}`, () => {
  const files = {
    'scenarios/a.c': '#include <word.h>\nword twice(word *p)\n{\n\treturn *p + *p;\n}\n',
    'inc/word.h': '#include <stdarg.h>\ntypedef unsigned long long word;\n',
  };
  const request = (arch: CompileRequest['arch']): CompileRequest => {
    return { source: 'scenarios/a.c', arch, includeDirectories: ['inc'], defines: {}, files };
  };

  test.each(['x86_64', 'i386-pae'] as const)(
    '%s: shapes and names as the embedded',
    async (arch) => {
      const system = await systemCompiler(undefined, null);
      if (system.kind === 'error') throw new Error(system.message);
      const ours = await (await embeddedCompiler(null)).compile(request(arch));
      const theirs = await system.compiler.compile(request(arch));
      if (ours.kind === 'error' || theirs.kind === 'error') throw new Error('did not compile');
      const shape = (ir: string): unknown => [
        /^define .*$/m.exec(ir)![0].replace(/ #\d+.*/, ''),
        /^source_filename.*$/m.exec(ir)![0],
        [...ir.matchAll(/!DIFile\(filename: "([^"]*)", directory: "([^"]*)"/g)].map((m) =>
          m.slice(1),
        ),
        /p:32:32/.test(ir),
      ];
      expect(shape(theirs.text)).toEqual(shape(ours.text));
    },
  );

  test('tells a C error by file and line', async () => {
    const system = await systemCompiler(undefined, null);
    if (system.kind === 'error') throw new Error(system.message);
    const files = { 'b.c': '\nint f(void) { return 1 }\n' };
    const outcome = await system.compiler.compile({
      ...request('x86_64'),
      ...{ source: 'b.c', includeDirectories: [], files },
    });
    if (outcome.kind !== 'error') throw new Error('compiled');
    expect(outcome.diagnostics[0]).toMatchObject({ file: 'b.c', line: 2, severity: 'error' });
  });
});
