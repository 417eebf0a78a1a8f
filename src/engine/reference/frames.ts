import { STACK_BYTES } from '../../machine/address-space.ts';
import { CONTEXT_WORDS } from '../../machine/cells.ts';
import { HANDLER_NAME } from '../../machine/intrinsics/handler.ts';
import { intrinsicIndex } from '../../machine/intrinsics/index.ts';
import { ARGUMENT_LANES, INTRINSIC_WORDS } from '../../machine/intrinsics/intrinsic.ts';
import { NMI_NAME } from '../../machine/intrinsics/nmi.ts';
import type { Machine } from '../../machine/machine.ts';
import { Cut } from '../../machine/violation.ts';
import { FRAME_HEADER, LANE } from '../../program/code.ts';
import type { ProgramFunction } from '../../program/link.ts';

/**
 * The stacks of activations. A context is a block of words: a header, then
 * frames. A frame is a header and lanes. Words of contexts are saved as one
 * block before a step and written freely after that.
 */

/** Context header. `handler`: interrupt handlers under way; `nmi`: an NMI on top of all; `resume`: the status to go back to after them; `steps` is no part of the state. */
export const CONTEXT = {
  status: 0,
  frame: 1,
  top: 2,
  stack: 3,
  steps: 4,
  handler: 5,
  halted: 6,
  resume: 7,
  nmi: 8,
  words: 9,
} as const;
/** A context's status. */
export const IDLE = 0;
export const RUNNING = 1;
export const DONE = 2;
export const HALTED = 3;

/** Frame header: what runs, where it is, the caller's frame, stack memory at entry, half of a split access done, name index. */
export const FRAME = { id: 0, pc: 1, previous: 2, stack: 3, half: 4, callee: 5 } as const;
/** Set in a frame's id where it is an intrinsic's. */
export const INTRINSIC_FRAME = 0x80000000;

const HANDLER_ID = (INTRINSIC_FRAME | intrinsicIndex(HANDLER_NAME)) >>> 0;
const NMI_ID = (INTRINSIC_FRAME | intrinsicIndex(NMI_NAME)) >>> 0;

/** Whether a frame of that id is an interrupt, and what is below it was interrupted. */
export function isInterrupt(id: number): boolean {
  return id === HANDLER_ID || id === NMI_ID;
}

/** Whether it is that of a cross-CPU interrupt. */
export function isHandler(id: number): boolean {
  return id === HANDLER_ID;
}

/** Words of an interrupt's frame that keep the machine's `stateAtInterrupt`. */
const INTERRUPTED: number = FRAME_HEADER + ARGUMENT_LANES * LANE + 4;

