/**
 * The compiler that npm brings: clang built to WebAssembly. It runs in a file
 * system of its own, which holds exactly the translation unit, so nothing of the
 * machine can leak into the IR.
 *
 * Two habits of the package decide the shape here: it reports its loading on
 * standard output unless the first call passes a callback, and writing to its
 * virtual files costs several times what writing to its standard output does.
 */

import { posix } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Tree } from '@yowasp/clang';
import { type IrCache, openCache } from './cache.ts';
import type { ClangRun, Compiler, UnitCompiler } from './compiler.ts';
import { makeCompiler } from './compiler.ts';
import { COMPILE_ARCHITECTURES, frontendFlags } from './flags.ts';
import { type TranslationUnit, unitArguments } from './translation-unit.ts';

type ClangPackage = typeof import('@yowasp/clang') & { readonly version: string };

/** The embedded compiler, with the cache in its usual place unless given another or none. */
export async function embeddedCompiler(cache: IrCache | null = openCache()): Promise<Compiler> {
  return makeCompiler(await embeddedUnitCompiler(), cache);
}

async function embeddedUnitCompiler(): Promise<UnitCompiler> {
  // A few milliseconds: the 75 MB of WebAssembly load at the first compilation.
  const clang = (await import('@yowasp/clang')) as ClangPackage;
  const name = `clang ${clang.version} (embedded)`;
  return {
    name,
    identity: JSON.stringify([name, COMPILE_ARCHITECTURES.map(frontendFlags)]),
    run: async (unit) => {
      await load(clang);
      return runFrontend(clang, unit);
    },
  };
}

let loading: Promise<void> | null = null;

function load(clang: ClangPackage): Promise<void> {
  loading ??= (async () => {
    // One compilation touches a small part of clang and is over before
    // optimised code would pay: compiling functions when first called, and
    // never again, takes a third of the processor time (1.0 s, not 3.0 s, for
    // the built-in kernel). The module keeps what it was made with; for all
    // others, such as our own generated ones, the flags are set back.
    for (const flag of LOADING_FLAGS) setFlagsFromString(`--${flag}`);
    try {
      await clang.runLLVM(null as unknown as undefined, {}, { fetchProgress() {} });
    } finally {
      for (const flag of LOADING_FLAGS) setFlagsFromString(`--${opposite(flag)}`);
    }
  })();
  return loading;
}

const LOADING_FLAGS = ['wasm-lazy-compilation', 'wasm-lazy-validation', 'no-wasm-dynamic-tiering'];

function opposite(flag: string): string {
  return flag.startsWith('no-') ? flag.slice('no-'.length) : `no-${flag}`;
}

async function runFrontend(clang: ClangPackage, unit: TranslationUnit): Promise<ClangRun> {
  const output = new TextSink();
  const messages = new TextSink();
  const run = [
    ...['clang', '-cc1', ...frontendFlags(unit.arch)],
    // The package's own headers are at /usr/include; of these only the
    // compiler's (stdarg.h, stddef.h) mean anything to freestanding C.
    ...['-nostdsysteminc', '-internal-isystem', '/usr/include'],
    ...unitArguments(unit),
    ...['-main-file-name', posix.basename(unit.source), '-o', '-', '-x', 'c', unit.source],
  ];
  let succeeded = true;
  try {
    await clang.runLLVM(run, treeOf(unit), { stdout: output.take, stderr: messages.take });
  } catch (error) {
    succeeded = false;
    if (!(error instanceof clang.Exit)) {
      // clang itself died (an assertion, the stack): still a fact about
      // this C file, to be told like any other.
      const cause = error instanceof Error ? error.message : String(error);
      return {
        succeeded,
        output: '',
        messages: `${messages.text()}\nerror: clang crashed: ${cause}`,
      };
    }
  }
  return { succeeded, output: output.text(), messages: messages.text() };
}

function treeOf(unit: TranslationUnit): Tree {
  const root: Tree = {};
  for (const [name, text] of [...unit.files, ...upwardIncludes(unit)]) {
    const segments = name.split('/');
    let folder = root;
    for (const segment of segments.slice(0, -1)) folder = (folder[segment] ??= {}) as Tree;
    folder[segments[segments.length - 1]!] = text;
  }
  return root;
}

/**
 * The package's file system skips `..` in a path: `"../a.h"` from `b/c.h` is
 * looked for at `b/a.h`. So the file is put there as well, unless something
 * else has that name; then clang would read the wrong one, and an `#error`
 * takes its place.
 */
function upwardIncludes(unit: TranslationUnit): [name: string, text: string][] {
  const found: [string, string][] = [];
  for (const [name, text] of unit.files) {
    for (const [, included] of text.matchAll(
      /^[ \t]*#[ \t]*include[ \t]*"([^"\n]*\.\.\/[^"\n]*)"/gm,
    )) {
      const spelled = `${posix.dirname(name)}/${included!}`;
      const target = unit.files.get(posix.normalize(spelled));
      const seenAt = posix.normalize(
        spelled
          .split('/')
          .filter((part) => part !== '..')
          .join('/'),
      );
      if (target === undefined) continue;
      const other = unit.files.get(seenAt);
      const clash = `#error the embedded compiler cannot tell ${seenAt} from ${included!} in ${name}; rename one\n`;
      found.push([seenAt, other === undefined || other === target ? target : clash]);
    }
  }
  return found;
}

/**
 * Collects what the compiler prints: a hundred thousand pieces of a few bytes
 * each, so they go into one buffer. Decoded once, at the end, so that a
 * character split over two pieces stays whole.
 */
class TextSink {
  #buffer = Buffer.alloc(1 << 16);
  #length = 0;

  readonly take = (bytes: Uint8Array | null): void => {
    if (bytes === null) return;
    const needed = this.#length + bytes.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.alloc(2 * needed);
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    // A copy: the package uses its own buffer again.
    this.#buffer.set(bytes, this.#length);
    this.#length = needed;
  };

  text(): string {
    return this.#buffer.toString('utf8', 0, this.#length);
  }
}
