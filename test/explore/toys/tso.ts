/**
 * A multiprocessor with store buffers (x86-TSO), to show how a memory model
 * fits the explorer's interface: a drain actor for each CPU, and one cell of
 * a gate for each store ever buffered.
 *
 * The cell is what keeps the reductions exact. A store shuts the cell of its
 * own number and the drain of that store opens it, so a store conflicts with
 * its own drain and with no other; a fence passes the cell of the last store
 * before it, and so does whatever else wants the buffer to be empty. Numbers
 * of stores depend on the CPU's own past only (explorer rule 9).
 *
 * A load touches its place in memory whether the buffer answers it or memory
 * does, as the arrival of a store of its own changes nothing for it: LOAD
 * against ARRIVE.
 *
 * Source: Sewell, Sarkar, Owens, Zappa Nardelli, Myreen, "x86-TSO: a rigorous
 * and usable programmer's model for x86 multiprocessors", CACM 53(7), 2010.
 */

import type { ActorId, Outcome, Space } from '../../../src/explore/system.ts';
import { ARRIVE, CLOSE, LOAD, OPEN, PASS, READ, WRITE } from '../../../src/explore/system.ts';
import type { Instruction } from './instructions.ts';
import { OK, Toy } from './toy.ts';

export type TsoInstruction = Extract<
  Instruction,
  { op: 'store' } | { op: 'load' } | { op: 'fetch-add' }
>;

export type TsoCode = readonly (TsoInstruction | { readonly op: 'fence' })[];

const SPACE = { memory: 0, buffered: 1 } as const;

const SPACES: readonly Space[] = [
  { name: 'memory', kind: 'bytes' },
  { name: 'buffered', kind: 'gate', strict: true },
];

const LOCATIONS = 3;
const REGISTERS = 2;
const BYTES = LOCATIONS * 2;

/** A store as it was written down, with its number among its CPU's. */
interface NumberedStore {
  readonly number: number;
  readonly low: number;
  readonly high: number;
  readonly value: number;
}

/** The bytes that an access covers: a location is two, low byte first. */
function interval(location: number, half: number | undefined): [low: number, high: number] {
  return half === undefined
    ? [2 * location, 2 * location + 2]
    : [2 * location + half, 2 * location + half + 1];
}

/** Actors: CPU streams, then drains. */
export class TsoToy extends Toy {
  override readonly spaces: readonly Space[] = SPACES;
  readonly #cpus: readonly TsoCode[];
  /** By CPU: its stores, in order. */
  readonly #stores: readonly (readonly NumberedStore[])[];
  // Offsets into the state; first come the program counters.
  readonly #drained: number;
  readonly #registers: number;
  readonly #memory: number;

