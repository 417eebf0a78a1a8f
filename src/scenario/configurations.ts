/**
 * The configurations that a check runs: variant x architecture x platform,
 * with the kernel's configuration and era. What was asked for and cannot be
 * is refused, with the reason and what exists; what was not asked for and
 * cannot be is left out without a word.
 */

import { expectedVerdict } from './expectation.ts';
import type { ScenarioHeader } from './header.ts';
import { inputError } from './input-error.ts';
import { suggestion } from './suggest.ts';
import {
  type Arch,
  type Combination,
  chooseArch,
  chooseConfigSymbol,
  chooseEra,
  chooseMemoryModel,
  choosePlatform,
  DEFAULT_ERA,
  type Dimension,
  defaultEra,
  type Era,
  hasSymbol,
  impossible,
  impossibleOnArch,
  type MemoryModel,
  memoryModelsOf,
  type Platform,
} from './targets.ts';

/** One scenario in one configuration: what gets one verdict. */
export interface Configuration {
  readonly scenario: string;
  readonly variant: string;
  /** The variant's place in the header: what the compiled scenario is told. */
  readonly variantIndex: number;
  /** `builtin`, or the build folder. */
  readonly kernel: string;
  /** Symbols with their values. One that is absent does not exist here, which is `n` to the compiler. */
  readonly config: Readonly<Record<string, boolean>>;
  /** The version of Linux, or the tree's. */
  readonly era: string;
  readonly arch: Arch;
  readonly platform: Platform;
  readonly memory: MemoryModel;
  /** How often a vCPU may be preempted. */
  readonly preemptions: number;
  /** `safe`, `unsafe torn-entry`, or null where the header says nothing. */
  readonly expected: string | null;
  /** Why the kernel itself has no code for the platform, whose behaviour then is the machine's alone; null where it has. */
  readonly platformCodeMissing: string | null;
  /** The compiler zeroes locals (INIT_STACK_ALL_ZERO), which hides reads of what was never written. */
  readonly stackZeroed: boolean;
}

/** What the user asked for, as typed. Omitted (undefined or empty) means every one that exists. */
export interface Selection {
  readonly variants?: readonly string[];
  readonly arches?: readonly string[];
  readonly platforms?: readonly string[];
  readonly memory?: string;
  readonly era?: string;
  /** `NAME=y` or `NAME=n`. */
  readonly config?: readonly string[];
}

/** What a build folder says of itself. */
export interface KernelFolder {
  readonly folder: string;
  readonly arch: Arch;
  /** The tree's version: `6.12.117`. */
  readonly version: string;
  readonly config: Readonly<Record<string, boolean>>;
}

/** A selection with its words looked up; null where nothing was asked. */
interface Chosen {
  readonly variants: readonly string[] | null;
  readonly arches: readonly Arch[] | null;
  readonly platforms: readonly Platform[] | null;
  readonly memory: MemoryModel | null;
  readonly era: Era | null;
  readonly config: Readonly<Record<string, boolean>>;
}

function unique<T>(words: readonly T[]): T[] {
  return [...new Set(words)];
}

function parseConfig(words: readonly string[]): Record<string, boolean> {
  const config: Record<string, boolean> = {};
  for (const word of words) {
    const match = /^([A-Za-z0-9_]+)=(.*)$/.exec(word);
    if (match === null || (match[2] !== 'y' && match[2] !== 'n')) {
      throw inputError(`--config wants NAME=y or NAME=n, not '${word}'`);
    }
    const symbol = chooseConfigSymbol(match[1]);
    const value = match[2] === 'y';
    if (symbol in config && config[symbol] !== value) {
      throw inputError(`--config sets ${symbol} both to y and to n`);
    }
    config[symbol] = value;
  }
  return config;
}

