/**
 * Which units of the built-in kernel a program needs: most need the first
 * alone, and the second takes longer to compile than the first.
 */

import type { Module } from '../../llvm/module.ts';
import { intrinsicIndex } from '../../machine/intrinsics/index.ts';

/** Whether a module calls what neither it, nor the first unit, nor the machine has. */
export function needsPaths(module: Module, firstUnit: Module): boolean {
  return [...module.functions.values()].some(({ name, isDeclaration }) => {
    if (!isDeclaration || name.startsWith('llvm.') || intrinsicIndex(name) >= 0) return false;
    const known = firstUnit.functions.get(name);
    return known === undefined || known.isDeclaration;
  });
}
