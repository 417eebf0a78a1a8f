/**
 * A clang that the machine has. It compiles in an empty folder into which the
 * translation unit is written, with the system's headers off: the same inputs
 * as the embedded compiler has, so that the two can be compared file by file.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type IrCache, openCache } from './cache.ts';
import { type ClangRun, type Compiler, makeCompiler } from './compiler.ts';
import { COMPILE_ARCHITECTURES, driverFlags } from './flags.ts';
import { findProgram, runCommand } from './run-command.ts';
import { type TranslationUnit, unitArguments } from './translation-unit.ts';

/** Below this clang writes pointers with the type they point to, which the reader does not take. */
export const OLDEST_CLANG_MAJOR = 15;
const NEWEST_CLANG_TRIED = 30;

export interface ClangProgram {
  readonly path: string;
  readonly major: number;
  /** First line of `--version`. */
  readonly version: string;
}

export type ClangSearch =
  | { readonly kind: 'found'; readonly clang: ClangProgram }
  | { readonly kind: 'error'; readonly message: string };

/** `executable` if it is new enough; without it, the newest clang on PATH that is. */
export async function findClang(executable?: string): Promise<ClangSearch> {
  const names = executable === undefined ? clangNames() : [executable];
  const tooOld: string[] = [];
  for (const name of names) {
    const path = findProgram(name);
    if (path === null) continue;
    const clang = await probeClang(path);
    if (clang === null) {
      if (executable !== undefined) return { kind: 'error', message: `${path} is not clang` };
    } else if (clang.major >= OLDEST_CLANG_MAJOR) {
      return { kind: 'found', clang };
    } else {
      tooOld.push(`${path} is clang ${clang.major}`);
    }
  }
  const needed = `clang ${OLDEST_CLANG_MAJOR} or newer is needed`;
  if (tooOld.length > 0) {
    const why = 'which writes typed pointers into its IR';
    return { kind: 'error', message: `${tooOld.join(', ')}, ${why}; ${needed} (Debian: clang-19)` };
  }
  const what = executable === undefined ? 'no clang on PATH' : `no such program: ${executable}`;
  return { kind: 'error', message: `${what}; ${needed} (Debian: clang-19)` };
}

/** Names to try, newest first; the bare one last, since it is often the distribution's oldest. */
function clangNames(): string[] {
  const names: string[] = [];
  for (let major = NEWEST_CLANG_TRIED; major >= OLDEST_CLANG_MAJOR; major--) {
    names.push(`clang-${major}`);
  }
  return [...names, 'clang'];
}

/** What `path --version` says, or null if it is no clang. */
export async function probeClang(path: string): Promise<ClangProgram | null> {
  const run = await runCommand(path, ['--version']);
  if (run.kind !== 'ended' || run.code !== 0) return null;
  const found = /^.*clang version (\d+)\..*$/m.exec(run.output);
  return found === null ? null : { path, major: Number(found[1]), version: found[0].trim() };
}

export type SystemCompilerOutcome =
  | { readonly kind: 'compiler'; readonly compiler: Compiler }
  | { readonly kind: 'error'; readonly message: string };

/** A compiler over the machine's clang. Fails: none there, or only clang 14 and older. */
export async function systemCompiler(
  executable?: string,
  cache: IrCache | null = openCache(),
): Promise<SystemCompilerOutcome> {
  const search = await findClang(executable);
  if (search.kind === 'error') return search;
  const { clang } = search;
  const flags = COMPILE_ARCHITECTURES.map((arch) => driverFlags(arch, clang.major));
  const compiler = makeCompiler(
    {
      name: `${clang.version} (system)`,
      identity: JSON.stringify([clang.path, clang.version, flags]),
      run: (unit) => runDriver(clang, unit),
    },
    cache,
  );
  return { kind: 'compiler', compiler };
}

async function runDriver(clang: ClangProgram, unit: TranslationUnit): Promise<ClangRun> {
  const folder = mkdtempSync(join(tmpdir(), 'shootdown-unit-'));
  try {
    for (const [name, text] of unit.files) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const args = [
      ...driverFlags(unit.arch, clang.major),
      // The compiler's own headers (stdarg.h) stay, the C library's go.
      '-nostdlibinc',
      ...unitArguments(unit),
      ...['-o', '-', '-x', 'c', unit.source],
    ];
    const run = await runCommand(clang.path, args, { cwd: folder });
    if (run.kind === 'ended') {
      return { succeeded: run.code === 0, output: run.output, messages: run.messages };
    }
    const reason = run.kind === 'not-started' ? run.reason : 'interrupted';
    return { succeeded: false, output: '', messages: `error: ${clang.path}: ${reason}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
