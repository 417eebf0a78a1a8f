import { READ, WRITE } from '../../explore/system.ts';
import { INTRINSICS, intrinsicIndex } from '../../machine/intrinsics/index.ts';
import {
  ARGUMENT_LANES,
  CALLEE_RESULT,
  Call,
  type Intrinsic,
  PROGRESS,
} from '../../machine/intrinsics/intrinsic.ts';
import type { Machine } from '../../machine/machine.ts';
import { FLAGS_MASK, TORN, UNDEFINED } from '../../machine/shadow.ts';
import { Cut, NotOneStep, UnsupportedError, Violation } from '../../machine/violation.ts';
import {
  type CallArgument,
  type Code,
  FRAME_HEADER,
  type Insn,
  LANE,
  OP,
  type Ref,
} from '../../program/code.ts';
import type { ProgramFunction } from '../../program/link.ts';
import { Accesses } from './accesses.ts';
import { AsmRunner } from './asm.ts';
import { Compute } from './compute.ts';
import {
  CONTEXT,
  DONE,
  FRAME,
  Frames,
  INTRINSIC_FRAME,
  isHandler,
  isInterrupt,
  RUNNING,
} from './frames.ts';
import { Integers, join } from './integers.ts';
import { Lanes, mustBeDefined } from './lanes.ts';

/**
 * Runs lowered code, one instruction after the other, slowly and obviously.
 * A step begins at the operation a context is parked at and goes on until
 * just before the next one that somebody else could notice.
 */

/** What ended a run of instructions. */
export const RUN = {
  /** Parked at a visible operation that has not happened yet. */
  parked: 0,
  /** The guard of the first operation forbids it; nothing was changed. */
  blocked: 1,
  finished: 2,
} as const;
export type Run = (typeof RUN)[keyof typeof RUN];

/** Instructions that one step may run before it is taken for an endless loop. */
const PRIVATE_LIMIT = 1_000_000;
/** Instructions after which such a step is looked at more closely. */
const CIRCLE_AFTER = 10_000;
/**
 * Functions whose result is judged for torn entries. Source: include/linux/pgtable.h (6.12), and
 * pmd_read_atomic, as the reader of a PMD was called from 3.5 to 6.1.
 */
const LOCKLESS_READERS = new Set(['pmdp_get_lockless', 'ptep_get_lockless', 'pmd_read_atomic']);

export interface InterpreterOptions {
  /** A function whose calls do nothing. */
  readonly without: string | null;
  readonly commutingAdds: boolean;
}

export class Interpreter {
  readonly frames: Frames;
  readonly call: Call;
  /** Functions of the program that ran, intrinsics and stubs by index. */
  readonly functionsRun: Set<ProgramFunction> = new Set();
  readonly intrinsicsRun: Set<string> = new Set();
  withoutCalls = 0;
  /** Operations that began a step, and instructions that were merged into one; not those of probes. */
  visibleRun = 0;
  mergedRun = 0;
  readonly #machine: Machine;
  readonly #words: Uint32Array;
  readonly lanes: Lanes;
  readonly #compute: Compute;
  readonly #accesses: Accesses;
  readonly #integers = new Integers();
  readonly asm: AsmRunner;
  readonly #intrinsicOf: Int32Array;
  readonly #isReader: Uint8Array;
  readonly #options: InterpreterOptions;
  /** Arguments or results on their way from one frame to another; overwritten by every call and return. */
  #passed: Uint32Array = new Uint32Array(64 * LANE);
  #private = 0;
  #circle: Uint8Array | null = null;
  #circleSteps = 0;
  #circleReach = 1;
  /** The exact state, for loops that touch nothing visible; set by the system. */
  stateOf: (() => Uint8Array) | null = null;

  constructor(machine: Machine, options: InterpreterOptions) {
    this.#machine = machine;
    this.#words = machine.words.at;
    this.frames = new Frames(machine);
    this.call = new Call(machine);
    this.lanes = new Lanes(machine.words.at);
    this.#compute = new Compute(machine, this.lanes);
    this.#accesses = new Accesses(machine, this.lanes, options.commutingAdds);
    this.asm = new AsmRunner(machine);
    this.#options = options;
    // Filled on first use: lowering can meet names that get a function then.
    this.#intrinsicOf = new Int32Array(1 << 16).fill(-2);
    this.#isReader = new Uint8Array(1 << 16);
    for (const func of machine.program.functions)
      if (LOCKLESS_READERS.has(func.name)) this.#isReader[func.index] = 1;
  }

