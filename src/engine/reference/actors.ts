import type { ActorId } from '../../explore/system.ts';
import { CALLBACKS_PER_CPU } from '../../machine/cells.ts';
import type { Machine } from '../../machine/machine.ts';
import { INTERRUPT_LEVELS } from '../../machine/spaces.ts';
import { CONTEXT, type Frames, IDLE, RUNNING } from './frames.ts';

/**
 * Who is who. CPU c's own code is actor c, delivery of interrupts to CPU c is
 * cpuCount + c, and callback n of CPU c is 2 * cpuCount + c *
 * CALLBACKS_PER_CPU + n. After those, one per context: its oldest pending
 * store arrives in memory; and, where NMIs may strike, one per CPU. Last, per
 * CPU, what interrupts run there, by their depth: it takes steps of its own,
 * while what was interrupted stands where it stood.
 *
 * For the watch there are others besides: a handler on a CPU is another than
 * the CPU's own code, and NMIs are another than both.
 */
export class Actors {
  /** Numbers are below this. */
  readonly count: number;
  readonly #machine: Machine;
  readonly #frames: Frames;
  readonly #cpuCount: number;
  readonly #firstDrain: number;
  readonly #firstNmi: number;
  readonly #firstInterrupt: number;

  constructor(machine: Machine, frames: Frames, hasNmis: boolean) {
    this.#machine = machine;
    this.#frames = frames;
    this.#cpuCount = machine.cpuCount;
    this.#firstDrain = 2 * this.#cpuCount + this.#cpuCount * CALLBACKS_PER_CPU;
    this.#firstNmi = this.#firstDrain + machine.boot;
    this.#firstInterrupt = this.#firstNmi + (hasNmis ? this.#cpuCount : 0);
    this.count = this.#firstInterrupt + this.#cpuCount * INTERRUPT_LEVELS;
    for (let cpu = 0; cpu < this.#cpuCount; cpu++) machine.watch.group(this.handlerOf(cpu), cpu);
  }

  /** The context whose code an actor runs; -1 for a delivery, a drain and an NMI. */
  contextOf(actor: ActorId): number {
    if (actor < this.#cpuCount) return actor;
    if (actor >= this.#firstInterrupt)
      return Math.floor((actor - this.#firstInterrupt) / INTERRUPT_LEVELS);
    if (actor < 2 * this.#cpuCount || actor >= this.#firstDrain) return -1;
    return actor - this.#cpuCount;
  }

  /** How many interrupts deep an actor is on its context; 0 for a context's own code. */
  depthOf(actor: ActorId): number {
    if (actor < this.#firstInterrupt) return 0;
    return ((actor - this.#firstInterrupt) % INTERRUPT_LEVELS) + 1;
  }

  /** The stream of instructions that an actor runs; -1 where it runs none. */
  streamOf(actor: ActorId): number {
    const context = this.contextOf(actor);
    const depth = this.depthOf(actor);
    return depth === 0 ? context : this.#machine.interruptStream(context, depth);
  }

  /** The actor that can go on on a context: the others of it stand still. */
  topOf(context: number): ActorId {
    const depth = context < this.#cpuCount ? this.#frames.interruptsOn(context) : 0;
    if (depth > 0) return this.#firstInterrupt + context * INTERRUPT_LEVELS + depth - 1;
    return context < this.#cpuCount ? context : context + this.#cpuCount;
  }

  /** The CPU to which an actor delivers; only of one that has neither context, store nor NMI. */
  targetOf(actor: ActorId): number {
    return actor - this.#cpuCount;
  }

  /** The context whose stores an actor brings to memory; -1 for other actors. */
  drainOf(actor: ActorId): number {
    const first = this.#firstDrain;
    return actor < first || actor >= this.#firstNmi ? -1 : actor - first;
  }

  /** The CPU that an actor's NMIs strike; -1 for other actors. */
  nmiOf(actor: ActorId): number {
    return actor < this.#firstNmi || actor >= this.#firstInterrupt ? -1 : actor - this.#firstNmi;
  }

  /** The number of a callback among all callbacks; only of an actor that is one. */
  slotOf(actor: ActorId): number {
    return actor - 2 * this.#cpuCount;
  }

  isInterrupted(actor: ActorId): boolean {
    const context = this.contextOf(actor);
    if (context < 0 || context >= this.#cpuCount) return false;
    return this.#frames.interruptsOn(context) > this.depthOf(actor);
  }

  /* ---- who has a next step ------------------------------------------ */

  /** Unfinished actors, ascending, into `out`; returns their count. Asked once a state: whole kinds are passed over where none can be. */
  list(out: Uint32Array): number {
    const machine = this.#machine;
    const cpuCount = this.#cpuCount;
    let count = 0;
    for (let actor = 0; actor < this.#firstDrain; actor++)
      if (this.isUnfinished(actor)) out[count++] = actor;
    const { model } = machine;
    for (let context = 0; context < machine.boot; context++)
      if (model.isPending(machine, context)) out[count++] = this.#firstDrain + context;
    for (let actor = this.#firstNmi; actor < this.#firstInterrupt; actor++)
      if (this.isUnfinished(actor)) out[count++] = actor;
    for (let cpu = 0; cpu < cpuCount; cpu++) {
      const first = this.#firstInterrupt + cpu * INTERRUPT_LEVELS;
      const depth = this.#frames.interruptsOn(cpu);
      for (let actor = first; actor < first + depth; actor++)
        if (this.isUnfinished(actor)) out[count++] = actor;
    }
    return count;
  }

  isUnfinished(actor: ActorId): boolean {
    const machine = this.#machine;
    const frames = this.#frames;
    const drained = this.drainOf(actor);
    if (drained >= 0) return machine.model.isPending(machine, drained);
    const struck = this.nmiOf(actor);
    if (struck >= 0) return machine.nmisLeft(struck) > 0;
    const context = this.contextOf(actor);
    if (context < 0) return machine.pendingAt(this.targetOf(actor)) > 0;
    const status = frames.header(context, CONTEXT.status);
    if (context < this.#cpuCount) {
      const above = frames.interruptsOn(context) - this.depthOf(actor);
      // Only its own step finishes an actor: below an interrupt that was halted all stand still.
      if (above > 0) return this.depthOf(actor) > 0 || frames.isInterruptedCode(context);
      return above === 0 && status === RUNNING;
    }
    if (status === RUNNING) return true;
    return status === IDLE && machine.gracePeriods.isQueued(this.slotOf(actor));
  }

  /* ---- for the watch ------------------------------------------------ */

  /** Who an actor is for the watch. */
  watchedAs(actor: ActorId): number {
    const struck = this.nmiOf(actor);
    if (struck >= 0) return this.#nmiHandlerOf(struck);
    const drained = this.drainOf(actor);
    // The store is that of what runs there, whoever brings it to memory.
    if (drained >= 0) return this.runningOn(drained);
    return this.depthOf(actor) > 0 ? this.#interruptOf(actor) : actor;
  }

  /** Whose code a context runs now: its own, a handler's, an NMI's. */
  runningOn(context: number): number {
    const top = this.topOf(context);
    return this.depthOf(top) > 0 ? this.#interruptOf(top) : top;
  }

  /** Whether somebody, as `watchedAs` and `runningOn` name him, is an interrupt. */
  isInterrupt(watched: number): boolean {
    return watched >= this.count;
  }

  handlerOf(cpu: number): number {
    return this.count + cpu;
  }

  /** NMIs interrupt handlers and masked code alike: what they touch is shared as with another CPU. */
  #nmiHandlerOf(cpu: number): number {
    return this.count + this.#cpuCount + cpu;
  }

  #interruptOf(actor: ActorId): number {
    const cpu = this.contextOf(actor);
    // An NMI is on top of all handlers.
    const isNmi = this.depthOf(actor) > this.#frames.header(cpu, CONTEXT.handler);
    return isNmi ? this.#nmiHandlerOf(cpu) : this.handlerOf(cpu);
  }
}