function chooseAll(selection: Selection): Chosen {
  const listed = <T>(
    words: readonly string[] | undefined,
    look: (word: string) => T,
  ): T[] | null => (words === undefined || words.length === 0 ? null : unique(words.map(look)));
  return {
    variants: listed(selection.variants, (word) => word),
    arches: listed(selection.arches, chooseArch),
    platforms: listed(selection.platforms, choosePlatform),
    memory: selection.memory === undefined ? null : chooseMemoryModel(selection.memory),
    era: selection.era === undefined ? null : chooseEra(selection.era),
    config: parseConfig(selection.config ?? []),
  };
}

/** What the scenario has of what was asked. Fails: InputError for a word that it does not have. */
function narrow<T extends string>(
  asked: readonly T[] | null,
  has: readonly T[],
  refuse: (word: string) => Error,
): readonly T[] {
  for (const word of asked ?? []) {
    if (!has.includes(word)) throw refuse(word);
  }
  // The header's order is the order of the table, whatever was typed.
  return asked === null ? has : has.filter((word) => asked.includes(word));
}

function narrowVariants(scenario: string, header: ScenarioHeader, chosen: Chosen): number[] {
  const names = header.variants.map((variant) => variant.name);
  const wanted = narrow(chosen.variants, names, (word) =>
    inputError(`${scenario} has no variant '${word}'`, suggestion(word, names, 'its variants')),
  );
  return wanted.map((name) => names.indexOf(name));
}

/** Leaves out variants whose code the era asked for has not. Fails: InputError where one was asked for, or none is left. */
function narrowToEra(
  scenario: string,
  header: ScenarioHeader,
  chosen: Chosen,
  variants: readonly number[],
): number[] {
  const { era } = chosen;
  if (era === null) return [...variants];
  const names = variants.map((index) => header.variants[index].name);
  const lacking = names.filter((name) => !isInEra(header, name, era));
  const refused = chosen.variants === null && lacking.length < names.length ? [] : lacking;
  if (refused.length > 0) {
    const eras = unique(refused.flatMap((name) => header.eras[name]));
    const all = refused.length > 1 && refused.length === header.variants.length;
    const which = all ? 'all variants' : refused.join(', ');
    throw inputError(
      `${scenario}, ${which}: no such code in Linux ${era}`,
      `ask for --era ${eras.join(' or ')}`,
    );
  }
  return variants.filter((_, i) => !lacking.includes(names[i]));
}

/** Whether the built-in kernel has the variant's code in that era. */
export function isInEra(header: ScenarioHeader, variant: string, era: string): boolean {
  return header.eras[variant]?.some((has) => has === era) ?? true;
}

/** The era a variant runs at on a platform where none was asked for. */
function eraOf(header: ScenarioHeader, variant: string, platform: Platform): Era {
  const usual = defaultEra(platform);
  return isInEra(header, variant, usual) ? usual : header.eras[variant].at(-1)!;
}

function narrowTargets(
  scenario: string,
  header: ScenarioHeader,
  chosen: Chosen,
): { readonly arches: readonly Arch[]; readonly platforms: readonly Platform[] } {
  // A pair that no Linux has is the better reason than a header that leaves it out.
  for (const arch of chosen.arches ?? []) {
    for (const platform of chosen.platforms ?? []) {
      const reason = impossibleOnArch(arch, platform);
      if (reason !== null)
        throw inputError(`--arch ${arch} --platform ${platform}: ${reason.reason}`);
    }
  }
  const refuse = (option: string, has: readonly string[]) => (word: string) =>
    inputError(`${scenario} does not run with --${option} ${word}`, `it runs on ${has.join(', ')}`);
  return {
    arches: narrow(chosen.arches, header.arches, refuse('arch', header.arches)),
    platforms: narrow(chosen.platforms, header.platforms, refuse('platform', header.platforms)),
  };
}

