/**
 * Everything a user can get wrong: exit code 2, nothing on standard output,
 * and a message that says what was found and what to try. One row each.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { contentHash } from '../../src/clang/cache.ts';
import { shootdown } from './run-shootdown.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'shootdown-bad-input-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(FOLDER, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function refused(words: readonly string[], ...messages: readonly string[]): Promise<void> {
  const { code, out, err } = await shootdown(words);
  for (const message of messages) expect(err).toContain(message);
  expect(err).not.toMatch(/^ {4}at /m);
  expect({ code, out }).toEqual({ code: 2, out: '' });
}

const FLAGSHIP = 'retract-vs-pte-map';
const CHECK = ['check', FLAGSHIP];

describe.concurrent('words that mean nothing', () => {
  test.each([
    [
      ['check', 'retract-vs-ptemap'],
      ["unknown scenario 'retract-vs-ptemap'", `did you mean ${FLAGSHIP}?`],
    ],
    [['check', 'no/such.c'], ['no/such.c: there is no such file']],
    [
      [...CHECK, '--variant', 'nosync'],
      ["no variant 'nosync'", 'did you mean no-sync?'],
    ],
    [
      [...CHECK, '--arch', 'i386'],
      ["unknown architecture 'i386'", 'did you mean i386-pae?'],
    ],
    [
      [...CHECK, '--platform', 'hyper-v'],
      ["unknown platform 'hyper-v'", 'did you mean hyperv?'],
    ],
    // An empty word, as of an unset variable, must not mean every one.
    [[...CHECK, '--variant', ''], ["no variant ''"]],
    [[...CHECK, '--arch', ','], ["unknown architecture ''"]],
    [[...CHECK, '--memory', 'weak'], ["unknown memory model 'weak'"]],
    [
      [...CHECK, '--era', '6.13'],
      ["unknown era '6.13'", 'eras: 6.1, 6.12, 6.18'],
    ],
    [[...CHECK, '--config', 'HIGHPTE'], ["--config wants NAME=y or NAME=n, not 'HIGHPTE'"]],
    [[...CHECK, '--config', 'HIGHTPE=n'], ['did you mean HIGHPTE?']],
    [
      [...CHECK, '--search', 'stateles'],
      ["unknown search 'stateles'", 'did you mean stateless?'],
    ],
    [[...CHECK, '--timeout', '-1'], ["--timeout wants a number above 0, not '-1'"]],
    [[...CHECK, '--max-executions', '1.5'], ['--max-executions wants a whole number above 0']],
    [[...CHECK, '--html', 'no/folder/x.html'], ['--html no/folder/x.html: there is no folder']],
    [[...CHECK, '--html', '.'], ['--html .: that is a folder']],
    [[...CHECK, '--html', ''], ['--html wants the name of a file']],
    [['matrix', 'seeds', '--html', 'no/folder/x.html'], ['there is no folder']],
    [[...CHECK, '--replay', 'v1.x'], ["--replay: 'x' is not the identity of a configuration"]],
    [[...CHECK, '--without', 'a b'], ["--without wants the name of a function, not 'a b'"]],
    [['check'], ['missing required argument']],
    [['chekc'], ["unknown command 'chekc'", 'Did you mean check?']],
    [
      [...CHECK, '--varient', 'x'],
      ["unknown option '--varient'", 'Did you mean --variant?'],
    ],
    [['kernel', 'build', '--arch', 'x86_64'], ["required option '--tree"]],
    [['kernel', 'build', '--tree', 'x', '--arch', 'i386'], ['did you mean i386-pae?']],
    [['kernel', 'build', '--tree', 'no/tree', '--arch', 'x86_64'], ['no/tree']],
    [
      ['kernel', 'build', '--tree', 'no/tree', '--arch', 'arm64'],
      ['no tree of arm64 can be checked yet', 'real trees: x86_64, i386-pae'],
    ],
  ] as const)('%j', async (words, messages) => {
    await refused(words, ...messages);
  });

  test('no command at all shows what there is', async () => {
    const { code, out, err } = await shootdown([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: shootdown');
  });
});

describe.concurrent('what is not built yet is refused, never ignored', () => {
  test.each([
    [[...CHECK, '--memory', 'lkmm'], "unknown memory model 'lkmm'"],
    [['cost', FLAGSHIP, '--cpus', '2'], 'cost is not built yet'],
    [['patch', 'x.mbox', '--tree', 'y'], 'patch is not built yet'],
    [['show', 'x.json'], 'show is not built yet'],
    [['serve'], 'serve is not built yet'],
  ])('%j', async (words, message) => {
    await refused(words, message);
  });
});

describe.concurrent('combinations that cannot be', () => {
  test.each([
    [['--arch', 'i386-pae', '--platform', 'invlpgb'], 'INVLPGB on 64 bits only'],
    [['--arch', 'i386-pae', '--platform', 'xen'], 'Xen PV guest on 64 bits only'],
    [['--platform', 'invlpgb', '--era', '6.12'], 'Linux 6.12 has no INVLPGB'],
    [['--platform', 'kvm', '--config', 'PARAVIRT=n'], 'PARAVIRT=n cannot be a kvm guest'],
    [['--arch', 'x86_64', '--config', 'HIGHPTE=y'], 'x86_64 has no HIGHPTE'],
    [
      ['--arch', 'arm64', '--memory', 'tso'],
      'tso is not a memory model of arm64; ask for --memory sc',
    ],
    [['--arch', 'riscv', '--memory', 'tso'], 'ask for --memory sc'],
    [['--arch', 'powerpc', '--memory', 'tso'], 'tso is not a memory model of powerpc'],
    [['--arch', 'powerpc', '--platform', 'kvm'], 'it has native, hash'],
    [['--arch', 's390', '--platform', 'hash'], 's390 has no platform hash; it has native'],
    [
      ['--arch', 'arm64', '--platform', 'kvm'],
      'TLB instructions of its own; ask for --platform native',
    ],
    [['--arch', 'arm64', '--platform', 'sbi'], 'arm64 has no platform sbi; it has native'],
    [
      ['--arch', 's390', '--memory', 'tso'],
      'tso is not a memory model of s390; ask for --memory sc',
    ],
    [['--arch', 's390', '--platform', 'kvm'], 's390 has no platform kvm; it has native'],
    [['--arch', 'riscv', '--platform', 'kvm'], 'it has native, sbi'],
    [['--arch', 'x86_64', '--platform', 'sbi'], 'x86_64 has no platform sbi; it has native, kvm'],
    [['--arch', 'arm64', '--era', '6.1'], 'follows Linux 6.1 on x86 only; ask for --era 6.12'],
    [['--arch', 'arm64', '--config', 'PARAVIRT=y'], 'PARAVIRT changes no page table'],
    [['--arch', 'riscv', '--config', 'HIGHPTE=y'], 'riscv has no HIGHPTE'],
  ])('%j', async (words, message) => {
    await refused([...CHECK, ...words], message);
  });
});

const HEADER = `// SPDX-License-Identifier: Apache-2.0
/*
 * @question What happens?
 * @source this test
 * @cpu 0 only: runs
 * @variant plain: as it is
 * @arch x86_64
 * @platform native
 */
