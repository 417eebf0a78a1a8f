/**
 * From configurations to modules: the kernel's and the scenario's, compiled
 * once for all configurations that compile alike. C errors are the user's;
 * an error in the built-in kernel's own C is ours.
 */

import { basename, join } from 'node:path';
import {
  archDefines,
  BUILTIN_PATHS,
  BUILTIN_SOURCE,
  builtinIncludes,
  SCENARIO_INCLUDES,
} from '../../clang/builtin-kernel.ts';
import type { CompileOutcome, Compiler } from '../../clang/compiler.ts';
import { embeddedCompiler } from '../../clang/embedded.ts';
import { compileInTree } from '../../clang/in-tree.ts';
import { type KernelDir, readKernelDir, readModule } from '../../clang/kernel-dir.ts';
import type { Module } from '../../llvm/module.ts';
import { readModule as readIr } from '../../llvm/reader.ts';
import { type Configuration, type KernelFolder, kernelKey } from '../../scenario/configurations.ts';
import { InputError, inputError } from '../../scenario/input-error.ts';
import { defaultEra } from '../../scenario/targets.ts';
import { variantDefines } from '../../scenario/variant-name.ts';
import type { Scenario } from '../scenario-files.ts';
import { needsPaths } from './units.ts';

/** `KERNEL_VERSION(6, 12, 0)` of the era, as a number. */
export function versionCode(era: string): number {
  const [major, minor] = era.split('.').map(Number);
  return (major << 16) + (minor << 8);
}

function builtinDefines(configuration: Configuration): Record<string, string> {
  const on = Object.entries(configuration.config).filter(([, value]) => value);
  return {
    ...archDefines(configuration.arch),
    ...Object.fromEntries(on.map(([name]) => [`CONFIG_${name}`, '1'])),
    LINUX_VERSION_CODE: String(versionCode(configuration.era)),
  };
}

/** A build folder, checked. Fails: InputError. */
export function openKernelFolder(path: string): KernelDir {
  const outcome = readKernelDir(path);
  if (outcome.kind === 'error') throw inputError(outcome.message);
  return outcome.kernel;
}

/** What configurations need to know of a build folder. */
export function kernelFolderOf({ path, manifest }: KernelDir): KernelFolder {
  const config = Object.entries(manifest.config).map(([name, value]) => [name, value === 'y']);
  const { arch } = manifest;
  const { version } = manifest.tree;
  return { folder: path, arch, version, config: Object.fromEntries(config) };
}

/** Where warnings go, each once. */
type Warn = (rendered: string) => void;

/** Compiles, and remembers what it compiled. */
export class Compilations {
  readonly #kernelFolder: KernelDir | null;
  readonly #warn: Warn;
  readonly #warned: Set<string> = new Set();
  readonly #kernels: Map<string, readonly Module[]> = new Map();
  readonly #paths: Map<string, Module> = new Map();
  readonly #programs: Map<string, readonly Module[]> = new Map();
  #compiler: Compiler | null = null;

  constructor(kernelFolder: KernelDir | null, warn: Warn) {
    this.#kernelFolder = kernelFolder;
    this.#warn = warn;
  }

  /** The modules of a configuration, the scenario's first. Fails: InputError, IrError. */
  async modules(scenario: Scenario, configuration: Configuration): Promise<readonly Module[]> {
    const key = JSON.stringify([scenario.path, kernelKey(configuration)]);
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    // The kernel first: where a build folder is unfit, that is the better reason.
    const kernel = await this.#kernelModules(configuration);
    const module = await this.#compileScenario(scenario, configuration);
    const modules = [module, ...kernel];
    if (this.#kernelFolder === null && needsPaths(module, kernel[0])) {
      modules.push(await this.#pathsModule(configuration));
    }
    this.#programs.set(key, modules);
    return modules;
  }

  async #compileScenario(scenario: Scenario, configuration: Configuration): Promise<Module> {
    const defines = variantDefines(scenario.header.variants.map(({ name }) => name));
    const outcome =
      this.#kernelFolder === null
        ? await (await this.#embedded()).compile({
            source: scenario.path,
            arch: configuration.arch,
            includeDirectories: [...builtinIncludes(configuration.arch), SCENARIO_INCLUDES],
            defines: { ...builtinDefines(configuration), ...defines },
            forcedIncludes: ['linux/kconfig.h'],
          })
        : await compileInTree(this.#kernelFolder, {
            source: scenario.path,
            includeDirectories: [SCENARIO_INCLUDES],
            defines,
          });
    const { arch, era, kernel, platform } = configuration;
    const unusual = kernel === 'builtin' && era !== defaultEra(platform);
    const where = kernel === 'builtin' ? arch : kernel;
    const text = this.#ir(
      outcome,
      `${scenario.target} does not compile for ${where}${unusual ? ` in Linux ${era}` : ''}`,
      unusual
        ? 'where an era has not its code the header can say which have: @era * 6.12 6.18'
        : null,
    );
    // Lines of an error in it are lines of the IR, not of the C.
    return readIr(text, `IR of ${scenario.target}`);
  }

  async #kernelModules(configuration: Configuration): Promise<readonly Module[]> {
    const key = kernelKey(configuration);
    const known = this.#kernels.get(key);
    if (known !== undefined) return known;
    const folder = this.#kernelFolder;
    const modules =
      folder === null
        ? [await this.#compileBuiltin(configuration, BUILTIN_SOURCE)]
        : folder.manifest.modules.map((module) =>
            readIr(readModule(folder, module), join(folder.path, module.ir)),
          );
    this.#kernels.set(key, modules);
    return modules;
  }

  async #pathsModule(configuration: Configuration): Promise<Module> {
    const key = kernelKey(configuration);
    const module =
      this.#paths.get(key) ?? (await this.#compileBuiltin(configuration, BUILTIN_PATHS));
    this.#paths.set(key, module);
    return module;
  }

  async #compileBuiltin(configuration: Configuration, source: string): Promise<Module> {
    const outcome = await (await this.#embedded()).compile({
      source,
      arch: configuration.arch,
      includeDirectories: builtinIncludes(configuration.arch),
      defines: builtinDefines(configuration),
      forcedIncludes: ['linux/kconfig.h'],
    });
    if (outcome.kind === 'error') {
      const said = outcome.diagnostics.map((diagnostic) => diagnostic.rendered).join('\n');
      throw new Error(`the built-in kernel does not compile:\n${said}`);
    }
    return readIr(this.#ir(outcome, ''), `IR of kernel/${basename(source)}`);
  }

  async #embedded(): Promise<Compiler> {
    this.#compiler ??= await embeddedCompiler();
    return this.#compiler;
  }

  /** The IR of an outcome. Fails: InputError with the compiler's own messages. */
  #ir(outcome: CompileOutcome, what: string, hint: string | null = null): string {
    if (outcome.kind === 'error') {
      const said = outcome.diagnostics.map((diagnostic) => diagnostic.rendered).join('\n');
      throw new InputError([{ file: null, line: 0, message: `${what}:\n${said}`, hint }]);
    }
    for (const { rendered } of outcome.warnings) {
      if (!this.#warned.has(rendered)) this.#warn(rendered);
      this.#warned.add(rendered);
    }
    return outcome.text;
  }
}
