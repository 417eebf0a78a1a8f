/** What in a toy belongs to one CPU and what names one, and the two things that can be done with it: keys of orbits, and renaming by hand. */

import { OrbitOrder } from '../../../src/explore/orbit-order.ts';

/** Variables of a toy whose CPUs 0 to `cpus` - 1 are alike. Whatever is in no list is shared and names nobody. */
export interface Symmetry {
  readonly cpus: number;
  /** First variable of arrays with one entry a CPU. */
  readonly own: readonly number[];
  /** Variables with one bit a CPU. */
  readonly masks?: readonly number[];
  /** Variables that hold the number of a CPU plus 1, or 0. */
  readonly names?: readonly number[];
  /** First variable of arrays with one entry a CPU, each of which is as one of `names`. */
  readonly ownNames?: readonly number[];
}

/** Ways to do it wrongly, for tests of the tests. */
export type SymmetryMutation = 'records-without-masks' | 'records-without-names';

/** Writes keys of orbits: the CPUs' records sorted, and everything that names a CPU renamed. */
export class OrbitKeys {
  readonly #symmetry: Required<Symmetry>;
  readonly #mutation: SymmetryMutation | null;
  readonly #order: OrbitOrder;
  /** Variables that a renaming leaves alone. */
  readonly #shared: readonly number[];

  constructor(symmetry: Symmetry, varCount: number, mutation: SymmetryMutation | null) {
    this.#symmetry = { masks: [], names: [], ownNames: [], ...symmetry };
    this.#mutation = mutation;
    const { cpus, own, masks, names, ownNames } = this.#symmetry;
    const arrays = [...own, ...ownNames];
    const special = new Set([...masks, ...names]);
    for (const base of arrays) for (let cpu = 0; cpu < cpus; cpu++) special.add(base + cpu);
    this.#shared = Array.from({ length: varCount }, (_, v) => v).filter((v) => !special.has(v));
    this.#order = new OrbitOrder(
      cpus,
      arrays.length + masks.length + names.length + ownNames.length,
    );
  }

  write(vars: Int32Array, out: Uint8Array): number {
    if (out.length < vars.length) throw new RangeError('orbit key does not fit');
    const { cpus, own, masks, names, ownNames } = this.#symmetry;
    const order = this.#order;
    this.#sort(vars);
    let at = 0;
    for (const base of own) {
      for (let i = 0; i < cpus; i++) out[at++] = vars[base + order.order[i]];
    }
    for (const base of ownNames) {
      for (let i = 0; i < cpus; i++) out[at++] = this.#renamed(vars[base + order.order[i]]);
    }
    for (const mask of masks) {
      const careless = this.#mutation === 'records-without-masks';
      out[at++] = careless ? vars[mask] : order.permuteMask(vars[mask]);
    }
    for (const name of names) out[at++] = this.#renamed(vars[name]);
    for (const variable of this.#shared) out[at++] = vars[variable];
    return at;
  }

  #renamed(name: number): number {
    if (name === 0 || this.#mutation === 'records-without-names') return name;
    return this.#order.place[name - 1] + 1;
  }

  /**
   * A record: the CPU's own variables, its bits in masks, whether each name is
   * its own. Of the names that a CPU holds only whether it is itself: states
   * that differ in nothing but whom such names mean may get two keys.
   */
  #sort(vars: Int32Array): void {
    const { cpus, own, masks, names, ownNames } = this.#symmetry;
    const order = this.#order;
    order.clear();
    for (let cpu = 0; cpu < cpus; cpu++) {
      for (const base of own) order.append(cpu, vars[base + cpu] + 128);
      for (const mask of masks) order.append(cpu, (vars[mask] >>> cpu) & 1);
      for (const name of names) order.append(cpu, vars[name] === cpu + 1 ? 1 : 0);
      for (const base of ownNames) {
        const name = vars[base + cpu];
        order.append(cpu, name === 0 ? 0 : name === cpu + 1 ? 1 : 2);
      }
    }
    order.sort();
  }
}

/** The variables with CPU c renamed to `to[c]`, the plain way. */
export function renameCpus(
  vars: Int32Array,
  { cpus, own, masks = [], names = [], ownNames = [] }: Symmetry,
  to: readonly number[],
): Int32Array {
  const renamed = vars.slice();
  const name = (old: number): number => (old === 0 ? 0 : to[old - 1] + 1);
  for (let cpu = 0; cpu < cpus; cpu++) {
    for (const base of own) renamed[base + to[cpu]] = vars[base + cpu];
    for (const base of ownNames) renamed[base + to[cpu]] = name(vars[base + cpu]);
  }
  for (const mask of masks) {
    renamed[mask] = 0;
    for (let cpu = 0; cpu < cpus; cpu++) {
      if ((vars[mask] & (1 << cpu)) !== 0) renamed[mask] |= 1 << to[cpu];
    }
  }
  for (const variable of names) renamed[variable] = name(vars[variable]);
  return renamed;
}
