/**
 * `shootdown kernel build`: from a kernel tree to a build folder with the IR of
 * some of its files, by the tree's own build system. The configuration is
 * checked before anything is compiled, the manifest is written last: a folder
 * that was interrupted never looks finished.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { type BuildTools, findBuildTools } from './build-tools.ts';
import { cacheFolder, contentHash, writeAtomically } from './cache.ts';
import { namingFlags } from './in-tree.ts';
import { commandFileOf, readKbuildCommand } from './kbuild-command.ts';
import {
  DEFAULT_KERNEL_FILES,
  KERNEL_ARCHITECTURE_SETTINGS,
  type KernelArchitecture,
  RECORDED_SYMBOLS,
} from './kernel-arch.ts';
import { configArguments, parseConfig, symbolName, unmetWishes } from './kernel-config.ts';
import {
  type KernelDir,
  type KernelManifest,
  type KernelModule,
  MANIFEST_FORMAT,
  MANIFEST_NAME,
  readKernelDir,
} from './kernel-dir.ts';
import { checkTree, type KernelTree, openTree } from './kernel-tree.ts';
import {
  type BuildFailure,
  type BuildProgress,
  buildFailure,
  makeArguments,
  runStep,
} from './make.ts';

export interface KernelBuildRequest {
  /** A kernel tree, or a tarball of one. */
  readonly tree: string;
  readonly arch: KernelArchitecture;
  /** The build folder; default: one in the cache, named after version, architecture and wishes. */
  readonly out?: string;
  /** Symbols on top of the architecture's own, and against them: `{ HIGHPTE: false }`. */
  readonly config?: Readonly<Record<string, boolean>>;
  /** Paths in the tree. */
  readonly files?: readonly string[];
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

export type KernelBuildOutcome =
  | {
      readonly kind: 'built';
      readonly kernel: KernelDir;
      /** Nothing had to be done: the folder held just this. */
      readonly upToDate: boolean;
    }
  | BuildFailure
  | { readonly kind: 'aborted' };

/** What is being built, everything settled. */
interface Build {
  readonly arch: KernelArchitecture;
  readonly tree: KernelTree;
  readonly tools: BuildTools;
  readonly folder: string;
  /** make's `O=`. */
  readonly out: string;
  readonly wanted: Readonly<Record<string, boolean>>;
  readonly files: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: BuildProgress) => void;
}

/** Builds, or finds that nothing has changed. Fails: as outcome, with the command and the end of what it printed. */
export async function buildKernel(request: KernelBuildRequest): Promise<KernelBuildOutcome> {
  const { arch, signal, onProgress = () => {} } = request;
  const config = normaliseConfig(request.config ?? {});
  if (typeof config === 'string') return buildFailure(config);
  const absent = checkTree(request.tree);
  if (absent !== null) return absent;
  onProgress({ step: 'check', message: 'looking for the tools that a kernel build needs' });
  const tools = await findBuildTools();
  if ('kind' in tools) return tools;
  const tree = await openTree(request.tree, { onProgress, signal });
  if (tree.kind !== 'tree') return tree;
  const files = request.files ?? DEFAULT_KERNEL_FILES;
  const folder = resolve(request.out ?? defaultFolder(tree, arch, config));
  const refusal = checkFiles(tree, files) ?? checkFolder(folder) ?? checkNames(tree.path, folder);
  if (refusal !== null) return buildFailure(refusal);
  const wanted = { ...KERNEL_ARCHITECTURE_SETTINGS[arch].config, ...config };
  const out = join(folder, 'build');
  return runBuild({ arch, tree, tools, folder, out, wanted, files, signal, onProgress });
}

async function runBuild(build: Build): Promise<KernelBuildOutcome> {
  const previous = readKernelDir(build.folder);
  if (previous.kind === 'kernel' && isUpToDate(previous.kernel.manifest, build)) {
    build.onProgress({ step: 'finish', message: `${build.folder} is up to date` });
    return { kind: 'built', kernel: previous.kernel, upToDate: true };
  }
  startFolder(build);
  for (const step of [configure, prepare, compile]) {
    const outcome = await step(build);
    if (outcome !== null) return outcome;
  }
  const kernel = finishFolder(build);
  return 'path' in kernel ? { kind: 'built', kernel, upToDate: false } : kernel;
}

type Interruption = BuildFailure | { readonly kind: 'aborted' };

