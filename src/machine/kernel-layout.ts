import type { Program } from '../program/link.ts';

/**
 * Where the kernel under test keeps what the machine touches itself. The
 * scenario's module carries it (`shootdown_layout`, compiled from the same
 * headers), so the machine never guesses an offset.
 */
export interface KernelLayout {
  readonly pageBytes: number;
  readonly pageRefcountOffset: number;
  readonly mmBytes: number;
  readonly mmCpumaskOffset: number;
  readonly cpumaskBytes: number;
  readonly gfpHighmem: number;
  readonly gfpZero: number;
  readonly gfpDirectReclaim: number;
}

const FIELDS = [
  'pageBytes',
  'pageRefcountOffset',
  'mmBytes',
  'mmCpumaskOffset',
  'cpumaskBytes',
  'pageOffset',
  'gfpHighmem',
  'gfpZero',
  'gfpDirectReclaim',
] as const;

/** Reads `shootdown_layout`. Shape: eight bytes a field, in the order of scenario.h. Null where the scenario has none. */
export function readKernelLayout(program: Program): KernelLayout | null {
  const variable = program.variable(program.modules[0]!, 'shootdown_layout');
  if (!variable || variable.size !== FIELDS.length * 8) return null;
  const view = new DataView(variable.bytes.buffer);
  const values = FIELDS.map((_, i) =>
    Number(view.getBigUint64(i * 8, program.target.littleEndian)),
  );
  return Object.fromEntries(
    FIELDS.map((field, i) => [field, values[i]]),
  ) as unknown as KernelLayout;
}
