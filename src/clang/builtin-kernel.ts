/**
 * Where the built-in kernel's headers for an architecture are, and by which
 * configuration symbol it knows that architecture: `kernel/arch/<folder>` and
 * `CONFIG_<symbol>`. What follows from the symbol is derived in C, in
 * `asm/kconfig.h` of that folder.
 */

import { join } from 'node:path';
import { PROJECT_ROOT } from './translation-unit.ts';

const KERNEL: string = join(PROJECT_ROOT, 'kernel');

interface BuiltinArchitecture {
  readonly folder: string;
  readonly symbol: string;
}

/** The architectures that the built-in kernel is written for. */
export const BUILTIN_ARCHITECTURES = [
  'x86_64',
  'i386-pae',
  'arm64',
  'riscv',
  's390',
  'powerpc',
] as const;
export type BuiltinArch = (typeof BUILTIN_ARCHITECTURES)[number];

const ARCHITECTURES: Readonly<Record<BuiltinArch, BuiltinArchitecture>> = {
  x86_64: { folder: 'x86', symbol: 'CONFIG_X86_64' },
  'i386-pae': { folder: 'x86', symbol: 'CONFIG_X86_PAE' },
  arm64: { folder: 'arm64', symbol: 'CONFIG_ARM64' },
  riscv: { folder: 'riscv', symbol: 'CONFIG_RISCV' },
  s390: { folder: 's390', symbol: 'CONFIG_S390' },
  powerpc: { folder: 'powerpc', symbol: 'CONFIG_PPC64' },
};

/** The source file of the built-in kernel that all programs are linked with; it includes the others. */
export const BUILTIN_SOURCE: string = join(KERNEL, 'kernel.c');

/** The rest, for programs that call what nothing else provides. */
export const BUILTIN_PATHS: string = join(KERNEL, 'paths.c');

/** Headers that only scenarios include; they serve real trees, too. */
export const SCENARIO_INCLUDES: string = join(KERNEL, 'scenario');

/** Include folders of the built-in kernel, the architecture's own first. */
export function builtinIncludes(arch: BuiltinArch): string[] {
  const folder = join(KERNEL, 'arch', ARCHITECTURES[arch].folder, 'include');
  return [folder, join(KERNEL, 'include'), KERNEL];
}

/** The macro that says which architecture it is. */
export function archDefines(arch: BuiltinArch): Record<string, string> {
  return { [ARCHITECTURES[arch].symbol]: '1' };
}