`;

describe('a scenario file', () => {
  test('without a header', async () => {
    const file = write('bare.c', 'int main(void) { return 0; }\n');
    await refused(['check', file], `${file}:1: expected the scenario's header`);
  });

  test('with a header that is wrong', async () => {
    const file = write('header.c', HEADER.replace('@arch x86_64', '@arch x86'));
    await refused(['check', file], `${file}:7: unknown arch 'x86'`, 'did you mean x86_64?');
  });

  test('with a C error: the compiler says where', async () => {
    const text = `${HEADER}#include <shootdown/scenario.h>\nvoid cpu0(void) { return 1 +; }\n`;
    const file = write('syntax.c', text);
    await refused(['check', file], `${file} does not compile for x86_64`, 'syntax.c:11:', 'error:');
  });

  test('that lacks a CPU it announces', async () => {
    const file = write(
      'lacks.c',
      `${HEADER}#include <shootdown/scenario.h>\nvoid setup(void) {}\n`,
    );
    await refused(['check', file], 'has no function cpu0', 'void cpu0(void)');
  });

  test('that is no scenario at all', async () => {
    const file = write('plain.c', `${HEADER}void cpu0(void) {}\n`);
    await refused(['check', file], 'does not include <shootdown/scenario.h>');
  });

  test('that calls what nothing provides', async () => {
    const body = 'void nobody_has_this(void);\nvoid cpu0(void) { nobody_has_this(); }\n';
    const file = write('call.c', `${HEADER}#include <shootdown/scenario.h>\n${body}`);
    await refused(['check', file], 'nobody_has_this', 'cpu0');
  });
});

const CONFIG = 'CONFIG_PARAVIRT=y\n';

/** A build folder with one module of this text; its manifest describes `built`. */
function kernelFolder(name: string, text: string, built: string = text, arch = 'x86_64'): string {
  const manifest = {
    formatVersion: 1,
    folder: join(FOLDER, name),
    arch,
    wanted: {},
    config: { PARAVIRT: 'y' },
    configSha256: contentHash(CONFIG),
    tree: { version: '6.12.117', path: '/nowhere', tarballSha256: null },
    compiler: 'clang version 19',
    modules: [
      {
        source: 'mm/gup.c',
        ir: 'ir/mm/gup.ll',
        sizeBytes: Buffer.byteLength(built),
        sha256: createHash('sha256').update(built).digest('hex'),
      },
    ],
    compileCommand: { program: 'clang', args: [] },
  };
  write(`${name}/build/.config`, CONFIG);
  write(`${name}/ir/mm/gup.ll`, text);
  write(`${name}/shootdown-kernel.json`, JSON.stringify(manifest));
  return join(FOLDER, name);
}

