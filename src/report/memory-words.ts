import type { CheckResult } from '../trace/format.ts';
import { listWords } from './ink.ts';

const NAMES: Readonly<Record<string, string>> = { sc: 'sequential consistency', tso: 'x86-TSO' };

/** Which memory models verdicts are for; where there are several, on which architectures. */
export function memoryWords(results: readonly CheckResult[]): string {
  const models = new Map<string, Set<string>>();
  for (const { memory, arch } of results)
    models.set(memory, (models.get(memory) ?? new Set()).add(arch));
  const name = (model: string): string => NAMES[model] ?? model;
  if (models.size === 1) return name([...models.keys()][0]!);
  return [...models]
    .map(([model, archs]) => `${name(model)} on ${listWords([...archs])}`)
    .join(', ');
}