/** Pushes and pops frames of one machine. Offsets of frames are words of the whole state. */
export class Frames {
  readonly #machine: Machine;
  readonly #words: Uint32Array;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#words = machine.words.at;
  }

  header(context: number, field: number): number {
    return this.#words[this.#machine.contextAt(context) + field]!;
  }

  setHeader(context: number, field: number, value: number): void {
    this.#words[this.#machine.contextAt(context) + field] = value;
  }

  /** An empty context. */
  clear(context: number): void {
    const at = this.#machine.contextAt(context);
    this.#words.fill(0, at, at + CONTEXT.words);
    this.#words[at + CONTEXT.top] = at + CONTEXT.words;
  }

  /** How many interrupts are under way on a context, one on top of the other. */
  interruptsOn(context: number): number {
    return this.header(context, CONTEXT.handler) + this.header(context, CONTEXT.nmi);
  }

  /** Whether a context's own code is what its interrupts came upon, and not the end of it. */
  isInterruptedCode(context: number): boolean {
    return this.header(context, CONTEXT.resume) === RUNNING;
  }

  #stateAt(frame: number): readonly number[] {
    return [...this.#words.subarray(frame + INTERRUPTED, frame + INTERRUPTED + 4)];
  }

  /** Takes the frame of an interrupt that returns away. Returns what the machine's `endInterrupt` wants of it. */
  popInterrupt(context: number): number {
    const [, , , unfenced] = this.#stateAt(this.header(context, CONTEXT.frame));
    this.#leaveInterruptStack(context);
    this.pop(context);
    return unfenced!;
  }

  /** Keeps in an interrupt's new frame what `expose` brings back. */
  noteInterrupted(context: number, frame: number): void {
    this.#words.set(this.#machine.stateAtInterrupt(context), frame + INTERRUPTED);
  }

  /**
   * Makes a context look as if those of its interrupts that are on top of the
   * lowest `depth` had not come: what stands below is parked at the same
   * operation as ever, and can be asked about it. The caller undoes this.
   */
  expose(context: number, depth: number): void {
    const machine = this.#machine;
    const words = this.#words;
    const at = machine.contextAt(context);
    machine.words.saveBlock(at, at + CONTEXT.words);
    let above = this.interruptsOn(context) - depth;
    let frame = words[at + CONTEXT.frame]!;
    for (;;) {
      if (isInterrupt(words[frame + FRAME.id]!) && --above === 0) break;
      frame = words[frame + FRAME.previous]!;
    }
    machine.setStateAtInterrupt(context, this.#stateAt(frame));
    words[at + CONTEXT.frame] = words[frame + FRAME.previous]!;
    words[at + CONTEXT.status] = RUNNING;
    words[at + CONTEXT.handler] = depth;
    words[at + CONTEXT.nmi] = 0;
  }

  /** Saves everything of a context that a step can overwrite. */
  save(context: number): void {
    const at = this.#machine.contextAt(context);
    this.#machine.words.saveBlock(at, this.#words[at + CONTEXT.top]!);
  }

  /** Saves what one operation of the top frame can overwrite: its own frame, and its caller's where it returns. */
  saveTop(context: number): void {
    const at = this.#machine.contextAt(context);
    const frame = this.#words[at + CONTEXT.frame]!;
    this.#machine.words.saveBlock(at, at + CONTEXT.words);
    if (frame === 0) return;
    const below = this.#words[frame + FRAME.previous]!;
    this.#machine.words.saveBlock(below === 0 ? frame : below, this.#words[at + CONTEXT.top]!);
  }

  push(context: number, id: number, words: number): number {
    const at = this.#machine.contextAt(context);
    const frame = this.#words[at + CONTEXT.top]!;
    const top = frame + words;
    if (top > at + CONTEXT_WORDS)
      throw new Cut('calls nest deeper than the machine has room for: endless recursion?');
    this.#words.fill(0, frame, top);
    this.#words[frame + FRAME.id] = id;
    this.#words[frame + FRAME.previous] = this.#words[at + CONTEXT.frame]!;
    this.#words[frame + FRAME.stack] = this.#words[at + CONTEXT.stack]!;
    this.#words[at + CONTEXT.frame] = frame;
    this.#words[at + CONTEXT.top] = top;
    return frame;
  }

  pushFunction(context: number, func: ProgramFunction): number {
    const code = func.code();
    const frame = this.push(context, func.index, code.frameWords);
    const at = this.#machine.contextAt(context);
    const used = this.#words[at + CONTEXT.stack]! + code.stackBytes;
    if (used > STACK_BYTES) throw new Cut(`${func.name} needs more stack than there is`);
    this.#words[at + CONTEXT.stack] = used;
    return frame;
  }

  /** Takes stack memory for the top frame; it goes when the frame does. Returns its offset in the context's stack. */
  reserveStack(context: number, bytes: number): number {
    const at = this.#machine.contextAt(context) + CONTEXT.stack;
    const used = (this.#words[at]! + 7) & ~7;
    if (used + bytes > STACK_BYTES) throw new Cut('a call needs more stack than there is');
    this.#words[at] = used + ((bytes + 7) & ~7);
    return used;
  }

  pushIntrinsic(context: number, index: number, callee: number): number {
    const frame = this.push(
      context,
      (INTRINSIC_FRAME | index) >>> 0,
      FRAME_HEADER + INTRINSIC_WORDS,
    );
    this.#words[frame + FRAME.callee] = callee;
    return frame;
  }

  /**
   * Frames above the top one have their stack memory in the upper half, as
   * interrupts have a stack of their own: what is put there is no place that
   * the code below uses as well, now or when it calls deeper.
   */
  useInterruptStack(context: number): void {
    const at = this.#machine.contextAt(context) + CONTEXT.stack;
    this.#words[at] = Math.max(this.#words[at]!, STACK_BYTES / 2);
  }

  /** Leaves the interrupt stack, on which nothing is left. */
  #leaveInterruptStack(context: number): void {
    const at = this.#machine.contextAt(context);
    const frame = this.#words[at + CONTEXT.frame]!;
    this.#words[at + CONTEXT.stack] = this.#words[frame + FRAME.stack]!;
  }

  /** Whether others look at what the top frame has on the stack: to return is a step then. */
  leavesSharedStack(context: number): boolean {
    const at = this.#machine.contextAt(context);
    const stack = this.#words[this.#words[at + CONTEXT.frame]! + FRAME.stack]!;
    const size = this.#words[at + CONTEXT.stack]! - stack;
    return size > 0 && this.#machine.isVisible(this.#machine.space.stackAt[context]! + stack, size);
  }

  /** Drops the top frame; what it had on the stack is nobody's any more. Returns the frame below, 0 for none. */
  pop(context: number): number {
    const at = this.#machine.contextAt(context);
    const frame = this.#words[at + CONTEXT.frame]!;
    const below = this.#words[frame + FRAME.previous]!;
    const stack = this.#words[frame + FRAME.stack]!;
    const used = this.#words[at + CONTEXT.stack]!;
    if (used > stack)
      this.#machine.wipe(this.#machine.space.stackAt[context]! + stack, used - stack);
    this.#words[at + CONTEXT.stack] = stack;
    this.#words[at + CONTEXT.frame] = below;
    this.#words[at + CONTEXT.top] = frame;
    return below;
  }
}