const MODULE =
  'define void @f() {\n  ret void\n}\n\n!llvm.ident = !{!0}\n!0 = !{!"clang version 19.1.7"}\n';
const OLD = MODULE.replace('@f()', '@f(i8* %p)').replace('19.1.7', '14.0.6');

const QUESTION = '@question Why?\n';

describe.concurrent('a suite', () => {
  test.each([
    [
      ['matrix', 'sees'],
      ["unknown suite 'sees'", 'did you mean seeds?'],
    ],
    [
      ['matrix', FLAGSHIP],
      [`${FLAGSHIP} is a scenario, not a suite`, `shootdown check ${FLAGSHIP}`],
    ],
    [['matrix', 'no/suite.txt'], ['no/suite.txt: there is no such file']],
    [['matrix', 'seeds', '--arch', 'i386'], ['did you mean i386-pae?']],
    [['matrix', 'seeds', '--platform', 'hyper-v'], ['did you mean hyperv?']],
    [
      ['matrix', 'seeds', '--variant', 'nosync'],
      ["has a variant 'nosync'", 'did you mean no-sync?'],
    ],
    [['matrix', 'seeds', '--variant', ''], ["has a variant ''"]],
    [['matrix', 'seeds', '--config', 'HIGHTPE=n'], ['did you mean HIGHPTE?']],
    [
      ['matrix', 'seeds', '--arch', 'i386-pae', '--platform', 'xen'],
      ['Xen PV guest on 64 bits only'],
    ],
    [['matrix', 'seeds', '--json', '--md'], ['both want standard output']],
    [['matrix', 'seeds', '--without', 'f'], ["unknown option '--without'"]],
    [['matrix'], ['missing required argument']],
  ] as const)('%j', async (words, messages) => {
    await refused(words, ...messages);
  });

  test.each([
    ['empty', '', [':1: the suite has no @question']],
    [
      'unknown-scenario',
      `${QUESTION}\nretract-vs-ptemap\n`,
      [":3: unknown scenario 'retract-vs-ptemap'"],
    ],
    [
      'unknown-variant',
      `${QUESTION}${FLAGSHIP} nosync`,
      [":2: retract-vs-pte-map has no variant 'nosync'"],
    ],
    ['symbol', `${QUESTION}${FLAGSHIP} SMP=n`, [":2: unknown configuration symbol 'SMP'"]],
    ['two', `${QUESTION}a\nb\n`, [":2: unknown scenario 'a'", ":3: unknown scenario 'b'"]],
    ['no-file', `${QUESTION}./x.c`, [':2: ', 'x.c: there is no such file']],
  ])('that is wrong: %s', async (name, text, messages) => {
    const file = write(`suites/${name}.txt`, text);
    await refused(
      ['matrix', file],
      ...messages.map((message) => (message.startsWith(':') ? file + message : message)),
    );
  });

  test('that names a scenario with a broken header', async () => {
    write('suites/broken.c', 'int x;\n');
    const file = write('suites/broken.txt', `${QUESTION}./broken.c\n`);
    await refused(['matrix', file], `${file}:2: `, "broken.c:1: expected the scenario's header");
  });
});

describe('a build folder', () => {
  test('that is none', async () => {
    write('empty/readme', '');
    const folder = join(FOLDER, 'empty');
    await refused([...CHECK, '--kernel', folder], folder, 'shootdown kernel build');
    await refused([...CHECK, '--kernel', join(FOLDER, 'nowhere')], 'no such folder');
  });

  test('of another architecture', async () => {
    const folder = kernelFolder('x86', MODULE);
    const words = ['--kernel', folder, '--arch', 'i386-pae'];
    await refused([...CHECK, ...words], `--arch i386-pae: ${folder} was built for x86_64`);
  });

  test('that has its own configuration and version', async () => {
    const folder = kernelFolder('own', MODULE);
    await refused(
      [...CHECK, '--kernel', folder, '--config', 'HIGHPTE=n'],
      '--config is for the built-in',
    );
    await refused(
      [...CHECK, '--kernel', folder, '--era', '6.12'],
      '--era is for the built-in kernel',
    );
  });

  test('with IR of clang 14', async () => {
    await refused(
      [...CHECK, '--kernel', kernelFolder('old', OLD)],
      'clang version 14',
      'clang 15 or newer',
    );
    await refused([...CHECK, '--kernel', kernelFolder('swapped', OLD, MODULE)], 'clang 14');
  });

  test('with a module cut short', async () => {
    const cut = kernelFolder('cut', MODULE.slice(0, 30), MODULE);
    await refused([...CHECK, '--kernel', cut], 'gup.ll is cut short: 30 of');
  });
});
