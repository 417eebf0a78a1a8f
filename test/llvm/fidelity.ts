/** Compares all that was read of a module with the lines it was read from. */

import type { Module } from '../../src/llvm/module.ts';
import { printFields, printType } from '../../src/llvm/types.ts';
import { linesOf, normalise, Printer, printBody } from './print.ts';

/** How many lines were compared, and the first few that differ, as text to be shown. */
export interface Comparison {
  readonly lines: number;
  readonly differences: readonly string[];
}

export function compareWithText(module: Module, text: string): Comparison {
  const lines = text.split('\n');
  const differences: string[] = [];
  let compared = 0;
  const compare = (where: string, read: string | undefined, written: string | undefined): void => {
    compared++;
    if (read !== written && differences.length < 5)
      differences.push(`${where}\n  read:    ${read}\n  written: ${written}`);
  };
  for (const definition of module.functions.values()) {
    if (definition.isDeclaration) continue;
    const read = printBody(module.body(definition));
    const written = linesOf(lines, definition.line);
    for (let at = 0; at < Math.max(read.length, written.length); at++)
      compare(`@${definition.name}`, read[at], written[at]);
  }
  const printer = new Printer(null);
  for (const { name, line, type, isConstant, initializer } of module.globals.values()) {
    const value = initializer === null ? '' : ` ${printer.value(initializer)}`;
    const wanted = `${isConstant ? 'constant' : 'global'} ${printType(type)}${value}`;
    const written = normalise(lines[line - 1]);
    compare(`@${name}`, written.includes(wanted) ? written : wanted, written);
  }
  for (const struct of module.structs.values()) {
    const wanted = `${printType(struct)} = type ${printFields(struct)}`;
    compare(wanted, text.includes(`\n${wanted}\n`) ? wanted : 'another struct', wanted);
  }
  return { lines: compared, differences };
}
