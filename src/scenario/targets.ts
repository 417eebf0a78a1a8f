/**
 * What can be chosen besides the scenario: architecture, platform, kernel
 * era, memory model and configuration symbols; which of them are built; and
 * which cannot go together in any Linux. The one home of these facts for
 * the command line.
 */

import { inputError } from './input-error.ts';
import { suggestion } from './suggest.ts';

export const ARCHES = ['x86_64', 'i386-pae', 'arm64', 'riscv', 's390', 'powerpc'] as const;
export type Arch = (typeof ARCHES)[number];
const PLANNED_ARCHES: string[] = [];

export const PLATFORMS = ['native', 'kvm', 'xen', 'hyperv', 'invlpgb', 'sbi', 'hash'] as const;
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
 * Whether the symbol exists there and changes page tables or TLB flushes. One
 * that does not is left out of a configuration, which to the compiler is the
 * same as `n`. Source: HIGHPTE depends on HIGHMEM, which only 32-bit x86 has;
 * Linux 6.15 dropped it (0081fdeccbf6, with HIGHMEM64G in bbeb69ce3013).
 * PARAVIRT of arm64 and riscv is about stolen time.
 */
export function hasSymbol(symbol: ConfigSymbol, arch: Arch, era: Era): boolean {
  if (symbol === 'HIGHPTE') return arch === 'i386-pae' && era !== '6.18';
  return arch === 'x86_64' || arch === 'i386-pae';
}

/** What an architecture's Linux runs on, and which memory models the machine has for it. */
interface ArchFacts {
  readonly platforms: readonly Platform[];
  readonly memory: readonly MemoryModel[];
}

/** Source: 32-bit Xen PV guests ended with 5.9; INVLPGB support came in 6.15 for 64 bits. */
const ARCH_FACTS: Readonly<Record<Arch, ArchFacts>> = {
  x86_64: { platforms: ['native', 'kvm', 'xen', 'hyperv', 'invlpgb'], memory: ['tso', 'sc'] },
  'i386-pae': { platforms: ['native', 'kvm', 'hyperv'], memory: ['tso', 'sc'] },
  arm64: { platforms: ['native'], memory: ['sc'] },
  riscv: { platforms: ['native', 'sbi'], memory: ['sc'] },
  s390: { platforms: ['native'], memory: ['sc'] },
  powerpc: { platforms: ['native', 'hash'], memory: ['sc'] },
};

/** The memory models that the machine has for an architecture. Not empty; the default comes first. */
export function memoryModelsOf(arch: Arch): readonly MemoryModel[] {
  return ARCH_FACTS[arch].memory;
}

/** Where more is to be said than which platforms there are. */
const WHY_NOT: Readonly<Partial<Record<Arch, Readonly<Partial<Record<Platform, string>>>>>> = {
  'i386-pae': {
    xen: 'Linux runs as a Xen PV guest on 64 bits only, not on i386-pae',
    invlpgb: 'Linux uses INVLPGB on 64 bits only, not on i386-pae',
  },
  arm64: {
    kvm: 'a guest on arm64 has TLB instructions of its own; ask for --platform native',
  },
};

/** The reason why arch and platform exist together in no Linux, or null. */
export function impossibleOnArch(arch: Arch, platform: Platform): Impossible | null {
  const { platforms } = ARCH_FACTS[arch];
  if (platforms.includes(platform)) return null;
  const reason =
    WHY_NOT[arch]?.[platform] ??
    `${arch} has no platform ${platform}; it has ${platforms.join(', ')}`;
  return { between: ['arch', 'platform'], reason };
}

const WHY_NO_SYMBOL: Readonly<Record<ConfigSymbol, (arch: Arch) => string>> = {
  HIGHPTE: (arch) => `${arch} has no HIGHPTE: all its memory is mapped`,
  PARAVIRT: (arch) => `PARAVIRT changes no page table and no flush on ${arch}, only on x86`,
};

/** The first reason why the built-in kernel cannot be this combination, or null. */
export function impossible(combination: Combination): Impossible | null {
  const { arch, platform, era, memory, config } = combination;
  const onArch = impossibleOnArch(arch, platform);
  if (onArch !== null) return onArch;
  if (!memoryModelsOf(arch).includes(memory)) {
    const has = memoryModelsOf(arch).map((model) => `--memory ${model}`);
    return {
      between: ['arch', 'memory'],
      reason: `${memory} is not a memory model of ${arch}; ask for ${has.join(' or ')}`,
    };
  }
  if (era === '6.1' && !['x86_64', 'i386-pae'].includes(arch)) {
    return {
      between: ['arch', 'era'],
      reason: `the built-in kernel follows Linux 6.1 on x86 only; ask for --era 6.12 or none on ${arch}`,
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
  for (const symbol of CONFIG_SYMBOLS) {
    if (config[symbol] !== true || hasSymbol(symbol, arch, era)) continue;
    return arch === 'i386-pae'
      ? { between: ['era', 'config'], reason: `Linux ${era} has no ${symbol}: 6.15 dropped it` }
      : { between: ['arch', 'config'], reason: WHY_NO_SYMBOL[symbol](arch) };
  }
  return null;
}
