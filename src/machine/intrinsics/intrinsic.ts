import { LANE } from '../../program/code.ts';
import type { ProgramFunction } from '../../program/link.ts';
import type { Machine } from '../machine.ts';
import { UNDEFINED } from '../shadow.ts';
import { Violation } from '../violation.ts';

/**
 * An intrinsic is a kernel function that the machine implements. It runs in
 * phases; a phase that touches anything visible is a step of its own, so an
 * intrinsic is no more atomic than the code it stands for (explorer rule 3).
 * Which phases are visible is not declared: the footprint says so.
 */
export interface Intrinsic {
  /** The kernel's names for it. */
  readonly names: readonly string[];
  /** A stub replaces a function by something simpler; an intrinsic does what it does. */
  readonly kind: 'intrinsic' | 'stub';
  /** A border for kernels whose own code for it is not linked: it yields to a definition. */
  readonly border?: boolean;
  run(call: Call): Progress;
  /** The step about to be taken, in words, for traces; asked before it. */
  describe(call: Call): string;
}

/** What a phase came to. */
export const PROGRESS = {
  /** The phase is done and `call.phase` says what comes next. */
  next: 0,
  /** The function returns. */
  done: 1,
  /** Its guard, logged, forbids it now. Nothing was changed. */
  blocked: 2,
  /** The phase is done; `call.callee` is called, then the intrinsic goes on at `call.phase`. */
  calls: 3,
} as const;
export type Progress = (typeof PROGRESS)[keyof typeof PROGRESS];

/** Words that an intrinsic may keep between phases. */
export const LOCALS = 12;
/** Where the low half of what a callee returned is kept, and behind it its shadow. */
export const CALLEE_RESULT: number = LOCALS - 3;
/** Argument lanes that an intrinsic's frame has room for. */
export const ARGUMENT_LANES = 10;
/** Words of an intrinsic's frame after its header. */
export const INTRINSIC_WORDS: number = ARGUMENT_LANES * LANE + LOCALS;

/** One intrinsic's activation: its arguments, its phase, what it keeps. One object serves all; it points at a frame. */
export class Call {
  readonly machine: Machine;
  context = 0;
  /** Word where the frame's lanes begin. */
  #lanes = 0;
  #phaseAt = 0;
  resultLow = 0;
  resultHigh = 0;
  resultShadow = 0;
  /** Lane 1 of the result, for those that return two. */
  resultSecond = 0;
  callee: ProgramFunction | null = null;
  /** Lanes for `callee`: low, high, shadow each. */
  calleeArguments: readonly number[] = [];
  /** The function of the program that called, and the name it used. */
  name = '';
  caller: ProgramFunction | null = null;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  enter(
    context: number,
    phaseAt: number,
    lanes: number,
    name: string,
    caller: ProgramFunction | null,
  ): void {
    this.context = context;
    this.#phaseAt = phaseAt;
    this.#lanes = lanes;
    this.name = name;
    this.caller = caller;
    this.resultLow = 0;
    this.resultHigh = 0;
    this.resultShadow = 0;
    this.resultSecond = 0;
    this.callee = null;
  }

  get cpu(): number {
    return this.machine.cpuOf(this.context);
  }
  get phase(): number {
    return this.machine.words.at[this.#phaseAt]!;
  }
  set phase(value: number) {
    this.machine.words.at[this.#phaseAt] = value;
  }
  low(lane: number): number {
    return this.machine.words.at[this.#lanes + lane * LANE]!;
  }
  high(lane: number): number {
    return this.machine.words.at[this.#lanes + lane * LANE + 1]!;
  }
  shadow(lane: number): number {
    return this.machine.words.at[this.#lanes + lane * LANE + 2]!;
  }
  address(lane: number): bigint {
    return (BigInt(this.high(lane)) << 32n) | BigInt(this.low(lane));
  }
  local(index: number): number {
    return this.machine.words.at[this.#lanes + ARGUMENT_LANES * LANE + index]!;
  }
  setLocal(index: number, value: number): void {
    this.machine.words.at[this.#lanes + ARGUMENT_LANES * LANE + index] = value;
  }
  /** Offset in memory that a pointer argument means. Fails: throws `Violation` as `Machine.resolve` does. */
  pointer(lane: number, size: number): number {
    return this.machine.resolve(this.low(lane), this.high(lane), this.shadow(lane), size);
  }
  returns(low: number, high = 0, shadow = 0): Progress {
    this.resultLow = low >>> 0;
    this.resultHigh = high >>> 0;
    this.resultShadow = shadow;
    return PROGRESS.done;
  }
  returnsAddress(address: bigint, shadow = 0): Progress {
    return this.returns(Number(address & 0xffffffffn), Number(address >> 32n), shadow);
  }
  /** Whether the callee has returned true. Fails: throws `Violation` where that is undefined. */
  calleeSaidYes(): boolean {
    if (this.local(CALLEE_RESULT + 1) & UNDEFINED)
      throw new Violation('undefined-value', `${this.name} is told an uninitialised value`);
    return (this.local(CALLEE_RESULT) & 1) !== 0;
  }
  /** Calls a function of the program, and goes on with phase `phase` once it has returned. Shape of `lanes`: low, high, shadow each. */
  calls(func: ProgramFunction, lanes: readonly number[], phase: number): Progress {
    this.phase = phase;
    this.callee = func;
    this.calleeArguments = lanes;
    return PROGRESS.calls;
  }
  /** Goes on with phase `phase`. */
  proceed(phase: number): Progress {
    this.phase = phase;
    return PROGRESS.next;
  }
}
