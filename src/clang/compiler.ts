/**
 * One interface over the compilers that turn a C file into LLVM IR. A request
 * speaks of files on the disk; it is first made into a translation unit, which
 * holds the text of every file the compiler may read. The cache key is taken
 * from that same text, so what was hashed is what was compiled, even if a file
 * is edited meanwhile.
 */

import type { IrCache } from './cache.ts';
import type { Diagnostic } from './diagnostics.ts';
import { errorDiagnostic, parseDiagnostics } from './diagnostics.ts';
import type { CompileArchitecture } from './flags.ts';
import type { TranslationUnit } from './translation-unit.ts';
import { collectUnit, hashUnit } from './translation-unit.ts';

/** What to compile. Paths are on the disk, absolute or relative to the working directory. */
export interface CompileRequest {
  /** The `.c` file: a path, or the name of an entry of `files`. */
  readonly source: string;
  readonly arch: CompileArchitecture;
  /** Searched in this order, for `<...>` and after the source's own folder for `"..."`. Read whole. */
  readonly includeDirectories: readonly string[];
  /** Macro name to value; `''` defines it empty. */
  readonly defines: Readonly<Record<string, string>>;
  /** Headers read before the source, as by `-include`; names as an `#include` would spell them. */
  readonly forcedIncludes?: readonly string[];
  /** More flags, of the kinds that driver and frontend spell alike (`-W...`, `-U...`). */
  readonly flags?: readonly string[];
  /** Files that exist only in memory, by the name they shall have in debug information. */
  readonly files?: Readonly<Record<string, string>>;
  /** Names in debug information are relative to this folder; default: the project's own. */
  readonly root?: string;
}

/** IR text, or what is wrong with the C. Only our own bugs are thrown. */
export type CompileOutcome =
  | {
      readonly kind: 'ir';
      readonly text: string;
      readonly warnings: readonly Diagnostic[];
      readonly fromCache: boolean;
    }
  | { readonly kind: 'error'; readonly diagnostics: readonly Diagnostic[] };

/** Compiles one C file at a time to LLVM IR. */
export interface Compiler {
  /** For people, with the version: `clang 22.1.0 (embedded)`. */
  readonly name: string;
  compile(request: CompileRequest): Promise<CompileOutcome>;
}

/** What a compiler printed: the IR on standard output, clang's messages on standard error. */
export interface ClangRun {
  readonly succeeded: boolean;
  readonly output: string;
  readonly messages: string;
}

/** The part that differs between compilers: run clang over a unit whose text is already in memory. */
export interface UnitCompiler {
  readonly name: string;
  /** Everything about this compiler that can change the IR; part of the cache key. */
  readonly identity: string;
  run(unit: TranslationUnit): Promise<ClangRun>;
}

/** A compiler over `unitCompiler`; `cache` null compiles every time. */
export function makeCompiler(unitCompiler: UnitCompiler, cache: IrCache | null): Compiler {
  return {
    name: unitCompiler.name,
    async compile(request: CompileRequest): Promise<CompileOutcome> {
      const collected = collectUnit(request);
      if (collected.kind === 'error') return collected;
      const unit = collected.unit;
      const key = cache === null ? '' : hashUnit(unit, unitCompiler.identity);
      const stored = cache?.read(key) ?? null;
      if (stored !== null) {
        return { kind: 'ir', text: stored.ir, warnings: stored.warnings, fromCache: true };
      }
      const outcome = judge(await unitCompiler.run(unit), unitCompiler.name);
      if (outcome.kind === 'ir')
        cache?.write(key, { ir: outcome.text, warnings: outcome.warnings });
      return outcome;
    },
  };
}

/** The outcome that a finished run of clang stands for. */
export function judge(run: ClangRun, compilerName: string): CompileOutcome {
  const diagnostics = parseDiagnostics(run.messages);
  if (!run.succeeded) {
    if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) {
      return { kind: 'error', diagnostics };
    }
    const said = run.messages.trim();
    const message = `${compilerName} failed${said === '' ? ' without a message' : `: ${said}`}`;
    return { kind: 'error', diagnostics: [...diagnostics, errorDiagnostic(message)] };
  }
  // clang ends every module with its own metadata; a run that lost
  // the tail of its output must not be taken for a whole module.
  if (!/^!llvm\.ident = /m.test(run.output)) {
    const message = `${compilerName} reported success, but its output is not a whole LLVM module`;
    return { kind: 'error', diagnostics: [errorDiagnostic(message)] };
  }
  return { kind: 'ir', text: run.output, warnings: diagnostics, fromCache: false };
}
