/**
 * Which flags make clang read C the way the kernel's build does. Each setting is
 * stated once, in the spelling of the driver (`clang`) and of the frontend
 * (`clang -cc1`), because the embedded compiler has only the latter.
 *
 * Passes are off but the level is 2, as in the kernel's own `.ll` files: every
 * inline function stays a function, every access stays as written, and builtins
 * such as `__builtin_constant_p` reach the IR instead of being folded away.
 */

/** The architectures that a C file can be compiled for. */
export const COMPILE_ARCHITECTURES = [
  'x86_64',
  'i386-pae',
  'arm64',
  'riscv',
  's390',
  'powerpc',
] as const;

export type CompileArchitecture = (typeof COMPILE_ARCHITECTURES)[number];

interface Target {
  readonly triple: string;
  /** Frontend spelling. */
  readonly frontend: readonly string[];
  /** Driver spelling. */
  readonly driver: readonly string[];
}

const TARGETS: Readonly<Record<CompileArchitecture, Target>> = {
  x86_64: {
    triple: 'x86_64-unknown-linux-gnu',
    frontend: ['-target-cpu', 'x86-64', '-mcmodel=kernel', '-disable-red-zone', ...noVectorUnit()],
    driver: ['-mcmodel=kernel', '-mno-red-zone', '-mno-sse', '-mno-mmx', '-mno-avx', '-mno-80387'],
  },
  // Three arguments in registers decides the shape of every signature; i686 has
  // cmpxchg8b, which the compiler must use inline for 8-byte atomics.
  'i386-pae': {
    triple: 'i686-unknown-linux-gnu',
    frontend: [
      ...['-target-cpu', 'i686', '-mregparm', '3', '-freg-struct-return', '-mstack-alignment=4'],
      ...noVectorUnit(),
    ],
    driver: [
      ...['-march=i686', '-mregparm=3', '-freg-struct-return', '-mstack-alignment=4'],
      ...['-mno-sse', '-mno-mmx', '-mno-avx', '-mno-80387'],
    ],
  },
  arm64: { triple: 'aarch64-unknown-linux-gnu', frontend: [], driver: ['-mgeneral-regs-only'] },
  riscv: {
    triple: 'riscv64-unknown-linux-gnu',
    frontend: [...features('+m', '+a', '+c'), '-target-abi', 'lp64'],
    driver: ['-march=rv64imac', '-mabi=lp64'],
  },
  s390: {
    triple: 's390x-unknown-linux-gnu',
    frontend: ['-target-cpu', 'z10', '-mfloat-abi', 'soft', ...features('+soft-float')],
    driver: ['-march=z10', '-msoft-float'],
  },
  powerpc: {
    triple: 'powerpc64le-unknown-linux-gnu',
    frontend: ['-target-cpu', 'ppc64le', '-target-abi', 'elfv2'],
    driver: ['-mcpu=power8', '-msoft-float'],
  },
};

function features(...names: readonly string[]): string[] {
  return names.flatMap((name) => ['-target-feature', name]);
}

function noVectorUnit(): string[] {
  return features('-sse', '-sse2', '-mmx', '-avx', '-x87');
}

/** The same in both spellings. */
const COMMON = [
  '-emit-llvm',
  '-O2',
  '-std=gnu11',
  '-ffreestanding',
  '-fno-builtin',
  '-fms-extensions',
  // The kernel compares addresses with 0 and wraps around on purpose;
  // without these clang would mark both as undefined.
  '-fno-delete-null-pointer-checks',
  '-fwrapv',
  // Debug information names files as the command does, in no folder: clang
  // takes an empty folder for none given, so one is given and mapped away.
  '-fdebug-compilation-dir=/',
  '-fdebug-prefix-map=/=',
];

const WARNINGS = [
  '-Wall',
  '-Werror=implicit-function-declaration',
  '-Werror=implicit-int',
  '-Werror=int-conversion',
  '-Werror=incompatible-pointer-types',
  '-Werror=return-type',
  '-Wno-pointer-sign',
  '-Wno-unused-function',
  '-Wno-unused-but-set-variable',
  '-Wno-unused-const-variable',
  '-Wno-sync-alignment',
  '-Wno-atomic-alignment',
];

/** Arguments after `-cc1` that do not depend on the request's own files and macros. */
export function frontendFlags(arch: CompileArchitecture): string[] {
  const target = TARGETS[arch];
  return [
    ...['-triple', target.triple],
    ...target.frontend,
    ...COMMON,
    '-disable-llvm-passes',
    '-fwrapv-pointer',
    '-fwchar-type=short',
    '-fno-signed-wchar',
    '-fno-signed-char',
    '-relaxed-aliasing',
    ...['-mrelocation-model', 'static'],
    ...['-debug-info-kind=constructor', '-dwarf-version=5', '-debugger-tuning=gdb'],
    ...['-ferror-limit', '20'],
    ...WARNINGS,
  ];
}

/** The same for the driver. */
export function driverFlags(arch: CompileArchitecture, clangMajor: number): string[] {
  const target = TARGETS[arch];
  return [
    `--target=${target.triple}`,
    ...target.driver,
    ...COMMON,
    ...['-S', '-Xclang', '-disable-llvm-passes'],
    // Before clang 20 -fwrapv covered pointers as well.
    ...(clangMajor >= 20 ? ['-fwrapv-pointer'] : []),
    ...['-fshort-wchar', '-funsigned-char', '-fno-strict-aliasing', '-fno-pic', '-fno-PIE'],
    ...['-fno-asynchronous-unwind-tables', '-fno-stack-protector', '-fcf-protection=none'],
    ...['-g', '-gdwarf-5', '-fno-discard-value-names', '-ferror-limit=20'],
    ...WARNINGS,
  ];
}
