/**
 * Small programs on a small multiprocessor: memory that can be read by
 * halves, locks, interrupt masks, interrupts sent and waited for, RCU
 * readers and callbacks, frames that are allocated, freed and reused,
 * choices and awaits. It has every kind of dependence that the real machine
 * has, in a size whose interleavings can be counted one by one.
 */

import type { ActorId, Outcome, Space } from '../../../src/explore/system.ts';
import { CLOSE, COMMUTE, OPEN, PASS, READ, WRITE } from '../../../src/explore/system.ts';
import type { Handler, Instruction, Program } from './instructions.ts';
import {
  actorCount,
  BOUND,
  CALLBACKS,
  callbackActor,
  PROPERTY,
  QUEUE,
  REGISTERS,
  SPACE,
  SPACES,
} from './program-parts.ts';
import { OK, Toy, violation } from './toy.ts';

/** Ways to build the machine wrongly on purpose; for tests of the tests. */
export type ProgramMutation =
  | 'no-irq-guard'
  | 'no-reader-guard'
  | 'no-lock-guard'
  | 'no-await-guard'
  | 'no-ack-guard'
  | 'no-control'
  | 'no-life'
  | 'read-only-locks'
  | 'grace-waits-for-nobody'
  | 'grace-waits-for-everybody'
  | 'whole-loads'
  | 'send-skips-a-target'
  | 'interrupted-goes-on'
  | 'birth-unseen';

/**
 * Actors: CPU streams, then deliveries, then callbacks, then what interrupts
 * run. A stream is a CPU's code, by its number, or its interrupt's, by the
 * number of CPUs more.
 */
export class ProgramToy extends Toy {
  override readonly spaces: readonly Space[] = SPACES;
  readonly program: Program;
  readonly #mutation: ProgramMutation | null;
  readonly #cpus: number;
  readonly #hasControl: boolean;
  /** Handlers by number, 1-based: what a pending queue holds. */
  readonly #sends: { handler: Handler; sender: number; waited: boolean }[] = [];
  readonly #sendNumber: Map<Instruction, number> = new Map();
  // Offsets into the state.
  readonly #pc: number = 0;
  readonly #registers: number;
  readonly #irqOff: number;
  readonly #nesting: number;
  readonly #section: number;
  readonly #queue: number;
  readonly #acks: number;
  readonly #memory: number;
  readonly #locks: number;
  readonly #life: number;
  readonly #callback: number;
  readonly #callbackCount: number;
  /** Per stream: 1 between the halves of a wide load. */
  readonly #half: number;
  /** Per CPU: the number of the send whose code an interrupt runs, or 0. */
  readonly #inside: number;
  readonly #hasInterrupts: boolean;
  /** Readers inside, or -1 for a writer. */
  readonly #rwsem: number;

  constructor(program: Program, mutation: ProgramMutation | null = null) {
    const cpus = program.cpus.length;
    const streams = 2 * cpus;
    const registers = streams;
    const irqOff = registers + streams * REGISTERS;
    const nesting = irqOff + cpus;
    const section = nesting + cpus;
    const queue = section + cpus;
    const acks = queue + cpus * QUEUE;
    const memory = acks + cpus * cpus;
    const locks = memory + program.locations * 2;
    const life = locks + (program.locks ?? 0);
    const callback = life + (program.frames ?? 0);
    // Per callback: stage, code, value at creation, and a section per reader waited for.
    const callbackCount = callback + cpus * CALLBACKS * (3 + cpus);
    const half = callbackCount + cpus;
    const inside = half + streams;
    super(inside + cpus + 1, actorCount(program));
    this.program = program;
    this.#mutation = mutation;
    this.#cpus = cpus;
    this.#registers = registers;
    this.#irqOff = irqOff;
    this.#nesting = nesting;
    this.#section = section;
    this.#queue = queue;
    this.#acks = acks;
    this.#memory = memory;
    this.#locks = locks;
    this.#life = life;
    this.#callback = callback;
    this.#callbackCount = callbackCount;
    this.#half = half;
    this.#inside = inside;
    this.#rwsem = inside + cpus;
    let hasInterrupts = false;
    let hasControl = false;
    program.cpus.forEach((code, sender) => {
      for (const instruction of code) {
        if (instruction.op !== 'send') continue;
        const { handler, waited } = instruction;
        this.#sends.push({ handler, sender, waited });
        this.#sendNumber.set(instruction, this.#sends.length);
        if (handler.do === 'set-register') hasControl = true;
        if (handler.do === 'run') hasInterrupts = true;
      }
    });
    this.#hasControl = hasControl;
    this.#hasInterrupts = hasInterrupts;
  }

