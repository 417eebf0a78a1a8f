/**
 * Compiles a scenario inside the configuration of a build folder: it sees the
 * tree's own `struct mm_struct`, macros and inline functions. The tree's
 * headers are far too many to hash for every question, so the cache works in
 * two stages: command and source name the headers that were read last time,
 * and only if none of these has changed is the IR taken.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { contentHash, type IrCache, openCache } from './cache.ts';
import { type CompileOutcome, judge } from './compiler.ts';
import { errorDiagnostic } from './diagnostics.ts';
import type { KernelDir } from './kernel-dir.ts';
import { runCommand } from './run-command.ts';
import { PROJECT_ROOT } from './translation-unit.ts';

export interface InTreeRequest {
  /** Path of the `.c` file. */
  readonly source: string;
  /** Searched after the tree's own, so that they can add headers but replace none. */
  readonly includeDirectories: readonly string[];
  readonly defines: Readonly<Record<string, string>>;
  /** Names in debug information are relative to this folder; default: the project's own. */
  readonly root?: string;
}

/** IR of a C file as the kernel in `kernel` would have it. Fails: as outcome, also when the tree is gone. */
export async function compileInTree(
  kernel: KernelDir,
  request: InTreeRequest,
  cache: IrCache | null = openCache(),
): Promise<CompileOutcome> {
  const { manifest } = kernel;
  const fail = (message: string): CompileOutcome => {
    return { kind: 'error', diagnostics: [errorDiagnostic(message, request.source)] };
  };
  if (!existsSync(request.source)) return fail('no such file');
  if (!existsSync(manifest.tree.path)) {
    return fail(
      `the kernel tree that ${kernel.path} was built from is gone: ${manifest.tree.path}; run \`shootdown kernel build\` again`,
    );
  }
  if (!existsSync(manifest.compileCommand.program)) {
    return fail(`${manifest.compileCommand.program}, which built ${kernel.path}, is not there`);
  }
  const job = jobOf(kernel, request);
  const stored = lookUp(job, cache);
  if (stored !== null) return stored;
  return compileJob(job, kernel, cache);
}

interface Job {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Hash of command, compiler and source text. */
  readonly key: string;
}

function jobOf(kernel: KernelDir, request: InTreeRequest): Job {
  const { compileCommand, folder } = kernel.manifest;
  const { program } = compileCommand;
  // The folder may have been moved since; the tree may not.
  const args = compileCommand.args.map((arg) => arg.replace(`${folder}/`, `${kernel.path}/`));
  const source = resolve(request.source);
  const root = resolve(request.root ?? PROJECT_ROOT);
  // clang names a file as its command does: run it where the name is right.
  const cwd = relative(root, source).startsWith('..') ? dirname(source) : root;
  const stem = basename(source)
    .replace(/\.c$/, '')
    .replaceAll(/[^A-Za-z0-9_]/g, '_');
  const all = [
    ...args,
    ...request.includeDirectories.map((folder) => `-I${resolve(folder)}`),
    ...Object.entries(request.defines).map(([name, value]) => `-D${name}=${value}`),
    ...[`-DKBUILD_MODFILE="${stem}"`, `-DKBUILD_BASENAME="${stem}"`, `-DKBUILD_MODNAME="${stem}"`],
    `-D__KBUILD_MODNAME=kmod_${stem}`,
    // The kernel's own rules of style do not bind a scenario.
    ...[
      '-Wno-error',
      '-Wno-missing-prototypes',
      '-Wno-missing-declarations',
      '-Wno-unused-function',
    ],
    ...namingFlags(kernel.manifest.tree.path, join(kernel.path, 'build'), cwd),
    ...['-x', 'c', relative(cwd, source)],
  ];
  const { size, mtimeMs } = statSync(program);
  const compiler = [kernel.manifest.compiler, program, size, mtimeMs];
  const text = readFileSync(source, 'utf8');
  return {
    program,
    args: all,
    cwd,
    key: contentHash(JSON.stringify(['in-tree', compiler, cwd, all, text])),
  };
}

/** Flags that make debug information name the files of a tree, its output folder and a project by their place inside. */
export function namingFlags(tree: string, out: string, project?: string): string[] {
  const places = [tree, out, ...(project === undefined ? [] : [project])];
  return [
    '-fdebug-compilation-dir=/',
    ...['/', ...places.map((place) => `${place}/`)].map((place) => `-fdebug-prefix-map=${place}=`),
  ];
}

function lookUp(job: Job, cache: IrCache | null): CompileOutcome | null {
  const files = cache?.read(job.key)?.dependencies;
  if (cache === null || files === undefined) return null;
  const key = keyWithDependencies(job, files);
  const stored = key === null ? null : cache.read(key);
  if (stored === null) return null;
  return { kind: 'ir', text: stored.ir, warnings: stored.warnings, fromCache: true };
}

async function compileJob(
  job: Job,
  kernel: KernelDir,
  cache: IrCache | null,
): Promise<CompileOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'shootdown-in-tree-'));
  try {
    const dependencyFile = join(folder, 'dependencies');
    const args = [...job.args, '-MD', '-MF', dependencyFile, '-o', '-'];
    const startedMs = Date.now();
    const run = await runCommand(job.program, args, { cwd: job.cwd });
    if (run.kind !== 'ended') {
      const reason = run.kind === 'not-started' ? run.reason : 'interrupted';
      return { kind: 'error', diagnostics: [errorDiagnostic(`${job.program}: ${reason}`)] };
    }
    const { output, messages } = run;
    const outcome = judge(
      { succeeded: run.code === 0, output, messages },
      kernel.manifest.compiler,
    );
    if (outcome.kind === 'ir' && cache !== null) {
      const dependencies = readDependencies(readFileSync(dependencyFile, 'utf8'), job.cwd);
      store(job, cache, dependencies, outcome, startedMs);
    }
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function store(
  job: Job,
  cache: IrCache,
  dependencies: readonly string[],
  { text, warnings }: Extract<CompileOutcome, { kind: 'ir' }>,
  startedMs: number,
): void {
  // A header written while clang ran may not be the one that clang read.
  if (dependencies.some((file) => !existsSync(file) || statSync(file).mtimeMs >= startedMs)) return;
  const key = keyWithDependencies(job, dependencies);
  if (key === null) return;
  cache.write(key, { ir: text, warnings });
  cache.write(job.key, { ir: '', warnings: [], dependencies });
}

function keyWithDependencies(job: Job, files: readonly string[]): string | null {
  const hash = createHash('sha256').update(job.key);
  for (const file of files) {
    try {
      const bytes = readFileSync(file);
      hash.update(`\n${file} ${bytes.length}\n`).update(bytes);
    } catch {
      return null;
    }
  }
  return hash.digest('hex');
}

/** Absolute paths in a dependency file as clang writes it for make. */
export function readDependencies(text: string, cwd: string): string[] {
  const list = text.slice(text.indexOf(':') + 1).replaceAll('\\\n', ' ');
  const names = list.match(/(?:\\.|[^\s\\])+/g) ?? [];
  return names.map((name) => resolve(cwd, name.replace(/\\(.)/g, '$1').replaceAll('$$', '$')));
}
