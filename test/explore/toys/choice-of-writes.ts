/**
 * A multiprocessor on which a load chooses the write that it reads from, to
 * show how a memory model without store buffers fits the explorer's
 * interface: the choice is part of the step, and how many there are depends
 * on the CPU's own past and on the location, which the load READs.
 *
 * Each location keeps its writes in the order in which they were made. Each
 * CPU has seen each location up to some write, and never reads an older one
 * afterwards; an acquiring load takes over what the writer of a releasing
 * store had seen. So coherence and message passing hold, and store buffering
 * and disagreeing readers are possible. A sketch: writes are not put in
 * between older ones, and no load reads a write that is yet to come.
 */

import type { ActorId, Outcome } from '../../../src/explore/system.ts';
import { OK, Toy } from './toy.ts';

export type WeakInstruction =
  | {
      readonly op: 'store';
      readonly to: number;
      readonly value: number;
      readonly release?: boolean;
    }
  | {
      readonly op: 'load';
      readonly from: number;
      readonly register: number;
      readonly acquire?: boolean;
    };

const LOCATIONS = 3;
const REGISTERS = 2;
/** Writes that a location keeps, the initial one among them. */
const WRITES = 4;
/** Words of a write: its value, and what its writer had seen of each location if it was released. */
const WRITE_WORDS = 1 + LOCATIONS;

/** Actors: CPUs. */
export class ChoiceOfWritesToy extends Toy {
  readonly #cpus: readonly (readonly WeakInstruction[])[];
  // Offsets into the state; first come the program counters.
  readonly #registers: number;
  readonly #seen: number;
  /** Cells that others see: the number of writes of each location. */
  readonly #count: number;
  readonly #writes: number;

  constructor(cpus: readonly (readonly WeakInstruction[])[]) {
    const n = cpus.length;
    const seen = n + n * REGISTERS;
    const count = seen + n * LOCATIONS;
    const writes = count + LOCATIONS;
    super(writes + LOCATIONS * WRITES * WRITE_WORDS, n);
    this.#cpus = cpus;
    this.#registers = n;
    this.#seen = seen;
    this.#count = count;
    this.#writes = writes;
  }

  protected override init(): void {
    for (let location = 0; location < LOCATIONS; location++) this.vars[this.#count + location] = 1;
  }

  /** What a final state shows of registers `r<cpu>.<register>`, joined by spaces. */
  outcome(final: string, observed: readonly string[]): string {
    const values = observed.map((name) => {
      const [cpu, register] = name.slice(1).split('.').map(Number);
      return final.charCodeAt(1 + this.#registers + cpu * REGISTERS + register);
    });
    return values.join(' ');
  }

  protected override has(actor: ActorId): boolean {
    return this.vars[actor] < this.#cpus[actor].length;
  }

  protected override allowed(): boolean {
    return true;
  }

  /** One for each write that is not older than what the CPU has seen. */
  protected override choices(actor: ActorId): number {
    const instruction = this.#cpus[actor][this.vars[actor]];
    if (instruction.op === 'store') return 1;
    const count = this.get(this.#count + instruction.from);
    return count - this.vars[this.#seenAt(actor, instruction.from)];
  }

  protected override step(actor: ActorId, choice: number): Outcome {
    const instruction = this.#cpus[actor][this.vars[actor]];
    this.setLocal(actor, this.vars[actor] + 1);
    if (instruction.op === 'store') return this.#store(actor, instruction);
    const { from, register, acquire } = instruction;
    const number = this.vars[this.#seenAt(actor, from)] + choice;
    this.setLocal(this.#seenAt(actor, from), number);
    const write = this.#writeAt(from, number);
    this.setLocal(this.#registers + actor * REGISTERS + register, this.vars[write]);
    if (acquire) this.#takeOver(actor, write);
    return OK;
  }

  #store(actor: ActorId, { to, value, release }: WeakInstruction & { op: 'store' }): Outcome {
    const number = this.get(this.#count + to);
    if (number === WRITES) return { kind: 'cut', bound: 1 };
    this.set(this.#count + to, number + 1);
    this.setLocal(this.#seenAt(actor, to), number);
    const write = this.#writeAt(to, number);
    this.setLocal(write, value);
    for (let location = 0; location < LOCATIONS; location++) {
      const seen = release ? this.vars[this.#seenAt(actor, location)] : 0;
      this.setLocal(write + 1 + location, seen);
    }
    return OK;
  }

  #takeOver(actor: ActorId, write: number): void {
    for (let location = 0; location < LOCATIONS; location++) {
      const at = this.#seenAt(actor, location);
      this.setLocal(at, Math.max(this.vars[at], this.vars[write + 1 + location]));
    }
  }

  #seenAt(cpu: number, location: number): number {
    return this.#seen + cpu * LOCATIONS + location;
  }

  #writeAt(location: number, number: number): number {
    return this.#writes + (location * WRITES + number) * WRITE_WORDS;
  }
}
