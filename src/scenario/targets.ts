/**
 * What can be chosen besides the scenario: architecture, platform, kernel
 * era, memory model and configuration symbols; which of them are built; and
 * which cannot go together in any Linux. The one home of these facts for
 * the command line.
 */

import { inputError } from './input-error.ts';
import { suggestion } from './suggest.ts';

export const ARCHES = ['x86_64', 'i386-pae'] as const;
export type Arch = (typeof ARCHES)[number];
const PLANNED_ARCHES = ['arm64', 'riscv', 's390', 'powerpc'];

export const PLATFORMS = ['native', 'kvm', 'xen', 'hyperv', 'invlpgb'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const MEMORY_MODELS = ['sc', 'tso'] as const;
export type MemoryModel = (typeof MEMORY_MODELS)[number];
const PLANNED_MEMORY_MODELS: string[] = [];

/** Versions of Linux that the built-in kernel follows, oldest first. */
export const ERAS = ['6.1', '6.12', '6.18'] as const;
export type Era = (typeof ERAS)[number];
const PLANNED_ERAS: string[] = [];
export const DEFAULT_ERA: Era = '6.12';

/** Configuration symbols of the built-in kernel. All are on unless asked otherwise. */
export const CONFIG_SYMBOLS = ['HIGHPTE', 'PARAVIRT'] as const;
export type ConfigSymbol = (typeof CONFIG_SYMBOLS)[number];

/** The dimensions in which a combination can be impossible. */
export type Dimension = 'arch' | 'platform' | 'era' | 'memory' | 'config';

/** Why a combination exists in no Linux, and which of its parts are at odds. */
export interface Impossible {
  readonly between: readonly Dimension[];
  readonly reason: string;
}

/** One combination to judge. */
export interface Combination {
  readonly arch: Arch;
  readonly platform: Platform;
  readonly era: Era;
  readonly memory: MemoryModel;
  readonly config: Readonly<Record<string, boolean>>;
}

function choose<T extends string>(
  word: string,
  kind: string,
  plural: string,
  built: readonly T[],
  planned: readonly string[],
): T {
  const found = built.find((name) => name === word);
  if (found !== undefined) return found;
  if (planned.includes(word)) {
    throw inputError(`${kind} ${word} is not built yet`, `${plural}: ${built.join(', ')}`);
  }
  throw inputError(`unknown ${kind} '${word}'`, suggestion(word, built, plural));
}

/** The architecture of that name. Fails: InputError where it is unknown or not built yet. */
export function chooseArch(word: string): Arch {
  return choose(word, 'architecture', 'architectures', ARCHES, PLANNED_ARCHES);
}

/** The platform of that name. Fails: InputError where it is unknown. */
export function choosePlatform(word: string): Platform {
  return choose(word, 'platform', 'platforms', PLATFORMS, []);
}

/** The era of that name. Fails: InputError where it is unknown or not built yet. */
export function chooseEra(word: string): Era {
  return choose(word, 'era', 'eras', ERAS, PLANNED_ERAS);
}

/** The memory model of that name. Fails: InputError where it is unknown or not built yet. */
export function chooseMemoryModel(word: string): MemoryModel {
  const plural = 'memory models';
  return choose(word, 'memory model', plural, MEMORY_MODELS, PLANNED_MEMORY_MODELS);
}

/** The configuration symbol of that name. Fails: InputError where it is unknown. */
export function chooseConfigSymbol(word: string): ConfigSymbol {
  const bare = word.replace(/^CONFIG_/, '');
  return choose(bare, 'configuration symbol', 'symbols of the built-in kernel', CONFIG_SYMBOLS, []);
}

/** The era a platform runs at when none was asked for: the usual one, or the oldest built one that has it. */
export function defaultEra(platform: string): Era {
  return platform === 'invlpgb' ? '6.18' : DEFAULT_ERA;
}

/**
 * Whether the symbol exists there. One that does not is left out of a
 * configuration, which to the compiler is the same as `n`. Source: HIGHPTE
 * depends on HIGHMEM, which only 32-bit x86 has; Linux 6.15 dropped it
 * (0081fdeccbf6, with HIGHMEM64G in bbeb69ce3013).
 */
export function hasSymbol(symbol: ConfigSymbol, arch: Arch, era: Era): boolean {
  return symbol !== 'HIGHPTE' || (arch === 'i386-pae' && era !== '6.18');
}

/** What an architecture's Linux runs on, and which memory models the machine has for it. */
interface ArchFacts {
  readonly platforms: readonly Platform[];
  readonly memory: readonly MemoryModel[];
}

/** Source: 32-bit Xen PV guests ended with 5.9; INVLPGB support came in 6.15 for 64 bits. */
const ARCH_FACTS: Readonly<Record<Arch, ArchFacts>> = {
  x86_64: { platforms: ['native', 'kvm', 'xen', 'hyperv', 'invlpgb'], memory: ['sc', 'tso'] },
  'i386-pae': { platforms: ['native', 'kvm', 'hyperv'], memory: ['sc', 'tso'] },
};

const WHY_NOT_PAE: Readonly<Partial<Record<Platform, string>>> = {
  xen: 'Linux runs as a Xen PV guest on 64 bits only, not on i386-pae',
  invlpgb: 'Linux uses INVLPGB on 64 bits only, not on i386-pae',
};

/** The reason why arch and platform exist together in no Linux, or null. */
export function impossibleOnArch(arch: Arch, platform: Platform): Impossible | null {
  const { platforms } = ARCH_FACTS[arch];
  if (platforms.includes(platform)) return null;
  const reason =
    (arch === 'i386-pae' ? WHY_NOT_PAE[platform] : undefined) ??
    `${arch} has no platform ${platform}; it has ${platforms.join(', ')}`;
  return { between: ['arch', 'platform'], reason };
}

/** The first reason why the built-in kernel cannot be this combination, or null. */
export function impossible(combination: Combination): Impossible | null {
  const { arch, platform, era, memory, config } = combination;
  const onArch = impossibleOnArch(arch, platform);
  if (onArch !== null) return onArch;
  if (!ARCH_FACTS[arch].memory.includes(memory)) {
    return {
      between: ['arch', 'memory'],
      reason: `the machine has no memory model ${memory} for ${arch}; it has ${ARCH_FACTS[arch].memory.join(', ')}`,
    };
  }
  if (platform === 'invlpgb' && era !== '6.18') {
    return {
      between: ['platform', 'era'],
      reason: `Linux ${era} has no INVLPGB: it came in 6.15; ask for --era 6.18 or none`,
    };
  }
  if (config.PARAVIRT === false && ['kvm', 'xen', 'hyperv'].includes(platform)) {
    return {
      between: ['platform', 'config'],
      reason: `a kernel with PARAVIRT=n cannot be a ${platform} guest: its TLB flush is a paravirt operation`,
    };
  }
  if (config.HIGHPTE === true && !hasSymbol('HIGHPTE', arch, era)) {
    return arch === 'x86_64'
      ? { between: ['arch', 'config'], reason: 'x86_64 has no HIGHPTE: all its memory is mapped' }
      : { between: ['era', 'config'], reason: `Linux ${era} has no HIGHPTE: 6.15 dropped it` };
  }
  return null;
}
