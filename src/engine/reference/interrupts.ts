import { HANDLER_ENTRIES, HANDLER_NAME } from '../../machine/intrinsics/handler.ts';
import { intrinsicIndex } from '../../machine/intrinsics/index.ts';
import { NMI_NAME } from '../../machine/intrinsics/nmi.ts';
import type { Machine, PendingInterrupt } from '../../machine/machine.ts';
import { HANDLER_LEVELS } from '../../machine/spaces.ts';
import { Cut, NotOneStep, Violation } from '../../machine/violation.ts';
import { FRAME_HEADER, LANE } from '../../program/code.ts';
import type { ProgramFunction } from '../../program/link.ts';
import type { Actors } from './actors.ts';
import { CONTEXT, RUNNING } from './frames.ts';
import { isInert } from './inert.ts';
import type { Interpreter } from './interpreter.ts';

/** Deliveries and NMIs: what interrupts a CPU, as a step. docs/machine.md, section 4, has the argument. */
export class Interrupts {
  readonly #machine: Machine;
  readonly #interpreter: Interpreter;
  readonly #actors: Actors;
  /** By CPU; null where none strikes. */
  readonly #nmiHandlers: readonly (ProgramFunction | null)[];

  constructor(
    machine: Machine,
    interpreter: Interpreter,
    actors: Actors,
    nmiHandlers: readonly (ProgramFunction | null)[],
  ) {
    this.#machine = machine;
    this.#interpreter = interpreter;
    this.#actors = actors;
    this.#nmiHandlers = nmiHandlers;
  }

  /** A probe of a masked delivery logs all that delivery would do, and is then taken back. */
  deliver(cpu: number, single: boolean): boolean {
    const machine = this.#machine;
    // An interrupt is taken when the store buffer has drained: Intel SDM
    // volume 3, 11.10. The flag itself is no store and waits for none.
    // Both guards are looked at: what a parked step passes must stay the same.
    const drained = machine.model.passDrainedFrom(machine, cpu);
    const allowed = machine.passIrq(cpu) && drained;
    const pending = machine.takePending(cpu);
    // All that forbids it has been touched.
    if (machine.waiting) return allowed;
    if (pending.every(({ function: func }) => func === null || isInert(func))) {
      // One step, and no step of the CPU's own code depends on it: such a
      // handler shares nothing with what it interrupts (explorer rule 4).
      for (const { sender, waited } of pending) if (waited) machine.acknowledge(sender, cpu);
      return allowed;
    }
    // Taking the queue has flushed the TLB where one of them is the platform's
    // flush: what handlers do after that is another step.
    const flushed = machine.tlbs.isInUse && pending.some((one) => one.function === null);
    const split = flushed || machine.areHandlersSplit(cpu);
    if (!split && this.#handleInOneStep(cpu, pending)) return allowed;
    machine.closeControl(cpu, this.#interpreter.frames.interruptsOn(cpu));
    if (single) {
      machine.setIrqsOff(cpu, true);
      return allowed;
    }
    this.#interpreter.frames.save(cpu);
    this.#enterHandler(cpu, pending);
    machine.setIrqsOff(cpu, true);
    machine.setFenced(cpu);
    machine.context = cpu;
    machine.inHandler = true;
    machine.actor = this.#actors.runningOn(cpu);
    this.#interpreter.run(cpu, false, false);
    return allowed;
  }

  /**
   * Runs the handlers of one delivery to their end. Returns false, with all
   * taken back, where they are more than one step, or do anything wrong; then
   * handlers of this CPU are code like any other from the next start on.
   */
  #handleInOneStep(cpu: number, pending: readonly PendingInterrupt[]): boolean {
    const machine = this.#machine;
    const interpreter = this.#interpreter;
    const { actor, context } = machine;
    if (pending.length > HANDLER_ENTRIES) return false;
    const mark = machine.words.mark();
    const logged = machine.log.count;
    interpreter.frames.save(cpu);
    machine.enterOneStep(cpu);
    machine.actor = this.#actors.handlerOf(cpu);
    machine.context = cpu;
    machine.inHandler = true;
    try {
      this.#enterHandler(cpu, pending);
      interpreter.runHandler(cpu);
      machine.leaveOneStep(cpu);
      return true;
    } catch (error) {
      if (!(error instanceof NotOneStep || error instanceof Violation || error instanceof Cut))
        throw error;
      machine.words.rewind(mark);
      machine.log.truncate(logged);
      machine.splitHandlers(cpu);
      return false;
    } finally {
      machine.noticed = -1;
      machine.lender = -1;
      machine.actor = actor;
      machine.context = context;
      machine.inHandler = false;
    }
  }

  /** An NMI: like any interrupt it is taken when the store buffer is empty, and unlike others whatever the flag says. */
  strike(cpu: number, single: boolean): boolean {
    const machine = this.#machine;
    const { frames } = this.#interpreter;
    const drained = machine.model.passDrainedFrom(machine, cpu);
    const allowed = machine.passNmi(cpu) && drained;
    if (machine.waiting) return allowed;
    machine.closeControl(cpu, frames.interruptsOn(cpu));
    if (single) {
      machine.setIrqsOff(cpu, true);
      machine.enterNmi(cpu);
      return allowed;
    }
    frames.save(cpu);
    const frame = this.#interrupt(cpu, NMI_NAME);
    machine.setFenced(cpu);
    frames.setHeader(cpu, CONTEXT.nmi, 1);
    const { at } = machine.words;
    at[frame + FRAME_HEADER] = this.#nmiHandlers[cpu]!.index + 1;
    at[frame + FRAME_HEADER + 1] = machine.irqsOff(cpu) ? 0 : 1;
    machine.setIrqsOff(cpu, true);
    machine.enterNmi(cpu);
    machine.context = cpu;
    machine.actor = this.#actors.runningOn(cpu);
    this.#interpreter.run(cpu, false, false);
    return allowed;
  }

  /** Puts an interrupt's frame on top of whatever runs. Returns the frame. */
  #interrupt(cpu: number, name: string): number {
    const { frames } = this.#interpreter;
    // A handler that turns interrupts on is interrupted itself: what lies below all is the outermost's.
    if (frames.interruptsOn(cpu) === 0)
      frames.setHeader(cpu, CONTEXT.resume, frames.header(cpu, CONTEXT.status));
    frames.setHeader(cpu, CONTEXT.status, RUNNING);
    const frame = frames.pushIntrinsic(cpu, intrinsicIndex(name), 0);
    frames.useInterruptStack(cpu);
    frames.noteInterrupted(cpu, frame);
    return frame;
  }

