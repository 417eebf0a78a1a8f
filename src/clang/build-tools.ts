/**
 * What a kernel build needs of the machine. All that is missing is told at
 * once, with the packages that bring it: nobody wants to find out one by one.
 */

import { accessSync } from 'node:fs';
import { type BuildFailure, buildFailure } from './make.ts';
import { findProgram, runCommand } from './run-command.ts';
import { probeClang } from './system.ts';

/** The LLVM that will build. */
export interface BuildTools {
  /** Value of make's `LLVM`: `-19`, or `1` for programs without a suffix. */
  readonly llvm: string;
  /** First line of clang's `--version`. */
  readonly compiler: string;
}

// What to propose where no usable clang is there at all.
const PROPOSED_MAJOR = 19;
const LLVM_PROGRAMS = [
  'llvm-ar',
  'llvm-nm',
  'llvm-objcopy',
  'llvm-objdump',
  'llvm-readelf',
  'llvm-strip',
];
const PROGRAMS: readonly [program: string, packageName: string][] = [
  ['make', 'make'],
  ['flex', 'flex'],
  ['bison', 'bison'],
  ['bc', 'bc'],
  ['perl', 'perl'],
  ['awk', 'mawk'],
  ['tar', 'tar'],
];
const HEADERS: readonly [header: string, packageName: string][] = [
  ['gelf.h', 'libelf-dev'],
  ['openssl/opensslv.h', 'libssl-dev'],
];

/** Finds the tools on `path`. Fails: with every program and header that is missing. */
export async function findBuildTools(
  path: string = process.env.PATH ?? '',
): Promise<BuildTools | BuildFailure> {
  const missing: Missing[] = [];
  for (const [program, packageName] of PROGRAMS) {
    if (findProgram(program, path) === null) missing.push({ what: program, packageName });
  }
  const llvm = await findLlvm(path);
  const suffix = llvm?.suffix ?? `-${PROPOSED_MAJOR}`;
  if (llvm === null) missing.push({ what: `clang${suffix}`, packageName: `clang${suffix}` });
  const others: [string, string][] = [
    [`ld.lld${suffix}`, `lld${suffix}`],
    ...LLVM_PROGRAMS.map((name): [string, string] => [name + suffix, `llvm${suffix}`]),
  ];
  for (const [program, packageName] of others) {
    if (findProgram(program, path) === null) missing.push({ what: program, packageName });
  }
  if (llvm !== null) {
    for (const [header, packageName] of HEADERS) {
      if (!(await hasHeader(llvm.path, header))) missing.push({ what: header, packageName });
    }
  } else {
    for (const [header, packageName] of HEADERS) {
      if (!isReadable(`/usr/include/${header}`)) missing.push({ what: header, packageName });
    }
  }
  if (missing.length > 0 || llvm === null) return buildFailure(describeMissing(missing));
  return { llvm: llvm.suffix === '' ? '1' : llvm.suffix, compiler: llvm.version };
}

interface Missing {
  readonly what: string;
  readonly packageName: string;
}

function describeMissing(missing: readonly Missing[]): string {
  const packages = [...new Set(missing.map(({ packageName }) => packageName))];
  return [
    `building a kernel needs what this machine lacks: ${missing.map(({ what }) => what).join(', ')}`,
    `on Debian or Ubuntu: apt-get install ${packages.join(' ')}`,
  ].join('\n');
}

/** The newest LLVM whose clang can be used, preferring one that has its linker beside it. */
async function findLlvm(
  path: string,
): Promise<{ path: string; suffix: string; version: string } | null> {
  let withoutLinker: { path: string; suffix: string; version: string } | null = null;
  for (const suffix of suffixes()) {
    const program = findProgram(`clang${suffix}`, path);
    const clang = program === null ? null : await probeClang(program);
    if (clang === null || clang.major < 15) continue;
    const found = { path: clang.path, suffix, version: clang.version };
    if (findProgram(`ld.lld${suffix}`, path) !== null) return found;
    withoutLinker ??= found;
  }
  return withoutLinker;
}

function suffixes(): string[] {
  const versions: string[] = [];
  for (let major = 30; major >= 15; major--) versions.push(`-${major}`);
  return [...versions, ''];
}

async function hasHeader(clang: string, header: string): Promise<boolean> {
  const run = await runCommand(clang, [
    '-E',
    '-x',
    'c',
    '-include',
    header,
    '/dev/null',
    '-o',
    '/dev/null',
  ]);
  return run.kind === 'ended' && run.code === 0;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
