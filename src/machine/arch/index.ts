import type { Arch } from './arch.ts';
import { arm64 } from './arm64.ts';
import { i386Pae } from './i386-pae.ts';
import { powerpc } from './powerpc.ts';
import { riscv } from './riscv.ts';
import { s390 } from './s390.ts';
import { x86_64 } from './x86-64.ts';

/** The architectures that are built, by name. */
export const ARCHITECTURES: Readonly<Record<string, Arch>> = {
  [x86_64.name]: x86_64,
  [i386Pae.name]: i386Pae,
  [arm64.name]: arm64,
  [riscv.name]: riscv,
  [s390.name]: s390,
  [powerpc.name]: powerpc,
};