  protected override init(): void {
    this.program.initial?.forEach((value, location) => {
      this.vars[this.#memory + 2 * location] = value & 0xff;
      this.vars[this.#memory + 2 * location + 1] = value >> 8;
    });
    for (let cpu = 0; cpu < this.#cpus; cpu++) this.#skipPrivate(cpu);
  }

  override must(actor: ActorId): boolean {
    return !this.program.optional?.includes(actor);
  }

  override atEnd(deadlocked: boolean): readonly { property: number; site: number }[] {
    return deadlocked ? [{ property: PROPERTY.deadlock, site: 0 }] : [];
  }

  location(location: number): number {
    const at = this.#memory + 2 * location;
    return this.vars[at] + this.vars[at + 1] * 256;
  }

  register(cpu: number, register: number): number {
    return this.vars[this.#registers + cpu * REGISTERS + register];
  }

  /** What a final state of a search shows of itself: `r<cpu>.<register>` or `m<location>`, values joined by spaces. */
  outcome(final: string, observed: readonly string[]): string {
    this.load(this.#stateOf(final));
    const values = observed.map((name) => {
      const [first, second] = name.slice(1).split('.').map(Number);
      return name[0] === 'r' ? this.register(first, second) : this.location(first);
    });
    return values.join(' ');
  }

  /** State keys hold two bytes for each number of a saved state. */
  #stateOf(final: string): Uint8Array {
    const numbers = new Int32Array(this.vars.length);
    for (let i = 0; i < numbers.length; i++) {
      numbers[i] = final.charCodeAt(1 + 2 * i) + 256 * final.charCodeAt(2 + 2 * i);
    }
    return new Uint8Array(numbers.buffer);
  }

  /** Registers hold 16 bits. */
  override stateKey(out: Uint8Array): number {
    const length = 2 * this.vars.length;
    if (out.length < length) throw new RangeError('state key does not fit');
    for (let i = 0; i < this.vars.length; i++) {
      out[2 * i] = this.vars[i];
      out[2 * i + 1] = this.vars[i] >> 8;
    }
    return length;
  }

  protected override has(actor: ActorId): boolean {
    if (actor < this.#cpus) return this.vars[this.#pc + actor] < this.program.cpus[actor].length;
    if (actor < 2 * this.#cpus) {
      return this.vars[this.#queue + (actor - this.#cpus) * QUEUE] !== 0;
    }
    if (this.#isInterrupt(actor)) return this.vars[this.#inside + this.#cpuOf(actor)] !== 0;
    const stage = this.vars[this.#callbackAt(actor)];
    return stage === 1 || stage === 2;
  }

  #isInterrupt(actor: ActorId): boolean {
    return actor >= (2 + CALLBACKS) * this.#cpus;
  }

  /** The stream that an actor runs; -1 where it runs none. */
  #streamOf(actor: ActorId): number {
    if (actor < this.#cpus) return actor;
    return this.#isInterrupt(actor) ? actor - (1 + CALLBACKS) * this.#cpus : -1;
  }

  #cpuOf(actor: ActorId): number {
    return actor % this.#cpus;
  }

  protected override allowed(actor: ActorId): boolean {
    if (this.#isInterrupt(actor)) {
      // Between its instructions and the return nothing keeps it back.
      return (
        this.#codeOf(this.#streamOf(actor)) === null || this.#codeAllowed(this.#streamOf(actor))
      );
    }
    if (actor < this.#cpus) {
      let free = true;
      if (this.#hasInterrupts) {
        this.touch(SPACE.interrupted, PASS, actor);
        free = this.vars[this.#inside + actor] === 0 || this.#mutation === 'interrupted-goes-on';
      }
      return this.#codeAllowed(actor) && free;
    }
    if (actor < 2 * this.#cpus) {
      const cpu = actor - this.#cpus;
      this.#guard(SPACE.irq, cpu, 'no-irq-guard');
      return this.vars[this.#irqOff + cpu] === 0;
    }
    const at = this.#callbackAt(actor);
    if (this.vars[at] === 2) return true;
    let allowed = true;
    for (let reader = 0; reader < this.#cpus; reader++) {
      const awaited = this.vars[at + 3 + reader];
      if (awaited === 0) continue;
      this.#guard(SPACE.reader, reader, 'no-reader-guard');
      // Waits for the very section that was open then, not for a later one.
      const same = this.vars[this.#section + reader] === awaited - 1;
      const all = this.#mutation === 'grace-waits-for-everybody';
      if (this.vars[this.#nesting + reader] > 0 && (same || all)) allowed = false;
    }
    return allowed;
  }

  #guard(space: number, cell: number, without: ProgramMutation, end = cell + 1): void {
    if (this.#mutation !== without) this.touch(space, PASS, cell, end);
  }

  #codeAllowed(stream: number): boolean {
    const cpu = stream % this.#cpus;
    const code = this.#instruction(stream);
    if (code.op === 'await') {
      this.#guard(SPACE.memory, 2 * code.from, 'no-await-guard', 2 * code.from + 2);
      return this.location(code.from) === code.value;
    }
    if (code.op === 'await-both') {
      this.#guard(SPACE.memory, 0, 'no-await-guard', 4);
      return this.location(0) === code.value && this.location(1) === code.value;
    }
    if (code.op === 'lock') {
      this.#guard(SPACE.lock, code.lock, 'no-lock-guard');
      return this.vars[this.#locks + code.lock] === 0;
    }
    if (code.op === 'down-read' || code.op === 'down-write') {
      this.touch(SPACE.rwsem, PASS, 0);
      const inside = this.vars[this.#rwsem];
      return code.op === 'down-read' ? inside >= 0 : inside === 0;
    }
    if (code.op !== 'wait-acks') return true;
    let allowed = true;
    for (let target = 0; target < this.#cpus; target++) {
      this.#guard(SPACE.acked, cpu * 8 + target, 'no-ack-guard');
      if (this.vars[this.#acks + cpu * this.#cpus + target] > 0) allowed = false;
    }
    return allowed;
  }

  protected override choices(actor: ActorId): number {
    const stream = this.#streamOf(actor);
    const code = stream < 0 ? null : this.#codeOf(stream);
    if (code === null) return 1;
    if (code.op === 'choose') return code.count;
    if (code.op === 'alloc') return code.mayFail ? 2 : 1;
    if (code.op !== 'choose-up-to') return 1;
    this.touch(SPACE.memory, READ, 2 * code.from, 2 * code.from + 2);
    return (this.location(code.from) & 3) + 1;
  }

  protected override step(actor: ActorId, choice: number): Outcome {
    const stream = this.#streamOf(actor);
    if (stream >= this.#cpus) {
      const cpu = this.#cpuOf(actor);
      // Which delivery it is of.
      if (this.#mutation !== 'birth-unseen') this.touch(SPACE.interrupted, READ, cpu);
      if (this.#codeOf(stream) === null) return this.#returnFrom(cpu);
    } else if (stream < 0) {
      if (actor >= 2 * this.#cpus) return this.#callbackStep(actor);
      return this.#deliver(actor - this.#cpus);
    } else if (this.#hasControl && this.#mutation !== 'no-control') {
      this.touch(SPACE.control, READ, actor);
    }
    const outcome = this.#execute(stream, this.#instruction(stream), choice);
    if (outcome.kind === 'ok' && this.vars[this.#half + stream] === 0) {
      this.setLocal(this.#pc + stream, this.vars[this.#pc + stream] + 1);
      this.#skipPrivate(stream);
    }
    return outcome;
  }

  /** All that a stream runs. */
  #code(stream: number): readonly Instruction[] {
    if (stream < this.#cpus) return this.program.cpus[stream];
    const number = this.vars[this.#inside + stream - this.#cpus];
    const handler = this.#sends[number - 1]?.handler;
    return handler?.do === 'run' ? handler.code : [];
  }

  /** What a stream is at; null behind its end. */
  #codeOf(stream: number): Instruction | null {
    return this.#code(stream)[this.vars[this.#pc + stream]] ?? null;
  }

  #instruction(stream: number): Instruction {
    return this.#codeOf(stream) as Instruction;
  }

  /** Branches touch nothing that others see; they belong to the step before. */
  #skipPrivate(cpu: number): void {
    const code = this.#code(cpu);
    for (;;) {
      const at = this.vars[this.#pc + cpu];
      const instruction = at < code.length ? code[at] : undefined;
      if (instruction?.op !== 'skip-unless') return;
      const skip = this.register(cpu, instruction.register) !== instruction.value;
      const to = Math.min(code.length, at + 1 + (skip ? instruction.count : 0));
      this.setLocal(this.#pc + cpu, to);
    }
  }

  #setRegister(cpu: number, register: number, value: number): void {
    this.setLocal(this.#registers + cpu * REGISTERS + register, value & 0xffff);
  }

  #write(location: number, value: number, half?: number): void {
    const at = this.#memory + 2 * location;
    if (half !== 1) this.setLocal(at, value & 0xff);
    if (half !== 0) this.setLocal(at + 1, (half === 1 ? value : value >> 8) & 0xff);
  }

  #touchMemory(mode: number, location: number, half?: number): void {
    const low = 2 * location + (half ?? 0);
    this.touch(SPACE.memory, mode, low, half === undefined ? low + 2 : low + 1);
  }

  #execute(stream: number, code: Instruction, choice: number): Outcome {
    switch (code.op) {
      case 'store':
        this.fix();
        this.#touchMemory(WRITE, code.to, code.half);
        this.#write(code.to, code.value, code.half);
        return OK;
      case 'store-register':
        this.#touchMemory(WRITE, code.to);
        this.#write(code.to, this.register(stream, code.register));
        return OK;
      case 'load':
        this.fix();
        return this.#load(stream, code.from, code.register, code.half);
      case 'load-through':
        this.#touchMemory(READ, code.from);
        return this.#load(stream, this.location(code.from) & 1, code.register);
      case 'store-through': {
        this.#touchMemory(READ, code.from);
        const to = this.location(code.from) & 1;
        this.#touchMemory(WRITE, to);
        this.#write(to, code.value);
        return OK;
      }
      case 'load-halves':
        this.#loadHalf(stream, code.from, code.register);
        return OK;
      case 'fetch-add':
        this.fix();
        this.#touchMemory(READ, code.to);
        this.#touchMemory(WRITE, code.to);
        this.#setRegister(stream, code.register, this.location(code.to));
        this.#write(code.to, this.location(code.to) + code.value);
        return OK;
      case 'add':
        this.#touchMemory(COMMUTE + (code.class ?? 0), code.to);
        this.#write(code.to, this.location(code.to) + code.value);
        return OK;
      case 'compare-exchange': {
        const old = this.location(code.to);
        // One that fails only reads, so its footprint depends on what it finds.
        this.#touchMemory(READ, code.to);
        this.#setRegister(stream, code.register, old);
        if (old !== code.old) return OK;
        this.#touchMemory(WRITE, code.to);
        this.#write(code.to, code.value);
        return OK;
      }
      case 'choose':
      case 'choose-up-to':
        this.#setRegister(stream, code.register, choice);
        return OK;
      case 'check':
        return this.register(stream, code.register) === code.not
          ? violation(PROPERTY.check, this.#site(stream))
          : OK;
      default:
        return this.#executeGate(stream, code, choice);
    }
  }

  #site(cpu: number): number {
    return cpu * 100 + this.vars[this.#pc + cpu];
  }

  #load(cpu: number, from: number, register: number, half?: number): Outcome {
    this.#touchMemory(READ, from, half);
    const value = this.location(from);
    const part = half === 1 ? value >> 8 : value & 0xff;
    this.#setRegister(cpu, register, half === undefined ? value : part);
    return OK;
  }

  /** One half of a wide load; the step after the last half goes on with the program. */
  #loadHalf(cpu: number, from: number, register: number): void {
    const value = this.location(from);
    const half = this.vars[this.#half + cpu];
    const whole = this.#mutation === 'whole-loads';
    this.#touchMemory(READ, from, whole ? undefined : half);
    const kept = half === 0 ? 0 : this.register(cpu, register);
    const mask = whole ? 0xffff : 0xff << (8 * half);
    this.#setRegister(cpu, register, kept | (value & mask));
    this.setLocal(this.#half + cpu, whole ? 0 : 1 - half);
  }

  #executeGate(stream: number, code: Instruction, choice: number): Outcome {
    const cpu = stream % this.#cpus;
    switch (code.op) {
      case 'lock':
        this.touch(SPACE.lock, this.#mutation === 'read-only-locks' ? READ : CLOSE, code.lock);
        this.setLocal(this.#locks + code.lock, stream + 1);
        return OK;
      case 'unlock':
        // One that misuses the lock opens nothing: it only looks.
        this.touch(SPACE.lock, READ, code.lock);
        if (this.vars[this.#locks + code.lock] !== stream + 1) {
          return violation(PROPERTY.lockMisuse, this.#site(stream));
        }
        this.touch(SPACE.lock, OPEN, code.lock);
        this.setLocal(this.#locks + code.lock, 0);
        return OK;
      case 'trylock': {
        const free = this.vars[this.#locks + code.lock] === 0;
        this.touch(SPACE.lock, READ, code.lock);
        this.#setRegister(stream, code.register, free ? 1 : 0);
        if (!free) return OK;
        this.touch(SPACE.lock, CLOSE, code.lock);
        this.setLocal(this.#locks + code.lock, stream + 1);
        return OK;
      }
      case 'down-read':
      case 'down-write':
        this.touch(SPACE.rwsem, CLOSE, 0);
        this.setLocal(this.#rwsem, this.vars[this.#rwsem] + (code.op === 'down-read' ? 1 : -1));
        return OK;
      case 'up-read':
      case 'up-write': {
        const inside = this.vars[this.#rwsem];
        // A skip may jump over the way in. Leaving then would shut the gate
        // for others, which no OPEN does: it only looks.
        this.touch(SPACE.rwsem, READ, 0);
        if (code.op === 'up-read' ? inside <= 0 : inside >= 0) {
          return violation(PROPERTY.lockMisuse, this.#site(stream));
        }
        this.touch(SPACE.rwsem, OPEN, 0);
        this.setLocal(this.#rwsem, inside - (code.op === 'up-read' ? 1 : -1));
        return OK;
      }
      case 'cli':
        return this.#setIrqOff(cpu, 1, CLOSE);
      case 'sti':
        return this.#setIrqOff(cpu, 0, OPEN);
      case 'read-lock':
      case 'preempt-off':
        return this.#nest(cpu, 1);
      case 'read-unlock':
      case 'preempt-on':
        return this.#nest(cpu, -1);
      case 'send':
        return this.#send(cpu, code);
      case 'call-rcu':
        return this.#callRcu(cpu, code);
      case 'alloc':
        return choice === 1
          ? this.#failAlloc(stream, code.register)
          : this.#alloc(stream, code.register);
      case 'use':
        return this.#use(stream, code.register);
      case 'free':
        return this.#free(this.register(stream, code.register), this.#site(stream));
      default:
        return OK;
    }
  }

  /** Touches the gate only where the flag changes. */
  #setIrqOff(cpu: number, off: number, mode: number): Outcome {
    if (this.vars[this.#irqOff + cpu] === off) return OK;
    this.touch(SPACE.irq, mode, cpu);
    this.setLocal(this.#irqOff + cpu, off);
    return OK;
  }

  #nest(cpu: number, by: number): Outcome {
    const nesting = this.vars[this.#nesting + cpu] + by;
    this.setLocal(this.#nesting + cpu, nesting);
    if (by > 0 && nesting === 1) {
      this.touch(SPACE.reader, CLOSE, cpu);
      this.setLocal(this.#section + cpu, this.vars[this.#section + cpu] + 1);
    }
    if (by < 0 && nesting === 0) this.touch(SPACE.reader, OPEN, cpu);
    return OK;
  }

  #send(cpu: number, code: Instruction & { op: 'send' }): Outcome {
    const number = this.#sendNumber.get(code) as number;
    for (const target of code.targets) {
      if (this.#mutation === 'send-skips-a-target' && target === code.targets.at(-1)) continue;
      this.touch(SPACE.pending, WRITE, target);
      let slot = this.#queue + target * QUEUE;
      const end = slot + QUEUE;
      while (slot < end && this.vars[slot] !== 0) slot++;
      if (slot === end) return { kind: 'cut', bound: BOUND.queueFull };
      this.setLocal(slot, number);
      if (!code.waited) continue;
      this.touch(SPACE.acked, CLOSE, cpu * 8 + target);
      const acks = this.#acks + cpu * this.#cpus + target;
      this.setLocal(acks, this.vars[acks] + 1);
    }
    return OK;
  }

  #deliver(cpu: number): Outcome {
    const queue = this.#queue + cpu * QUEUE;
    const number = this.vars[queue];
    const { handler, sender, waited } = this.#sends[number - 1];
    this.touch(SPACE.pending, WRITE, cpu);
    for (let i = 0; i < QUEUE; i++) {
      this.setLocal(queue + i, i + 1 < QUEUE ? this.vars[queue + i + 1] : 0);
    }
    if (handler.do === 'run') {
      this.touch(SPACE.interrupted, CLOSE, cpu);
      this.setLocal(this.#inside + cpu, number);
      this.setLocal(this.#pc + this.#cpus + cpu, 0);
      for (let register = 0; register < REGISTERS; register++)
        this.#setRegister(this.#cpus + cpu, register, 0);
      this.touch(SPACE.irq, CLOSE, cpu);
      this.setLocal(this.#irqOff + cpu, 1);
      this.#skipPrivate(this.#cpus + cpu);
      return OK;
    }
    if (handler.do === 'store') {
      this.#touchMemory(WRITE, handler.to);
      this.#write(handler.to, handler.value);
    } else if (handler.do === 'set-register') {
      if (this.#mutation !== 'no-control') this.touch(SPACE.control, WRITE, cpu);
      this.#setRegister(cpu, handler.register, handler.value);
    }
    if (waited) this.#acknowledge(sender, cpu);
    return OK;
  }

  #acknowledge(sender: number, cpu: number): void {
    this.touch(SPACE.acked, OPEN, sender * 8 + cpu);
    const acks = this.#acks + sender * this.#cpus + cpu;
    this.setLocal(acks, this.vars[acks] - 1);
  }

  /** The end of an interrupt: interrupts were on, or it would not have come. */
  #returnFrom(cpu: number): Outcome {
    const { sender, waited } = this.#sends[this.vars[this.#inside + cpu] - 1];
    this.touch(SPACE.interrupted, OPEN, cpu);
    this.setLocal(this.#inside + cpu, 0);
    this.touch(SPACE.irq, OPEN, cpu);
    this.setLocal(this.#irqOff + cpu, 0);
    if (waited) this.#acknowledge(sender, cpu);
    return OK;
  }

  #callbackAt(actor: ActorId): number {
    return this.#callback + (actor - 2 * this.#cpus) * (3 + this.#cpus);
  }

  /**
   * Starts a grace period that waits for the readers inside now. It looks at
   * every reader's gate, so it reads them: without that, the end of a section
   * would seem to commute with it although one order must wait and the other
   * must not.
   */
  #callRcu(cpu: number, code: Instruction & { op: 'call-rcu' }): Outcome {
    const n = this.vars[this.#callbackCount + cpu];
    if (n === CALLBACKS) return { kind: 'cut', bound: BOUND.callbacksExhausted };
    this.setLocal(this.#callbackCount + cpu, n + 1);
    const actor = callbackActor(this.program, cpu, n);
    const at = this.#callbackAt(actor);
    const { callback } = code;
    this.touch(SPACE.callback, WRITE, actor);
    this.setLocal(at, 1);
    this.setLocal(at + 1, this.vars[this.#pc + cpu]);
    this.setLocal(at + 2, callback.do === 'free' ? this.register(cpu, callback.register) : 0);
    for (let reader = 0; reader < this.#cpus; reader++) {
      this.touch(SPACE.reader, READ, reader);
      const inside = this.vars[this.#nesting + reader] > 0;
      const waits = this.#mutation !== 'grace-waits-for-nobody' && inside;
      const every = this.#mutation === 'grace-waits-for-everybody';
      this.setLocal(at + 3 + reader, waits || every ? this.vars[this.#section + reader] + 1 : 0);
    }
    return OK;
  }

  #callbackStep(actor: ActorId): Outcome {
    const at = this.#callbackAt(actor);
    const stage = this.vars[at];
    this.touch(SPACE.callback, WRITE, actor);
    this.setLocal(at, stage + 1);
    // The end of the grace period; the callback itself is the next step.
    if (stage === 1) return OK;
    const cpu = Math.floor((actor - 2 * this.#cpus) / CALLBACKS);
    const code = this.program.cpus[cpu][this.vars[at + 1]] as Instruction & { op: 'call-rcu' };
    if (code.callback.do === 'free') return this.#free(this.vars[at + 2], 1000 + actor);
    this.#touchMemory(WRITE, code.callback.to);
    this.#write(code.callback.to, code.callback.value);
    return OK;
  }

  // Frames. Life of a frame: 2 * generation, + 1 while allocated. A pointer
  // is 1 + frame + 16 * generation, so it names the allocation, not the frame.

  #failAlloc(cpu: number, register: number): Outcome {
    this.#setRegister(cpu, register, 0);
    return OK;
  }

  #alloc(cpu: number, register: number): Outcome {
    this.touch(SPACE.freelist, WRITE, 0);
    for (let frame = 0; frame < (this.program.frames ?? 0); frame++) {
      const life = this.vars[this.#life + frame];
      if ((life & 1) === 1) continue;
      this.touch(SPACE.life, WRITE, frame);
      this.setLocal(this.#life + frame, life + 1);
      this.#setRegister(cpu, register, 1 + frame + 16 * (life >> 1));
      return OK;
    }
    return { kind: 'cut', bound: BOUND.framesExhausted };
  }

  #isAllocated(pointer: number): boolean {
    const frame = (pointer - 1) & 15;
    // A number that was never a pointer may be used as one.
    const exists = frame < (this.program.frames ?? 0);
    return exists && this.vars[this.#life + frame] === 2 * (pointer >> 4) + 1;
  }

  #use(cpu: number, register: number): Outcome {
    const pointer = this.register(cpu, register);
    if (pointer === 0) return OK;
    if (this.#mutation !== 'no-life') this.touch(SPACE.life, READ, (pointer - 1) & 15);
    return this.#isAllocated(pointer) ? OK : violation(PROPERTY.useAfterFree, this.#site(cpu));
  }

  #free(pointer: number, site: number): Outcome {
    if (pointer === 0) return OK;
    const frame = (pointer - 1) & 15;
    this.touch(SPACE.life, WRITE, frame);
    this.touch(SPACE.freelist, WRITE, 0);
    if (!this.#isAllocated(pointer)) return violation(PROPERTY.badFree, site);
    this.setLocal(this.#life + frame, this.vars[this.#life + frame] + 1);
    return OK;
  }
}