  #enterHandler(cpu: number, pending: readonly PendingInterrupt[]): void {
    const { frames } = this.#interpreter;
    const frame = this.#interrupt(cpu, HANDLER_NAME);
    const handlers = frames.header(cpu, CONTEXT.handler) + 1;
    frames.setHeader(cpu, CONTEXT.handler, handlers);
    // Told after the interrupt has begun: what it came upon is then not ended by it, but stands still for ever.
    if (handlers > HANDLER_LEVELS)
      throw new Cut(`more than ${HANDLER_LEVELS} interrupts on top of each other on one CPU`);
    if (pending.length > HANDLER_ENTRIES)
      throw new Cut(`more than ${HANDLER_ENTRIES} cross-CPU calls in one interrupt`);
    const words = this.#machine.words.at;
    const lanes = frame + FRAME_HEADER;
    for (let entry = 0; entry < HANDLER_ENTRIES; entry++) {
      const one = pending[entry];
      words[lanes + entry * 2 * LANE] = one?.function ? one.function.index + 1 : 0;
      words[lanes + entry * 2 * LANE + 1] = one
        ? (one.sender << 2) | (one.lent ? 2 : 0) | (one.waited ? 1 : 0)
        : 0xffffffff;
      words[lanes + (entry * 2 + 1) * LANE] = one?.argumentLow ?? 0;
      words[lanes + (entry * 2 + 1) * LANE + 1] = one?.argumentHigh ?? 0;
      words[lanes + (entry * 2 + 1) * LANE + 2] = one?.argumentShadow ?? 0;
    }
  }
}
