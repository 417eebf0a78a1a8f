/** What the globals of a program hold at the ends of its executions: the sets that two ways of running it must agree in. */

import { exploreStateless } from '../../src/explore/dpor.ts';
import { type Built, findings, type Search, searchToEnd } from './build-system.ts';

/** Of the ends of all executions: "x=1 y=0", each once, sorted; and what went wrong. */
export interface EndStates {
  readonly ends: string[];
  readonly findings: string[];
  readonly executions: number;
  /** CPUs whose handlers were found to be more than one step. */
  readonly split: number[];
}

/** `names`: globals of words. */
export async function endStates(
  { program, open }: Built,
  names: readonly string[],
  search: Search = exploreStateless,
): Promise<EndStates> {
  const system = open();
  const { machine } = system;
  const places = names.map((name) => {
    const { address, size } = program.variables.find((one) => one.name === name)!;
    const at = machine.translate(Number(address & 0xffffffffn), Number(address >> 32n), size);
    return { name, words: Array.from({ length: size / 4 }, (_, i) => at + 4 * i) };
  });
  const valueAt = (at: number): number => {
    machine.peek(at, 4);
    return machine.low;
  };
  const ends = new Set<string>();
  const atEnd = system.atEnd.bind(system);
  system.atEnd = (deadlocked) => {
    const values = places.map(({ name, words }) => `${name}=${words.map(valueAt).join(',')}`);
    ends.add(`${values.join(' ')}${deadlocked ? ' stuck' : ''}`);
    return atEnd(deadlocked);
  };
  const result = await searchToEnd(system, search);
  const cpus = [...Array(machine.cpuCount).keys()];
  return {
    ends: [...ends].sort(),
    findings: findings(system, result),
    executions: result.executions,
    split: cpus.filter((cpu) => machine.areHandlersSplit(cpu)),
  };
}