/** What the user typed for the parts of a combination that are at odds. */
function asTyped(between: readonly Dimension[], combination: Combination): string {
  const typed: Record<Dimension, string> = {
    arch: `--arch ${combination.arch}`,
    platform: `--platform ${combination.platform}`,
    era: `--era ${combination.era}`,
    memory: `--memory ${combination.memory}`,
    config: Object.entries(combination.config)
      .map(([name, value]) => `--config ${name}=${value ? 'y' : 'n'}`)
      .join(' '),
  };
  return between.map((dimension) => typed[dimension]).join(' ');
}

/**
 * Every configuration of the scenario on the built-in kernel that the
 * selection allows, variants outermost, in the order of the header.
 * Ensures: not empty. Fails: InputError.
 */
export function expandBuiltin(
  scenario: string,
  header: ScenarioHeader,
  selection: Selection,
): Configuration[] {
  const chosen = chooseAll(selection);
  const variants = narrowVariants(scenario, header, chosen);
  const { arches, platforms } = narrowTargets(scenario, header, chosen);
  for (const name of Object.keys(chosen.config)) {
    if (header.config.some((symbol) => symbol === name)) continue;
    const has = header.config.length === 0 ? 'none' : header.config.join(', ');
    throw inputError(`${name} does not matter to ${scenario}`, `symbols that do: ${has}`);
  }
  const at = { scenario, kernel: 'builtin' };
  const facts = { platformCodeMissing: null, stackZeroed: false };
  const reasons: string[] = [];
  const configurations = variants.flatMap((index) =>
    targetsOf(header, index, { ...chosen, arches, platforms, asked: chosen }, reasons).map(
      (target) => configuration(header, index, { ...at, ...target, ...facts }),
    ),
  );
  if (configurations.length === 0) {
    throw inputError(`no configuration of ${scenario} is left`, unique(reasons).join('\n  '));
  }
  // Last: where a combination exists in no Linux, that is the better reason.
  const present = narrowToEra(scenario, header, chosen, variants);
  return configurations.filter(({ variantIndex }) => present.includes(variantIndex));
}

/** Where a variant runs. What cannot be goes to `reasons`. Fails: InputError where all of it was asked for. */
function targetsOf(
  header: ScenarioHeader,
  variantIndex: number,
  chosen: Omit<Chosen, 'arches' | 'platforms'> & {
    readonly arches: readonly Arch[];
    readonly platforms: readonly Platform[];
    readonly asked: Chosen;
  },
  reasons: string[],
): Combination[] {
  const asked: Readonly<Record<Dimension, boolean>> = {
    arch: chosen.asked.arches !== null,
    platform: chosen.asked.platforms !== null,
    era: chosen.era !== null,
    memory: chosen.memory !== null,
    config: true,
  };
  const targets: Combination[] = [];
  for (const arch of chosen.arches) {
    for (const platform of chosen.platforms) {
      const era = chosen.era ?? eraOf(header, header.variants[variantIndex].name, platform);
      const memory = chosen.memory ?? memoryModelsOf(arch)[0];
      const combination = { arch, platform, era, memory, config: chosen.config };
      const reason = impossible(combination);
      if (reason === null) {
        const present = header.config.filter((symbol) => hasSymbol(symbol, arch, era));
        const values = present.map((symbol) => [symbol, chosen.config[symbol] ?? true] as const);
        targets.push({ ...combination, config: Object.fromEntries(values) });
      } else if (reason.between.every((dimension) => asked[dimension])) {
        throw inputError(`${asTyped(reason.between, combination)}: ${reason.reason}`);
      } else {
        reasons.push(`${asTyped(reason.between, combination)}: ${reason.reason}`);
      }
    }
  }
  return targets;
}

function configuration(
  header: ScenarioHeader,
  variantIndex: number,
  target: Omit<Configuration, 'variant' | 'variantIndex' | 'preemptions' | 'expected'>,
): Configuration {
  const subject = { ...target, variant: header.variants[variantIndex].name, variantIndex };
  return {
    ...subject,
    preemptions: header.preemptions[target.platform] ?? 0,
    expected: expectedVerdict(header.expectations, subject),
  };
}