async function configure(build: Build): Promise<Interruption | null> {
  const { tree, out, wanted } = build;
  build.onProgress({
    step: 'configure',
    message: `configuring Linux ${tree.version} for ${build.arch}`,
  });
  const file = join(out, '.config');
  const steps: [program: string, args: string[]][] = [
    ['make', [...makeOf(build), 'defconfig']],
    [join(tree.path, 'scripts', 'config'), configArguments(file, wanted)],
    ['make', [...makeOf(build), 'olddefconfig']],
  ];
  for (const [program, args] of steps) {
    const step = await runStep('configuring the kernel', program, args, stepOptions(build));
    if (step.kind !== 'done') return step;
  }
  const config = parseConfig(readFileSync(file, 'utf8'));
  const { folder } = KERNEL_ARCHITECTURE_SETTINGS[build.arch];
  const unmet = unmetWishes(tree.path, folder, config, wanted);
  if (unmet.length === 0) return null;
  const advice = 'set what it depends on as well, or give the wish up, with --config NAME=y|n';
  return buildFailure([...unmet, advice].join('\n'));
}

async function prepare(build: Build): Promise<Interruption | null> {
  build.onProgress({ step: 'prepare', message: 'generating headers (make prepare)' });
  const step = await runStep('preparing the tree', 'make', [...makeOf(build), 'prepare'], {
    ...stepOptions(build),
    onLine: (line) => {
      if (/^ {2}[A-Z]/.test(line)) build.onProgress({ step: 'prepare', message: line.trim() });
    },
  });
  return step.kind === 'done' ? null : step;
}

async function compile(build: Build): Promise<Interruption | null> {
  const { files, tree, out } = build;
  let doneCount = 0;
  const args = [...makeOf(build), ...fileFlags(build), ...files.map(irNameOf)];
  const step = await runStep('compiling the kernel', 'make', args, {
    ...stepOptions(build),
    onLine: (line) => {
      const name = /^ {2}CC(?: +\[M\])? +(\S+)\.ll$/.exec(line)?.[1];
      if (name === undefined) return;
      const fraction = doneCount++ / files.length;
      build.onProgress({ step: 'compile', message: `compiling ${name}.c`, fraction });
    },
  });
  if (step.kind !== 'done') return step;
  const missing = files.filter((file) => !existsSync(join(out, irNameOf(file))));
  if (missing.length === 0) return null;
  return buildFailure(`make made no IR of ${missing.join(', ')} in ${tree.path}`);
}

function stepOptions(build: Build): { cwd: string; signal?: AbortSignal } {
  return { cwd: build.tree.path, signal: build.signal };
}

function makeOf({ out, arch, tools }: Build): string[] {
  return makeArguments(out, KERNEL_ARCHITECTURE_SETTINGS[arch].arch, tools.llvm);
}

/**
 * `CFLAGS_<file>.o=` for each file, on make's command line. Not in KCFLAGS:
 * that reaches the vDSO and the generators of headers too, and code that was
 * not optimised breaks both. The command line replaces what a Makefile says of
 * the same file, so that is put in front.
 */
function fileFlags({ tree, out, files }: Build): string[] {
  const flags = ['-g', '-Xclang', '-disable-llvm-passes', ...namingFlags(tree.path, out)];
  const stems = new Map(files.map((file) => [posix.basename(file, '.c'), posix.dirname(file)]));
  return [...stems].map(([stem, folder]) => {
    const own = makefileFlags(join(tree.path, folder), stem);
    return `CFLAGS_${stem}.o=${[...own, ...flags].join(' ')}`;
  });
}

function makefileFlags(folder: string, stem: string): string[] {
  const name = stem.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const assignment = new RegExp(`^[ \\t]*CFLAGS_${name}\\.o[ \\t]*[:+?]?=[ \\t]*(.*)$`, 'gm');
  return ['Makefile', 'Kbuild'].flatMap((file) => {
    const path = join(folder, file);
    if (!existsSync(path)) return [];
    return [...readFileSync(path, 'utf8').matchAll(assignment)].map((found) => found[1]!.trim());
  });
}

function irNameOf(file: string): string {
  return file.replace(/\.c$/, '.ll');
}

// Before the first step: from here on the folder is not a finished build.
function startFolder({ folder, out, tree, arch }: Build): void {
  rmSync(join(folder, MANIFEST_NAME), { force: true });
  rmSync(join(folder, 'ir'), { recursive: true, force: true });
  const origin = JSON.stringify({ tree: tree.path, arch });
  const mark = join(folder, MARK);
  // kbuild brings its own output up to date, but not across trees.
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== origin) {
    rmSync(out, { recursive: true, force: true });
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(mark, origin);
}

// Says that a folder is ours to empty.
const MARK = '.shootdown-kernel-build';