  constructor(cpus: readonly TsoCode[]) {
    const n = cpus.length;
    super(2 * n + 2 * n * REGISTERS + BYTES, 2 * n);
    this.#cpus = cpus;
    this.#drained = n;
    this.#registers = 2 * n;
    this.#memory = this.#registers + 2 * n * REGISTERS;
    this.#stores = cpus.map((code) =>
      code
        .filter((instruction) => instruction.op === 'store')
        .map(({ to, half, value }, number) => {
          const [low, high] = interval(to, half);
          return { number, low, high, value };
        }),
    );
  }

  protected override init(): void {}

  /** What a final state shows: `r<cpu>.<register>` or `m<location>`, values joined by spaces. */
  outcome(final: string, observed: readonly string[]): string {
    const at = (variable: number): number => final.charCodeAt(1 + variable);
    const values = observed.map((name) => {
      const [first, second] = name.slice(1).split('.').map(Number);
      const low = name[0] === 'r' ? this.#registerAt(first, second) : this.#memory + 2 * first;
      return at(low) + 256 * at(low + 1);
    });
    return values.join(' ');
  }

  /** How many stores the CPU has made. */
  #made(cpu: number): number {
    let made = 0;
    for (let pc = 0; pc < this.vars[cpu]; pc++) if (this.#cpus[cpu][pc].op === 'store') made++;
    return made;
  }

  protected override has(actor: ActorId): boolean {
    const n = this.#cpus.length;
    if (actor < n) return this.vars[actor] < this.#cpus[actor].length;
    return this.vars[this.#drained + actor - n] < this.#made(actor - n);
  }

  protected override allowed(actor: ActorId): boolean {
    if (actor >= this.#cpus.length) return true;
    const awaited = this.#awaited(actor);
    if (awaited < 0) return true;
    this.touch(SPACE.buffered, PASS, actor * 64 + awaited);
    return this.vars[this.#drained + actor] > awaited;
  }

  /** The last store that must have left the buffer before the CPU's next step; -1 for none. */
  #awaited(cpu: number): number {
    const instruction = this.#cpus[cpu][this.vars[cpu]];
    if (instruction.op === 'store') return -1;
    if (instruction.op !== 'load') return this.#made(cpu) - 1;
    // A buffered store that has some of the bytes cannot answer, and memory cannot either.
    const newest = this.#newestFor(cpu, instruction.from, instruction.half);
    if (newest === null) return -1;
    const [low, high] = interval(instruction.from, instruction.half);
    return newest.low <= low && high <= newest.high ? -1 : newest.number;
  }

  /** The CPU's last store to any of the bytes, buffered still or not. */
  #newestFor(cpu: number, location: number, half: number | undefined): NumberedStore | null {
    const [low, high] = interval(location, half);
    for (let n = this.#made(cpu) - 1; n >= 0; n--) {
      const store = this.#stores[cpu][n];
      if (store.low < high && low < store.high) return store;
    }
    return null;
  }

  protected override step(actor: ActorId): Outcome {
    const n = this.#cpus.length;
    if (actor >= n) return this.#drain(actor - n);
    const instruction = this.#cpus[actor][this.vars[actor]];
    if (instruction.op === 'store') {
      this.touch(SPACE.buffered, CLOSE, actor * 64 + this.#made(actor));
    } else if (instruction.op === 'load') {
      const value = this.#load(actor, instruction.from, instruction.half);
      this.#setRegister(actor, instruction.register, value);
    } else if (instruction.op === 'fetch-add') {
      const { to, value, register } = instruction;
      const old = this.#read(to, undefined, READ);
      this.#setRegister(actor, register, old);
      const whole = { number: 0, low: 2 * to, high: 2 * to + 2, value: old + value };
      this.#write(whole, WRITE);
    }
    this.setLocal(actor, this.vars[actor] + 1);
    return OK;
  }

  /** Two bytes, low first. */
  #registerAt(cpu: number, register: number): number {
    return this.#registers + 2 * (cpu * REGISTERS + register);
  }

  #setRegister(cpu: number, register: number, value: number): void {
    this.setLocal(this.#registerAt(cpu, register), value & 0xff);
    this.setLocal(this.#registerAt(cpu, register) + 1, value >> 8);
  }

  #drain(cpu: number): Outcome {
    const number = this.vars[this.#drained + cpu];
    this.touch(SPACE.buffered, OPEN, cpu * 64 + number);
    this.#write(this.#stores[cpu][number], ARRIVE + cpu);
    this.setLocal(this.#drained + cpu, number + 1);
    return OK;
  }

  /** From the buffer if it has the bytes. One that has some of them has been waited for. */
  #load(cpu: number, location: number, half: number | undefined): number {
    const newest = this.#newestFor(cpu, location, half);
    const [low, high] = interval(location, half);
    const inPart = newest !== null && (newest.low > low || newest.high < high);
    if (newest === null || inPart || this.vars[this.#drained + cpu] > newest.number)
      return this.#read(location, half, inPart ? READ : LOAD + cpu);
    this.touch(SPACE.memory, LOAD + cpu, low, high);
    const shifted = newest.value >> (8 * (low - newest.low));
    return high - low === 1 ? shifted & 0xff : shifted;
  }

  #read(location: number, half: number | undefined, mode: number): number {
    const [low, high] = interval(location, half);
    this.touch(SPACE.memory, mode, low, high);
    let value = 0;
    for (let at = high - 1; at >= low; at--) value = value * 256 + this.vars[this.#memory + at];
    return value;
  }

  #write({ low, high, value }: NumberedStore, mode: number): void {
    this.touch(SPACE.memory, mode, low, high);
    for (let at = low; at < high; at++) {
      this.setLocal(this.#memory + at, (value >> (8 * (at - low))) & 0xff);
    }
  }
}
