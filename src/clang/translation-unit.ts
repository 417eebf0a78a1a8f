/**
 * A translation unit: one source and the text of every file that its compiler may
 * read, each under the name it has in debug information. Include folders are
 * taken whole; beside the source only what quoted includes name is taken, so
 * that a C file in a home folder does not drag the home folder in.
 *
 * Names are relative to the project, then to the working directory, and
 * otherwise start at the source's own folder: IR never depends on where a
 * checkout lies.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompileRequest } from './compiler.ts';
import { type Diagnostic, errorDiagnostic } from './diagnostics.ts';
import type { CompileArchitecture } from './flags.ts';

export interface TranslationUnit {
  /** Name of the source among `files`. */
  readonly source: string;
  readonly arch: CompileArchitecture;
  /** Name to text, ascending by name; names use `/` and hold no `..`. */
  readonly files: ReadonlyMap<string, string>;
  /** Folders among the names, in search order. */
  readonly includeDirectories: readonly string[];
  readonly defines: Readonly<Record<string, string>>;
  readonly forcedIncludes: readonly string[];
  readonly flags: readonly string[];
}

export type CollectOutcome =
  | { readonly kind: 'unit'; readonly unit: TranslationUnit }
  | { readonly kind: 'error'; readonly diagnostics: readonly Diagnostic[] };

/** The folder that holds the project's own `kernel/` and `scenarios/`, in a checkout and when installed. */
export const PROJECT_ROOT: string = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

// An include folder of a scenario holds tens of files; a folder far beyond
// that was named by mistake (a home folder, a whole kernel tree).
const MAX_FILES_IN_FOLDER = 20_000;

/** Reads what `request` needs. Fails: the source or an include folder cannot be read, or two files would share a name. */
export function collectUnit(request: CompileRequest): CollectOutcome {
  const collector = new Collector(resolve(request.root ?? PROJECT_ROOT));
  for (const [name, text] of Object.entries(request.files ?? {})) collector.add(name, text, name);
  const includeDirectories = request.includeDirectories.map((folder) =>
    collector.addFolder(folder),
  );
  const source = collector.addSource(request.source);
  if (collector.diagnostics.length > 0) {
    return { kind: 'error', diagnostics: collector.diagnostics };
  }
  const unit: TranslationUnit = {
    source,
    arch: request.arch,
    files: new Map([...collector.files].sort(([a], [b]) => (a < b ? -1 : 1))),
    includeDirectories,
    defines: request.defines,
    forcedIncludes: request.forcedIncludes ?? [],
    flags: request.flags ?? [],
  };
  return { kind: 'unit', unit };
}

/** Hexadecimal hash of all that decides the IR: the unit, each text in it, and who compiles. */
export function hashUnit(unit: TranslationUnit, compilerIdentity: string): string {
  const hash = createHash('sha256');
  const { files, ...rest } = unit;
  hash.update(
    JSON.stringify([compilerIdentity, { ...rest, defines: sortedEntries(rest.defines) }]),
  );
  for (const [name, text] of files) {
    // Lengths first: no two different file sets make the same byte stream.
    hash.update(`\n${Buffer.byteLength(name)} ${Buffer.byteLength(text)}\n`);
    hash.update(name);
    hash.update(text);
  }
  return hash.digest('hex');
}

function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The arguments that name a unit's files and macros; spelled alike by driver and frontend. */
export function unitArguments(unit: TranslationUnit): string[] {
  return [
    ...unit.includeDirectories.flatMap((folder) => ['-I', folder]),
    ...sortedEntries(unit.defines).map(([name, value]) => `-D${name}=${value}`),
    ...unit.forcedIncludes.flatMap((header) => ['-include', header]),
    ...unit.flags,
  ];
}

class Collector {
  readonly files: Map<string, string> = new Map();
  readonly diagnostics: Diagnostic[] = [];
  private readonly origins: Map<string, string> = new Map();
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  add(name: string, text: string, origin: string): void {
    const earlier = this.origins.get(name);
    if (earlier !== undefined && earlier !== origin && this.files.get(name) !== text) {
      const message = `two different files would both be called ${name}: ${earlier} and ${origin}; rename one`;
      this.diagnostics.push(errorDiagnostic(message));
      return;
    }
    this.origins.set(name, origin);
    this.files.set(name, text);
  }

  /** Takes a folder whole; returns its name. */
  addFolder(folder: string): string {
    const path = resolve(folder);
    const name = this.nameOf(path, `outside-${basename(path)}`);
    const prefix = `${name}/`;
    // A folder may also be one that exists only among the request's own files.
    const inMemory = [...this.files.keys()].some((file) =>
      file.startsWith(`${posix.normalize(folder)}/`),
    );
    if (!isFolder(path)) {
      if (inMemory) return posix.normalize(folder);
      this.diagnostics.push(errorDiagnostic(`include folder ${folder} does not exist`));
      return name;
    }
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    if (entries.length > MAX_FILES_IN_FOLDER) {
      const message = `include folder ${folder} holds ${entries.length} files; name a smaller one`;
      this.diagnostics.push(errorDiagnostic(message));
      return name;
    }
    for (const entry of entries) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isDirectory() || !isFile(file)) continue;
      const inside = relative(path, file).split(sep).join('/');
      if (!this.files.has(prefix + inside))
        this.add(prefix + inside, readFileSync(file, 'utf8'), file);
    }
    return name;
  }

  /** Takes the source and, through them, the files that quoted includes name; returns its name. */
  addSource(source: string): string {
    if (this.files.has(source)) return source;
    const path = resolve(source);
    if (!isFile(path)) {
      this.diagnostics.push(errorDiagnostic(`no such file: ${source}`));
      return source;
    }
    const folder = dirname(path);
    const folderName = this.nameOf(folder, '');
    const inFolder = (file: string): string => posix.join(folderName, file);
    const name = inFolder(basename(path));
    const pending = [{ path, name }];
    while (pending.length > 0) {
      const next = pending.pop()!;
      if (this.origins.get(next.name) === next.path) continue;
      const text = readFileSync(next.path, 'utf8');
      this.add(next.name, text, next.path);
      for (const [, included] of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"/gm)) {
        const target = resolve(dirname(next.path), included!);
        // Above the source's folder only inside the same named tree: a name
        // with `..` left in it could not be told from another file's.
        const targetName = posix.join(posix.dirname(next.name), included!);
        if (targetName.startsWith('../') || !isFile(target)) continue;
        pending.push({ path: target, name: targetName });
      }
    }
    return name;
  }

  /** Name of a folder: relative to the root, else to the working directory, else `fallback`. */
  private nameOf(path: string, fallback: string): string {
    for (const base of [this.root, process.cwd()]) {
      // From the top folder every path is "inside", and names would be
      // absolute paths in disguise.
      if (dirname(base) === base) continue;
      const inside = relative(base, path);
      if (inside === '' || !(inside.startsWith('..') || resolve(inside) === inside)) {
        return inside.split(sep).join('/');
      }
    }
    return fallback;
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
