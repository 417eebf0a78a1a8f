/**
 * A build folder: the IR of some files of one configured kernel tree, and a
 * manifest that says what they are. The manifest is written last, so a folder
 * without one is unfinished; it holds the hash of each module, so a damaged
 * one is never checked in place of what was built.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { KERNEL_ARCHITECTURES, type KernelArchitecture } from './kernel-arch.ts';

export const MANIFEST_NAME = 'shootdown-kernel.json';
export const MANIFEST_FORMAT = 1;

/** One source file of the tree and its IR. */
export interface KernelModule {
  /** Path in the tree: `mm/gup.c`. */
  readonly source: string;
  /** Path in the build folder: `ir/mm/gup.ll`. */
  readonly ir: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** How kbuild compiles a file of this configuration: its own command line, without input, output and module name. */
export interface KernelCompileCommand {
  readonly program: string;
  /** Paths are absolute. */
  readonly args: readonly string[];
}

export interface KernelManifest {
  readonly formatVersion: typeof MANIFEST_FORMAT;
  /** Where the folder lay when it was built; the compile command speaks of it. */
  readonly folder: string;
  readonly arch: KernelArchitecture;
  /** The wishes that were made of the configuration. */
  readonly wanted: Readonly<Record<string, boolean>>;
  /** Symbol to value as in `.config`; `n` where it is off or unknown to the tree. */
  readonly config: Readonly<Record<string, string>>;
  /** Of the whole `.config`, in `build/`. */
  readonly configSha256: string;
  readonly tree: {
    readonly version: string;
    readonly path: string;
    /** Of the tarball that the tree was unpacked from, or null. */
    readonly tarballSha256: string | null;
  };
  /** First line of the compiler's `--version`. */
  readonly compiler: string;
  readonly modules: readonly KernelModule[];
  readonly compileCommand: KernelCompileCommand;
}

/** A build folder that was found whole. */
export interface KernelDir {
  /** Absolute. */
  readonly path: string;
  readonly manifest: KernelManifest;
}

export type KernelDirOutcome =
  | { readonly kind: 'kernel'; readonly kernel: KernelDir }
  | { readonly kind: 'error'; readonly message: string };

/**
 * The build folder at `path`, all of its modules checked. Fails: no such
 * folder; not a finished build; another architecture than `arch`; a module
 * that is missing, cut short, changed, or made by clang 14 or older.
 */
export function readKernelDir(path: string, arch?: string): KernelDirOutcome {
  const refuse = (message: string): KernelDirOutcome => ({ kind: 'error', message });
  if (!existsSync(path)) return refuse(`no such folder: ${path}`);
  if (!statSync(path).isDirectory()) return refuse(`${path} is not a folder`);
  const manifest = readManifest(path);
  if (typeof manifest === 'string') return refuse(manifest);
  if (arch !== undefined && arch !== manifest.arch) {
    return refuse(
      `${path} was built for ${manifest.arch}, not ${arch}; ask for --arch ${manifest.arch}, or make another with \`shootdown kernel build --arch ${arch}\``,
    );
  }
  for (const module of manifest.modules) {
    const trouble = moduleTrouble(path, module);
    if (trouble !== null) return refuse(`${trouble}; ${BUILD_AGAIN}`);
  }
  const config = join(path, 'build', '.config');
  if (!existsSync(config) || hashOf(readFileSync(config)) !== manifest.configSha256) {
    return refuse(`${config} is not the configuration that ${path} was built with; ${BUILD_AGAIN}`);
  }
  return { kind: 'kernel', kernel: { path: resolve(path), manifest } };
}

const BUILD_AGAIN = 'run `shootdown kernel build` again';

/** IR text of a module of `kernel`, by its path in the tree. Requires: the module is in the manifest. */
export function readModule(kernel: KernelDir, module: KernelModule): string {
  return readFileSync(join(kernel.path, module.ir), 'utf8');
}

/** The manifest in `path`, or what is wrong with it. */
export function readManifest(path: string): KernelManifest | string {
  const file = join(path, MANIFEST_NAME);
  if (!existsSync(file)) return missingManifest(path);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return `${file} is not JSON (${(error as Error).message}); ${BUILD_AGAIN}`;
  }
  const formatVersion = (value as { formatVersion?: unknown } | null)?.formatVersion;
  if (formatVersion !== MANIFEST_FORMAT) {
    return `${file} has format ${String(formatVersion)}, this version reads ${MANIFEST_FORMAT}; ${BUILD_AGAIN}`;
  }
  return isManifest(value) ? value : `${file} lacks what a manifest holds; ${BUILD_AGAIN}`;
}

function isManifest(value: unknown): value is KernelManifest {
  const manifest = value as Partial<KernelManifest>;
  return (
    KERNEL_ARCHITECTURES.some((arch) => arch === manifest.arch) &&
    typeof manifest.folder === 'string' &&
    typeof manifest.config === 'object' &&
    typeof manifest.tree?.version === 'string' &&
    Array.isArray(manifest.compileCommand?.args) &&
    Array.isArray(manifest.modules) &&
    manifest.modules.length > 0 &&
    manifest.modules.every(
      (module) => typeof module.ir === 'string' && typeof module.sha256 === 'string',
    )
  );
}

/** A folder of `.ll` files that we did not make may still deserve a better word than "no manifest". */
function missingManifest(path: string): string {
  const modules = findModules(path);
  for (const module of modules) {
    const text = readFileSync(join(path, module), 'utf8');
    const trouble = oldClangTrouble(module, text);
    if (trouble !== null) return trouble;
  }
  const found = modules.length === 0 ? 'no IR and no' : 'IR but no';
  return `${path} holds ${found} ${MANIFEST_NAME}: it is not a finished build folder; make one with \`shootdown kernel build --tree DIR|TARBALL --arch A --out ${path}\``;
}

function findModules(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ll'))
    .map((entry) => relative(path, join(entry.parentPath, entry.name)));
}

/** What is wrong with a module on the disk, or null. */
function moduleTrouble(path: string, module: KernelModule): string | null {
  const file = join(path, module.ir);
  if (!existsSync(file)) return `${file} is missing`;
  const bytes = readFileSync(file);
  if (hashOf(bytes) === module.sha256) return null;
  // The more telling cause first: IR of an old clang was put there on
  // purpose, and its size says nothing.
  const old = oldClangTrouble(file, bytes.toString('utf8'));
  if (old !== null) return old;
  if (bytes.length < module.sizeBytes) {
    return `${file} is cut short: ${bytes.length} of ${module.sizeBytes} bytes`;
  }
  return `${file} is not what was built: its content has changed`;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Says so if IR text has typed pointers or a producer that writes them. */
export function oldClangTrouble(file: string, text: string): string | null {
  const producer = /clang version (\d+)\.\d+/.exec(text.slice(text.lastIndexOf('!llvm.ident')));
  const major = producer === null ? null : Number(producer[1]);
  // A cut module may have lost its ident; its pointers tell as well.
  const typedPointers = /^(?:define|declare) [^\n]*\b(?:i8|i32|i64|%[\w."]+)\*/m.test(text);
  if (!typedPointers && (major === null || major >= 15)) return null;
  const made = major === null ? 'by clang 14 or older' : `by clang ${major}`;
  return `${file} was made ${made}, which writes typed pointers; clang 15 or newer is needed (Debian: clang-19)`;
}