function finishFolder(build: Build): KernelDir | BuildFailure {
  const { folder, out, tree, files } = build;
  build.onProgress({ step: 'finish', message: 'writing the manifest' });
  const modules = files.map((source): KernelModule => {
    const ir = posix.join('ir', irNameOf(source));
    mkdirSync(dirname(join(folder, ir)), { recursive: true });
    const bytes = nameModule(readFileSync(join(out, irNameOf(source)), 'utf8'), source);
    writeFileSync(join(folder, ir), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { source, ir, sizeBytes: bytes.length, sha256 };
  });
  const commandFile = join(out, commandFileOf(irNameOf(files[0]!)));
  const compileCommand = readKbuildCommand(readFileSync(commandFile, 'utf8'), out);
  if (compileCommand === null) return buildFailure(`${commandFile} holds no compiler command`);
  const configText = readFileSync(join(out, '.config'), 'utf8');
  const config = parseConfig(configText);
  const recorded = [...new Set([...Object.keys(build.wanted), ...RECORDED_SYMBOLS])].sort();
  const manifest: KernelManifest = {
    formatVersion: MANIFEST_FORMAT,
    folder,
    arch: build.arch,
    wanted: build.wanted,
    config: Object.fromEntries(recorded.map((name) => [name, config.get(name) ?? 'n'])),
    configSha256: contentHash(configText),
    tree: { version: tree.version, path: tree.path, tarballSha256: tree.tarballSha256 },
    compiler: build.tools.compiler,
    modules,
    compileCommand,
  };
  if (!writeAtomically(join(folder, MANIFEST_NAME), `${JSON.stringify(manifest, null, 2)}\n`)) {
    return buildFailure(`cannot write ${join(folder, MANIFEST_NAME)}`);
  }
  return { path: folder, manifest };
}

/** IR whose module is called by its path in the tree: clang takes the name from kbuild's command, where it is absolute. */
function nameModule(ir: string, source: string): Buffer {
  const named = ir
    .replace(/^; ModuleID = .*$/m, `; ModuleID = '${source}'`)
    .replace(/^source_filename = .*$/m, `source_filename = "${source}"`);
  return Buffer.from(named, 'utf8');
}

/** Only for a tarball: a folder may have been edited, and make knows best what has changed in it. */
function isUpToDate(manifest: KernelManifest, build: Build): boolean {
  const { tree, tools, arch, wanted, files } = build;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return (
    tree.tarballSha256 !== null &&
    manifest.tree.tarballSha256 === tree.tarballSha256 &&
    manifest.tree.path === tree.path &&
    manifest.arch === arch &&
    manifest.compiler === tools.compiler &&
    same(manifest.wanted, wanted) &&
    same(
      manifest.modules.map(({ source }) => source),
      files,
    )
  );
}

function normaliseConfig(
  config: Readonly<Record<string, boolean>>,
): Record<string, boolean> | string {
  const result: Record<string, boolean> = {};
  for (const [given, on] of Object.entries(config)) {
    const name = symbolName(given);
    if (name === null) return `${given} is not the name of a configuration symbol`;
    result[name] = on;
  }
  return result;
}

function defaultFolder(
  tree: KernelTree,
  arch: KernelArchitecture,
  config: Readonly<Record<string, boolean>>,
): string {
  const wishes = Object.entries(config).map(([name, on]) => `-${name}=${on ? 'y' : 'n'}`);
  return join(cacheFolder(), 'kernels', `${tree.version}-${arch}${wishes.sort().join('')}`);
}

function checkFiles(tree: KernelTree, files: readonly string[]): string | null {
  if (files.length === 0) return 'no files to compile';
  for (const file of files) {
    if (!file.endsWith('.c') || posix.normalize(file) !== file || file.startsWith('.')) {
      return `${file}: a file to compile is named by its path in the tree, such as mm/gup.c`;
    }
    if (!existsSync(join(tree.path, file))) {
      return `Linux ${tree.version} in ${tree.path} has no ${file}; choose others with --files`;
    }
  }
  return null;
}

function checkFolder(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const entries = readdirSync(folder);
  if (entries.length === 0 || entries.includes(MARK)) return null;
  return `${folder} is not empty and was not made by \`shootdown kernel build\`; name another with --out`;
}

// kbuild passes paths through make and a shell, unquoted.
function checkNames(...paths: readonly string[]): string | null {
  const bad = paths.find((path) => !/^[\w@%+=,./~-]+$/.test(path));
  return bad === undefined
    ? null
    : `kbuild cannot work in ${bad}: its name holds a space or a sign that make or the shell would read; use another folder`;
}
