/**
 * Random programs that several CPUs run alike, with everything that can name
 * a CPU: masks, an owner, a queue, what one CPU remembers of another, and
 * interrupts. Actors: CPU c's code is c, delivery to it is cpus + c.
 */

import type { ActorId, Outcome } from '../../../src/explore/system.ts';
import type { Random } from '../random-program.ts';
import type { SymmetryMutation } from './symmetry.ts';
import { OK, Toy, violation } from './toy.ts';

export const ALIKE_OPS = [
  'load',
  'store',
  'add',
  'raise',
  'drop',
  'send',
  'empty',
  'claim',
  'release',
  'poke-owner',
  'remember-owner',
  'poke-remembered',
  'enqueue',
  'await-head',
  'dequeue',
  'await-flag',
  'skip-if-zero',
  'check',
] as const;

export interface AlikeInstruction {
  readonly op: (typeof ALIKE_OPS)[number];
  readonly value: number;
}

export interface AlikeProgram {
  readonly cpus: number;
  readonly code: readonly AlikeInstruction[];
}

/** `exact`: nothing that one CPU remembers of another, so that every orbit has one key. */
export function randomAlikeProgram(random: Random, exact: boolean): AlikeProgram {
  const ops = exact ? ALIKE_OPS.filter((op) => !/remember/.test(op)) : ALIKE_OPS;
  const code = Array.from({ length: 2 + random.below(4) }, () => ({
    op: ops[random.below(ops.length)],
    value: random.below(3),
  }));
  return { cpus: random.chance(10) ? 4 : 2 + random.below(2), code };
}

export class AlikeToy extends Toy {
  readonly #cpus: number;
  readonly #code: readonly AlikeInstruction[];
  // Arrays with one variable a CPU: place in the code, register, pending interrupt, flag, CPU remembered.
  readonly #pc: number;
  readonly #register: number;
  readonly #pending: number;
  readonly #flag: number;
  readonly #remembered: number;
  // Shared variables.
  readonly #cell: number;
  readonly #mask: number;
  readonly #owner: number;
  readonly #tail: number;
  readonly #queue: number;

  constructor({ cpus, code }: AlikeProgram, mutation: SymmetryMutation | null = null) {
    super(5 * cpus + 4 + code.length * cpus, 2 * cpus);
    this.#cpus = cpus;
    this.#code = code;
    this.#pc = 0;
    this.#register = cpus;
    this.#pending = 2 * cpus;
    this.#flag = 3 * cpus;
    this.#remembered = 4 * cpus;
    this.#cell = 5 * cpus;
    this.#mask = this.#cell + 1;
    this.#owner = this.#cell + 2;
    this.#tail = this.#cell + 3;
    this.#queue = this.#cell + 4;
    const all = Array.from({ length: cpus }, (_, cpu) => cpu);
    const entries = Array.from({ length: code.length * cpus }, (_, i) => this.#queue + i);
    const own = [this.#pc, this.#register, this.#pending, this.#flag];
    const names = [this.#owner, ...entries];
    const symmetry = { cpus, own, masks: [this.#mask], names, ownNames: [this.#remembered] };
    this.declareAlike([all, all.map((cpu) => cpus + cpu)], symmetry, mutation);
  }

  protected override init(): void {}

  protected override has(actor: ActorId): boolean {
    if (actor >= this.#cpus) return this.vars[this.#pending + actor - this.#cpus] !== 0;
    return this.vars[this.#pc + actor] < this.#code.length;
  }

  protected override allowed(actor: ActorId): boolean {
    if (actor >= this.#cpus) return true;
    const { op } = this.#code[this.vars[this.#pc + actor]];
    if (op === 'await-head') return this.pass(this.#queue) === actor + 1;
    if (op === 'await-flag') return this.pass(this.#flag + actor) !== 0;
    return true;
  }

  protected override step(actor: ActorId): Outcome {
    if (actor >= this.#cpus) return this.#deliver(actor - this.#cpus);
    const pc = this.vars[this.#pc + actor];
    const { op, value } = this.#code[pc];
    const skipped = op === 'skip-if-zero' && this.vars[this.#register + actor] === 0;
    this.setLocal(this.#pc + actor, Math.min(pc + (skipped ? 2 : 1), this.#code.length));
    return this.#run(actor, op, value, pc);
  }

  #deliver(cpu: number): Outcome {
    this.set(this.#pending + cpu, 0);
    this.set(this.#flag + cpu, 1);
    return OK;
  }

  #run(cpu: number, op: AlikeInstruction['op'], value: number, pc: number): Outcome {
    const register = this.#register + cpu;
    switch (op) {
      case 'load':
        this.setLocal(register, this.get(this.#cell));
        break;
      case 'store':
        this.set(this.#cell, value);
        break;
      case 'add':
        this.set(this.#cell, (this.get(this.#cell) + 1) % 4);
        break;
      case 'raise':
        this.set(this.#mask, this.get(this.#mask) | (1 << cpu));
        break;
      case 'drop':
        this.set(this.#mask, this.get(this.#mask) & ~(1 << cpu));
        break;
      case 'send':
        this.#interrupt(this.get(this.#mask));
        break;
      case 'empty':
        // Whose bit is set can then no longer be told from how far each CPU is.
        this.set(this.#mask, 0);
        break;
      case 'check':
        if (this.vars[register] === value) return violation(1, pc);
        break;
      default:
        this.#name(cpu, op);
    }
    return OK;
  }

  /** The instructions that deal in names. */
  #name(cpu: number, op: AlikeInstruction['op']): void {
    const own = cpu + 1;
    switch (op) {
      case 'claim': {
        const free = this.get(this.#owner) === 0;
        if (free) this.set(this.#owner, own);
        this.setLocal(this.#register + cpu, free ? 1 : 0);
        break;
      }
      case 'release':
        if (this.get(this.#owner) === own) this.set(this.#owner, 0);
        break;
      case 'poke-owner':
        this.#interrupt((1 << this.get(this.#owner)) >> 1);
        break;
      case 'remember-owner':
        this.setLocal(this.#remembered + cpu, this.get(this.#owner));
        break;
      case 'poke-remembered':
        this.#interrupt((1 << this.vars[this.#remembered + cpu]) >> 1);
        break;
      case 'enqueue': {
        const tail = this.get(this.#tail);
        this.set(this.#queue + tail, own);
        this.set(this.#tail, tail + 1);
        break;
      }
      case 'dequeue':
        this.#dequeue();
        break;
      default:
    }
  }

  #dequeue(): void {
    const tail = this.get(this.#tail);
    if (tail === 0) return;
    for (let i = 0; i < tail; i++) {
      const next = i + 1 < tail ? this.get(this.#queue + i + 1) : 0;
      this.set(this.#queue + i, next);
    }
    this.set(this.#tail, tail - 1);
  }

  #interrupt(targets: number): void {
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      if ((targets & (1 << cpu)) !== 0) this.set(this.#pending + cpu, 1);
    }
  }
}