  /** The number of the intrinsic that stands for a function, -1 where its own code runs. */
  intrinsicOf(func: ProgramFunction): number {
    let index = this.#intrinsicOf[func.index]!;
    if (index === -2) {
      index = intrinsicIndex(func.name);
      if (func.definition !== null && INTRINSICS[index]?.border) index = -1;
      this.#intrinsicOf[func.index] = index;
    }
    return index;
  }

  /** Starts a function in an empty context with the given argument lanes (low, high, shadow each). */
  start(context: number, func: ProgramFunction, lanes: readonly number[]): void {
    this.frames.setHeader(context, CONTEXT.status, RUNNING);
    this.#enter(context, func, lanes);
  }

  /** `count`: of the words in `lanes` that are arguments; what the callee has beyond them is 0. */
  #enter(
    context: number,
    func: ProgramFunction,
    lanes: ArrayLike<number>,
    count: number = lanes.length,
  ): void {
    const frame = this.frames.pushFunction(context, func);
    this.functionsRun.add(func);
    const { parameters } = func.code();
    for (let lane = 0; lane < parameters.length; lane++) {
      const { at } = parameters[lane]!;
      for (let word = 0; word < LANE; word++) {
        const from = lane * LANE + word;
        this.#words[frame + at + word] = from < count ? lanes[from]! : 0;
      }
    }
  }

  /** Copies what a call passes, or a return gives back, into `#passed`. Returns the count of words. */
  #gather(frame: number, code: Code, values: readonly CallArgument[]): number {
    let count = 0;
    for (const { refs } of values) {
      if (count + refs.length * LANE > this.#passed.length) {
        const grown = new Uint32Array(2 * (count + refs.length * LANE));
        grown.set(this.#passed);
        this.#passed = grown;
      }
      for (const ref of refs) {
        this.#passed[count++] = this.lanes.low(frame, code, ref);
        this.#passed[count++] = this.lanes.high(frame, code, ref);
        this.#passed[count++] = this.lanes.shadow(frame, code, ref);
      }
    }
    return count;
  }

  /**
   * Runs a context. `first`: the operation it is parked at happens even if it
   * is visible. `single`: stop right after that operation.
   */
  run(context: number, first: boolean, single: boolean): Run {
    const words = this.#words;
    const contextAt = this.#machine.contextAt(context);
    this.#private = 0;
    this.#circle = null;
    this.#circleSteps = 0;
    this.#circleReach = 1;
    let fresh = first;
    for (;;) {
      // A handler may have interrupted a CPU whose own code was over.
      if (words[contextAt + CONTEXT.status] !== RUNNING) return RUN.finished;
      const frame = words[contextAt + CONTEXT.frame]!;
      if (frame === 0) {
        this.#finish(context);
        return RUN.finished;
      }
      const outcome =
        words[frame + FRAME.id]! & INTRINSIC_FRAME
          ? this.#runIntrinsic(context, frame, fresh)
          : this.#runCode(context, frame, fresh, single);
      if (outcome === RUN.parked || outcome === RUN.blocked) return outcome;
      if (!this.#machine.dry) {
        if (fresh) this.visibleRun++;
        else this.mergedRun++;
      }
      // What an interrupt came upon goes on in a step of its own.
      if (single || outcome === RUN.finished) return RUN.finished;
      fresh = false;
      this.#count(context);
    }
  }

  /**
   * Runs the interrupt handler on top of a context to its end, as part of the
   * step under way. Fails: throws `NotOneStep` where it has to wait.
   */
  runHandler(context: number): void {
    const words = this.#words;
    const frameAt = this.#machine.contextAt(context) + CONTEXT.frame;
    const depth = this.frames.header(context, CONTEXT.handler);
    this.#private = 0;
    this.#circle = null;
    while (this.frames.header(context, CONTEXT.handler) === depth) {
      const frame = words[frameAt]!;
      const outcome =
        words[frame + FRAME.id]! & INTRINSIC_FRAME
          ? this.#runIntrinsic(context, frame, true)
          : this.#runCode(context, frame, true, false);
      if (outcome === RUN.blocked) throw new NotOneStep('waits');
      if (!this.#machine.dry) this.mergedRun++;
      this.#count(context);
    }
  }

  /** One more instruction without a step of its own. */
  #count(context: number): void {
    if (++this.#private > CIRCLE_AFTER) this.#lookForCircle(context);
    if (this.#private > PRIVATE_LIMIT)
      throw new Cut(`a step of more than ${PRIVATE_LIMIT} instructions: an endless loop?`);
  }

  /** The sender that lends to the handler that a context is in; -1 for none. */
  lenderOf(context: number): number {
    if (this.frames.header(context, CONTEXT.handler) === 0) return -1;
    if (this.frames.header(context, CONTEXT.nmi) > 0) return -1;
    let frame = this.frames.header(context, CONTEXT.frame);
    while (!isHandler(this.#words[frame + FRAME.id]!)) {
      frame = this.#words[frame + FRAME.previous]!;
      if (frame === 0) return -1;
    }
    this.bindCall(context, frame);
    if (this.call.phase !== 1) return -1;
    const sent = this.call.high(this.call.local(0) * 2);
    return sent & 2 ? sent >>> 2 : -1;
  }

  /**
   * A long way without a visible operation: does it lead in a circle? Then
   * nothing another actor does can end it, for the watch has seen nobody else
   * touch what the circle looks at. If somebody does later, the search starts
   * again, and this is forgotten.
   */
  #lookForCircle(context: number): void {
    if (!this.lanes.jumpedBack || !this.stateOf || context === this.#machine.boot) return;
    this.lanes.jumpedBack = false;
    const state = this.stateOf();
    if (this.#circle && Buffer.compare(this.#circle, state) === 0) {
      throw new Violation(
        'livelock',
        'a loop leads back to where it was, and nothing that it looks at is ever changed by anybody else',
      );
    }
    // Brent: remember the state at each doubling, so that any period is met.
    if (this.#circle && ++this.#circleSteps < this.#circleReach) return;
    this.#circle = state;
    this.#circleSteps = 0;
    this.#circleReach *= 2;
  }

  #finish(context: number): void {
    const machine = this.#machine;
    this.frames.setHeader(context, CONTEXT.status, DONE);
    if (context === machine.boot) return;
    const held = machine.heldLocks(context, true);
    if (held.length > 0)
      throw new Violation(
        'lock-misuse',
        `CPU ${machine.cpuOf(context)} ends with ${machine.space.nameOf(held[0]!)} held`,
      );
    if (machine.irqsOff(context))
      throw new Violation('lock-misuse', `CPU ${machine.cpuOf(context)} ends with interrupts off`);
    if (machine.preemptCount(context) > 0)
      throw new Violation('lock-misuse', `CPU ${machine.cpuOf(context)} ends with preemption off`);
    if (machine.rcuNest(context) > 0)
      throw new Violation('lock-misuse', `CPU ${machine.cpuOf(context)} ends inside an RCU reader`);
  }

  /* ---- intrinsics --------------------------------------------------- */

  /** Points `call` at a frame. */
  bindCall(context: number, frame: number): Intrinsic {
    const id = this.#words[frame + FRAME.id]! & ~INTRINSIC_FRAME;
    const callee = this.#words[frame + FRAME.callee]!;
    const below = this.#words[frame + FRAME.previous]!;
    const intrinsic = INTRINSICS[id]!;
    const name =
      callee > 0 ? this.#machine.program.functions[callee - 1]!.name : intrinsic.names[0]!;
    const caller =
      below > 0 && !(this.#words[below + FRAME.id]! & INTRINSIC_FRAME)
        ? this.#machine.program.functions[this.#words[below + FRAME.id]!]!
        : null;
    this.call.enter(context, frame + FRAME.pc, frame + FRAME_HEADER, name, caller);
    return intrinsic;
  }

  #runIntrinsic(context: number, frame: number, fresh: boolean): Run | -1 {
    const machine = this.#machine;
    const intrinsic = this.bindCall(context, frame);
    if (!fresh && machine.actor >= 0 && this.#wouldBeVisible(context, intrinsic)) return RUN.parked;
    const before = machine.log.count;
    const progress = intrinsic.run(this.call);
    if (progress === PROGRESS.blocked) {
      if (!fresh && machine.log.count === before && machine.actor < 0) {
        throw new UnsupportedError(
          `${this.call.name} waits in setup() or finish(), where nothing runs beside`,
        );
      }
      return fresh ? RUN.blocked : RUN.parked;
    }
    if (!machine.dry) this.intrinsicsRun.add(this.call.name);
    if (progress === PROGRESS.calls)
      this.#enter(context, this.call.callee!, this.call.calleeArguments);
    else if (progress === PROGRESS.done) {
      const { resultLow, resultHigh, resultShadow, resultSecond } = this.call;
      if (isInterrupt(this.#words[frame + FRAME.id]!)) {
        this.#leaveInterrupt(context, isHandler(this.#words[frame + FRAME.id]!));
        return RUN.finished;
      }
      const below = this.frames.pop(context);
      if (below !== 0 && !(this.#words[below + FRAME.id]! & INTRINSIC_FRAME)) {
        const passed = this.#passed;
        passed[0] = resultLow;
        passed[1] = resultHigh;
        passed[2] = resultShadow;
        passed[3] = resultSecond;
        passed[4] = 0;
        passed[5] = resultShadow & UNDEFINED;
        this.#returnTo(below, passed, 2 * LANE);
      }
    }
    return -1;
  }

  /** Back from an interrupt: what was interrupted goes on where it stood. */
  #leaveInterrupt(context: number, handler: boolean): void {
    const { frames } = this;
    const unfenced = frames.popInterrupt(context);
    const counted = handler ? CONTEXT.handler : CONTEXT.nmi;
    frames.setHeader(context, counted, frames.header(context, counted) - 1);
    const left = frames.interruptsOn(context);
    // A handler in one step has kept nothing from going on, and waited for no store.
    if (this.#machine.noticed < 0) {
      this.#machine.endInterrupt(context, unfenced);
      this.#machine.openControl(context, left);
    }
    if (left > 0) return;
    frames.setHeader(context, CONTEXT.status, frames.header(context, CONTEXT.resume));
    frames.setHeader(context, CONTEXT.resume, 0);
  }

  /** Tries the phase out: whether it would log anything, or wait. */
  #wouldBeVisible(context: number, intrinsic: Intrinsic): boolean {
    const machine = this.#machine;
    const mark = machine.words.mark();
    const count = machine.log.count;
    const { dry, choice, choices, restart } = machine;
    this.frames.saveTop(context);
    machine.dry = true;
    let blocked = false;
    try {
      blocked = intrinsic.run(this.call) === PROGRESS.blocked;
    } catch (error) {
      if (!(error instanceof Violation || error instanceof Cut)) throw error;
    } finally {
      machine.dry = dry;
      machine.choice = choice;
      machine.choices = choices;
      machine.restart = restart;
    }
    const visible = machine.log.count > count || blocked;
    machine.log.truncate(count);
    machine.words.rewind(mark);
    return visible;
  }

  /* ---- code --------------------------------------------------------- */

  /** Runs until a visible operation, a call, a return, or (`single`) one operation. */
  #runCode(context: number, frame: number, first: boolean, single: boolean): Run | -1 {
    const words = this.#words;
    const func = this.#machine.program.functions[words[frame + FRAME.id]!]!;
    const code = func.code();
    const isReader = this.#isReader[func.index] === 1;
    let fresh = first;
    for (;;) {
      const insn = code.insns[words[frame + FRAME.pc]!]!;
      switch (insn.op) {
        case OP.load:
        case OP.store:
        case OP.rmw:
        case OP.cmpxchg:
          {
            const done = this.#accesses.run(context, frame, isReader, code, insn, fresh);
            if (done === 'blocked') return fresh ? RUN.blocked : RUN.parked;
            if (done === 'parked') return RUN.parked;
          }
          break;
        case OP.call:
          this.#runCall(context, frame, func, code, insn);
          return -1;
        case OP.ret:
          if (!fresh && this.frames.leavesSharedStack(context)) return RUN.parked;
          this.#runReturn(context, frame, func, code, insn);
          return -1;
        case OP.fence:
          if (!fresh && this.#machine.model.isUnfenced(this.#machine, context)) return RUN.parked;
          if (!this.#machine.model.passDrained(this.#machine, context)) return RUN.blocked;
          words[frame + FRAME.pc]!++;
          break;
        case OP.asm: {
          const lanes = this.lanes.forAssembly(frame, code);
          const half = words[frame + FRAME.half]!;
          const point = { lanes, context, where: func.name, fresh, half };
          const done = this.asm.run(insn.asm!, insn.dst, point);
          if (done === 'blocked') return fresh ? RUN.blocked : RUN.parked;
          if (done === 'parked') return RUN.parked;
          words[frame + FRAME.half] = done === 'half' ? 1 : 0;
          if (done === 'half') break;
          words[frame + FRAME.pc]!++;
          break;
        }
        case OP.trap:
          if (insn.text.startsWith('unreachable'))
            throw new Violation(
              'bug',
              `code that the compiler was told is unreachable was reached in ${func.name}`,
            );
          throw new UnsupportedError(`${func.name}: ${insn.text}`);
        default:
          this.#compute.run(context, frame, code, insn);
      }
      if (single) return -1;
      // A handler that is one step is parked nowhere.
      fresh = this.#machine.noticed >= 0;
      this.#count(context);
    }
  }

  /* ---- calls -------------------------------------------------------- */

  #runCall(context: number, frame: number, func: ProgramFunction, code: Code, insn: Insn): void {
    const target = insn.call!;
    const callee =
      target.name === null
        ? this.#indirect(frame, code, target.indirect!)
        : func.callee(target.name);
    if (this.#options.without === callee.name) {
      if (!this.#machine.dry) this.withoutCalls++;
      this.#returnTo(frame, this.#passed, 0);
      return;
    }
    const index = this.intrinsicOf(callee);
    if (index < 0 && callee.definition) {
      this.#callCode(context, frame, code, callee, target.arguments);
      return;
    }
    if (index < 0) {
      throw new UnsupportedError(
        `${func.name} calls ${callee.name}, which nothing provides: no linked module defines it and the machine has no intrinsic for it; link the module that does, or define it in the scenario`,
      );
    }
    const made = this.frames.pushIntrinsic(context, index, callee.index + 1);
    let lane = 0;
    for (const { refs } of target.arguments) {
      for (const ref of refs) {
        if (lane >= ARGUMENT_LANES)
          throw new UnsupportedError(`${callee.name} is called with too many arguments`);
        this.#copyLane(frame, code, ref, made + FRAME_HEADER + lane++ * LANE);
      }
    }
  }

  #copyLane(frame: number, code: Code, ref: Ref, to: number): void {
    this.#words[to] = this.lanes.low(frame, code, ref);
    this.#words[to + 1] = this.lanes.high(frame, code, ref);
    this.#words[to + 2] = this.lanes.shadow(frame, code, ref);
  }

  #indirect(frame: number, code: Code, ref: Ref): ProgramFunction {
    const shadow = this.lanes.shadow(frame, code, ref);
    if (shadow & TORN) throw new Violation('torn-entry', 'a torn value is called as a function');
    mustBeDefined(shadow, 'an uninitialised value is called as a function');
    const found = this.#machine.program.functionAt(
      join(this.lanes.low(frame, code, ref), this.lanes.high(frame, code, ref)),
    );
    if (!found) throw new Violation('wild-access', 'a call through a pointer that is no function');
    return found;
  }

  #callCode(
    context: number,
    frame: number,
    code: Code,
    callee: ProgramFunction,
    args: readonly CallArgument[],
  ): void {
    const count = this.#gather(frame, code, args);
    this.#enter(context, callee, this.#passed, count);
    if (args.some(({ byvalBytes }) => byvalBytes > 0)) this.#copyByValue(context, callee, args);
  }

  /** A struct passed in memory is the callee's own copy, on its stack. The caller's is private: unoptimised code makes it just before. */
  #copyByValue(context: number, callee: ProgramFunction, args: readonly CallArgument[]): void {
    const machine = this.#machine;
    const frame = this.frames.header(context, CONTEXT.frame);
    let lane = 0;
    for (const { refs, byvalBytes } of args) {
      const parameter = callee.code().parameters[lane];
      lane += refs.length;
      if (byvalBytes === 0 || !parameter) continue;
      const at = frame + parameter.at;
      const source = machine.resolve(
        this.#words[at]!,
        this.#words[at + 1]!,
        this.#words[at + 2]!,
        byvalBytes,
      );
      if (machine.isVisible(source, byvalBytes))
        throw new UnsupportedError(
          `${callee.name} is passed a struct by value from memory that other CPUs share; copy it to a local first`,
        );
      const address =
        machine.space.stackAddress(context) + BigInt(this.frames.reserveStack(context, byvalBytes));
      const copy = machine.resolve(
        Number(address & 0xffffffffn),
        Number(address >> 32n),
        0,
        byvalBytes,
      );
      machine.access(source, byvalBytes, READ, this.#words[at + 2]!);
      machine.access(copy, byvalBytes, WRITE, 0);
      for (let byte = 0; byte < byvalBytes; byte++) {
        machine.peek(source + byte, 1);
        machine.poke(copy + byte, 1, machine.low, 0, machine.shadow);
      }
      this.#words[at] = Number(address & 0xffffffffn);
      this.#words[at + 1] = Number(address >> 32n);
      this.#words[at + 2] = 0;
    }
  }

  /** Puts a call's results where the call wanted them and goes on behind it. `lanes`: low, high, shadow each, `count` words. */
  #returnTo(frame: number, lanes: ArrayLike<number>, count: number): void {
    const code = this.#machine.program.functions[this.#words[frame + FRAME.id]!]!.code();
    const insn = code.insns[this.#words[frame + FRAME.pc]!]!;
    const { results } = insn.call!;
    for (let lane = 0; lane < results.length; lane++) {
      const { at, bits } = results[lane]!;
      const from = lane * LANE;
      const known = from < count;
      this.#integers.truncate(known ? lanes[from]! : 0, known ? lanes[from + 1]! : 0, bits);
      const { low, high } = this.#integers;
      this.lanes.set(frame, at, low, high, known ? lanes[from + 2]! : 0);
    }
    if (insn.edges.length > 0) this.lanes.follow(frame, code, insn.edges[0]!);
    else this.#words[frame + FRAME.pc]!++;
  }

  #runReturn(context: number, frame: number, func: ProgramFunction, code: Code, insn: Insn): void {
    const count = this.#gather(frame, code, insn.call!.arguments);
    const passed = this.#passed;
    if (this.#isReader[func.index] && this.#machine.history)
      this.#judgeEntry(frame, code, passed, count);
    const below = this.frames.pop(context);
    if (below === 0) return;
    if (this.#words[below + FRAME.id]! & INTRINSIC_FRAME) {
      const result = below + FRAME_HEADER + ARGUMENT_LANES * LANE + CALLEE_RESULT;
      this.#words[result] = count > 0 ? passed[0]! : 0;
      this.#words[result + 1] = count > 0 ? passed[2]! : 0;
      return;
    }
    this.#returnTo(below, passed, count);
  }

  /**
   * A lockless reader returns an entry. If it is present and the entry never
   * held that value up to now, its halves are of two different entries. The
   * last partial load is in this very step: nothing visible lies between.
   */
  #judgeEntry(frame: number, code: Code, lanes: Uint32Array, count: number): void {
    const machine = this.#machine;
    const pointer = code.parameters[0]!.at;
    const at = machine.resolve(
      this.#words[frame + pointer]!,
      this.#words[frame + pointer + 1]!,
      this.#words[frame + pointer + 2]! & FLAGS_MASK,
      8,
    );
    // A copy on the stack is nobody else's: reading it in halves tears nothing,
    // and a torn value that was copied there is still marked.
    if (machine.space.frameOfPage[at >> 12]! < 0) return;
    const low = lanes[0]!;
    const high = count > LANE ? lanes[LANE]! : lanes[1]!;
    if (!(low & machine.arch.entryPresent) || machine.history!.has(at >> 3, low, high)) return;
    // What the context has stored itself it may find before anybody else does.
    const own = machine.model.ownView(machine, machine.context, at);
    if (own.low === low >>> 0 && own.high === high >>> 0) return;
    for (let lane = 2; lane < count; lane += LANE) lanes[lane]! |= TORN;
  }
}