/**
 * The same for a build folder, whose architecture, configuration and
 * version are given. Ensures: not empty. Fails: InputError.
 */
export function expandKernelFolder(
  scenario: string,
  header: ScenarioHeader,
  selection: Selection,
  kernel: KernelFolder,
): Configuration[] {
  if ((selection.config ?? []).length > 0) {
    throw inputError(
      `--config is for the built-in kernel; ${kernel.folder} has a configuration of its own`,
      'build another folder with: shootdown kernel build --config NAME=y|n',
    );
  }
  if (selection.era !== undefined) {
    throw inputError(
      `--era is for the built-in kernel; ${kernel.folder} was built from Linux ${kernel.version}`,
    );
  }
  const chosen = chooseAll(selection);
  const other = chosen.arches?.find((arch) => arch !== kernel.arch);
  if (other !== undefined) {
    throw inputError(
      `--arch ${other}: ${kernel.folder} was built for ${kernel.arch}`,
      `build one with: shootdown kernel build --arch ${other}`,
    );
  }
  const variants = narrowVariants(scenario, header, chosen).filter((index) => {
    const { name } = header.variants[index];
    if (!header.builtin.includes(name)) return true;
    if (chosen.variants === null) return false;
    throw inputError(
      `${scenario}, ${name} is for the built-in kernel: its code is in no tree`,
      'leave out --kernel, or ask for another variant',
    );
  });
  if (variants.length === 0) {
    throw inputError(`${scenario} is for the built-in kernel: its code is in no tree`);
  }
  const asked = { ...chosen, arches: [kernel.arch] };
  const { arches, platforms } = narrowTargets(scenario, header, asked);
  const possible = platforms.filter((name) => impossibleOnArch(kernel.arch, name) === null);
  const config = Object.fromEntries(
    header.config
      .filter((symbol) => hasSymbol(symbol, kernel.arch, DEFAULT_ERA))
      .map((symbol) => [symbol, kernel.config[symbol] ?? false]),
  );
  const era = kernel.version.split('.').slice(0, 2).join('.');
  const stackZeroed = kernel.config.INIT_STACK_ALL_ZERO === true;
  const memory = chosen.memory ?? memoryModelsOf(kernel.arch)[0];
  const at = { scenario, kernel: kernel.folder, memory, config, era, stackZeroed };
  return variants.flatMap((index) =>
    possible.map((platform) => {
      const platformCodeMissing = missingCode(kernel, platform);
      return configuration(header, index, {
        ...at,
        arch: arches[0],
        platform,
        platformCodeMissing,
      });
    }),
  );
}

/** The symbol that brings a platform's code into a kernel. */
const PLATFORM_SYMBOLS: Readonly<Partial<Record<Platform, string>>> = {
  kvm: 'KVM_GUEST',
  xen: 'XEN_PV',
  hyperv: 'HYPERV',
};

function missingCode({ version, config }: KernelFolder, platform: Platform): string | null {
  const [major, minor] = version.split('.').map(Number);
  if (platform === 'invlpgb' && (major < 6 || (major === 6 && minor < 15))) {
    return `Linux ${version} has no INVLPGB code: it came in 6.15`;
  }
  const symbol = PLATFORM_SYMBOLS[platform];
  if (symbol === undefined || config[symbol] === true) return null;
  return `the tree is configured without ${symbol}`;
}

/** `i386-pae hyperv`, and the symbols that are off: a configuration's target in few words. */
export function describeTarget(
  target: Pick<Configuration, 'arch' | 'platform' | 'config'>,
): string {
  const off = Object.entries(target.config)
    .filter(([, value]) => !value)
    .map(([name]) => ` ${name}=n`);
  return `${target.arch} ${target.platform}${off.join('')}`;
}

/** Equal where two configurations compile the same kernel. */
export function kernelKey({ kernel, arch, era, config }: Configuration): string {
  return JSON.stringify([kernel, arch, era, Object.entries(config).sort()]);
}
