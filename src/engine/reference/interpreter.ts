import { COMMUTE, READ, WRITE } from '../../explore/system.ts';
import { HANDLER_NAME } from '../../machine/intrinsics/handler.ts';
import { INTRINSICS, intrinsicIndex } from '../../machine/intrinsics/index.ts';
import {
  ARGUMENT_LANES,
  Call,
  type Intrinsic,
  PROGRESS,
} from '../../machine/intrinsics/intrinsic.ts';
import type { Machine } from '../../machine/machine.ts';
import { FLAGS_MASK, joinShadows, TORN, UNDEFINED } from '../../machine/shadow.ts';
import { Cut, UnsupportedError, Violation } from '../../machine/violation.ts';
import {
  type CallArgument,
  type Code,
  type Edge,
  FRAME_HEADER,
  type Insn,
  LANE,
  OP,
  type Ref,
} from '../../program/code.ts';
import type { ProgramFunction } from '../../program/link.ts';
import { type AsmLanes, AsmRunner } from './asm.ts';
import { CONTEXT, DONE, FRAME, Frames, INTRINSIC_FRAME, RUNNING } from './frames.ts';
import { compareUnsigned, Integers, join } from './integers.ts';

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
/** Functions whose result is judged for torn entries. Source: include/linux/pgtable.h (6.12). */
const LOCKLESS_READERS = new Set(['pmdp_get_lockless', 'ptep_get_lockless']);

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
  readonly #machine: Machine;
  readonly #words: Uint32Array;
  readonly #integers = new Integers();
  readonly asm: AsmRunner;
  readonly #intrinsicOf: Int32Array;
  readonly #isReader: Uint8Array;
  readonly #options: InterpreterOptions;
  #private = 0;

  constructor(machine: Machine, options: InterpreterOptions) {
    this.#machine = machine;
    this.#words = machine.words.at;
    this.frames = new Frames(machine);
    this.call = new Call(machine);
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
    if (index === -2) index = this.#intrinsicOf[func.index] = intrinsicIndex(func.name);
    return index;
  }

  /** Starts a function in an empty context with the given argument lanes (low, high, shadow each). */
  start(context: number, func: ProgramFunction, lanes: readonly number[]): void {
    this.frames.setHeader(context, CONTEXT.status, RUNNING);
    this.#enter(context, func, lanes);
  }

  #enter(context: number, func: ProgramFunction, lanes: readonly number[]): void {
    const frame = this.frames.pushFunction(context, func);
    this.functionsRun.add(func);
    func.code().parameters.forEach(({ at }, lane) => {
      for (let word = 0; word < LANE; word++)
        this.#words[frame + at + word] = lanes[lane * LANE + word] ?? 0;
    });
  }

  /**
   * Runs a context. `first`: the operation it is parked at happens even if it
   * is visible. `single`: stop right after that operation.
   */
  run(context: number, first: boolean, single: boolean): Run {
    const words = this.#words;
    const contextAt = this.#machine.contextAt(context);
    this.#private = 0;
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
      if (single) return RUN.finished;
      fresh = false;
      if (++this.#private > PRIVATE_LIMIT)
        throw new Cut(`a step of more than ${PRIVATE_LIMIT} instructions: an endless loop?`);
    }
  }

  #finish(context: number): void {
    const machine = this.#machine;
    this.frames.setHeader(context, CONTEXT.status, DONE);
    if (context === machine.boot) return;
    const held = machine.heldLocks(context);
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
      const below = this.frames.pop(context);
      if (intrinsic.names[0] === HANDLER_NAME) {
        this.#leaveHandler(context);
        return -1;
      }
      if (below !== 0 && !(this.#words[below + FRAME.id]! & INTRINSIC_FRAME)) {
        this.#returnTo(below, [
          resultLow,
          resultHigh,
          resultShadow,
          resultSecond,
          0,
          resultShadow & UNDEFINED,
        ]);
      }
    }
    return -1;
  }

  /** Back from an interrupt: what was interrupted goes on where it stood. */
  #leaveHandler(context: number): void {
    this.frames.setHeader(
      context,
      CONTEXT.handler,
      this.frames.header(context, CONTEXT.handler) - 1,
    );
    this.frames.setHeader(context, CONTEXT.status, this.frames.header(context, CONTEXT.resume));
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

  #low(frame: number, code: Code, ref: Ref): number {
    return ref >= 0 ? this.#words[frame + ref]! : code.constants[~ref]!;
  }
  #high(frame: number, code: Code, ref: Ref): number {
    return ref >= 0 ? this.#words[frame + ref + 1]! : code.constants[~ref + 1]!;
  }
  #shadow(frame: number, code: Code, ref: Ref): number {
    return ref >= 0 ? this.#words[frame + ref + 2]! : code.constants[~ref + 2]!;
  }
  #set(frame: number, at: number, low: number, high: number, shadow: number): void {
    this.#words[frame + at] = low;
    this.#words[frame + at + 1] = high;
    this.#words[frame + at + 2] = shadow;
  }

  /** Runs until a visible operation, a call, a return, or (`single`) one operation. */
  #runCode(context: number, frame: number, first: boolean, single: boolean): Run | -1 {
    const words = this.#words;
    const func = this.#machine.program.functions[words[frame + FRAME.id]!]!;
    const code = func.code();
    let fresh = first;
    for (;;) {
      const insn = code.insns[words[frame + FRAME.pc]!]!;
      switch (insn.op) {
        case OP.load:
        case OP.store:
        case OP.rmw:
        case OP.cmpxchg:
          if (!this.#runMemory(frame, func, code, insn, fresh)) return RUN.parked;
          break;
        case OP.call:
          this.#runCall(context, frame, func, code, insn);
          return -1;
        case OP.ret:
          this.#runReturn(context, frame, func, code, insn);
          return -1;
        case OP.asm: {
          const lanes = this.lanesOf(frame, code);
          if (!this.asm.run(insn.asm!, lanes, context, func.name, fresh)) return RUN.parked;
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
          this.#runPure(context, frame, code, insn);
      }
      if (single) return -1;
      fresh = false;
      if (++this.#private > PRIVATE_LIMIT)
        throw new Cut(`a step of more than ${PRIVATE_LIMIT} instructions: an endless loop?`);
    }
  }

  /** The lanes of a frame, for inline assembly. */
  lanesOf(frame: number, code: Code): AsmLanes {
    return {
      low: (ref) => this.#low(frame, code, ref),
      high: (ref) => this.#high(frame, code, ref),
      shadow: (ref) => this.#shadow(frame, code, ref),
      set: (at, low, high, shadow) => this.#set(frame, at, low, high, shadow),
    };
  }

  #follow(frame: number, code: Code, edge: Edge): void {
    const { moves, target } = edge;
    if (moves.length === 2) this.#move(frame, code, moves[0]!, moves[1]!);
    else if (moves.length > 2) {
      // Phis read all their sources before any of them changes.
      const values: number[] = [];
      for (let i = 1; i < moves.length; i += 2) {
        const ref = moves[i]!;
        values.push(
          this.#low(frame, code, ref),
          this.#high(frame, code, ref),
          this.#shadow(frame, code, ref),
        );
      }
      for (let i = 0; i < moves.length; i += 2) {
        const at = (i / 2) * LANE;
        this.#set(frame, moves[i]!, values[at]!, values[at + 1]!, values[at + 2]!);
      }
    }
    this.#words[frame + FRAME.pc] = target;
  }

  #move(frame: number, code: Code, at: number, ref: Ref): void {
    this.#set(
      frame,
      at,
      this.#low(frame, code, ref),
      this.#high(frame, code, ref),
      this.#shadow(frame, code, ref),
    );
  }

  #runPure(context: number, frame: number, code: Code, insn: Insn): void {
    const words = this.#words;
    const integers = this.#integers;
    const { op, a, b, bits } = insn;
    switch (op) {
      case OP.br:
        this.#follow(frame, code, insn.edges[0]!);
        return;
      case OP.condbr:
        this.#mustBeDefined(
          this.#shadow(frame, code, a),
          'a branch depends on an uninitialised value',
        );
        this.#follow(frame, code, insn.edges[this.#low(frame, code, a) & 1 ? 0 : 1]!);
        return;
      case OP.switch: {
        this.#mustBeDefined(
          this.#shadow(frame, code, a),
          'a switch depends on an uninitialised value',
        );
        const low = this.#low(frame, code, a);
        const high = this.#high(frame, code, a);
        const index = insn.keys.findIndex(
          ([keyLow, keyHigh]) => keyLow === low && keyHigh === high,
        );
        this.#follow(frame, code, insn.edges[index + 1]!);
        return;
      }
      case OP.undefine:
        this.#set(frame, insn.dst, 0, 0, UNDEFINED);
        break;
      case OP.copy:
        this.#move(frame, code, insn.dst, a);
        break;
      case OP.freeze:
        this.#set(
          frame,
          insn.dst,
          this.#low(frame, code, a),
          this.#high(frame, code, a),
          this.#shadow(frame, code, a) & ~UNDEFINED,
        );
        break;
      case OP.select: {
        const condition = this.#shadow(frame, code, a);
        const chosen = this.#low(frame, code, a) & 1 ? b : insn.c;
        this.#set(
          frame,
          insn.dst,
          this.#low(frame, code, chosen),
          this.#high(frame, code, chosen),
          this.#shadow(frame, code, chosen) | (condition & UNDEFINED),
        );
        break;
      }
      case OP.alloca: {
        const address =
          this.#machine.space.stackAddress(context) +
          BigInt(words[frame + FRAME.stack]! + insn.scale);
        this.#set(frame, insn.dst, Number(address & 0xffffffffn), Number(address >> 32n), 0);
        break;
      }
      case OP.trunc:
      case OP.zext:
        integers.truncate(
          this.#low(frame, code, a),
          this.#high(frame, code, a),
          Math.min(bits, insn.bits2),
        );
        this.#set(frame, insn.dst, integers.low, integers.high, this.#shadow(frame, code, a));
        break;
      case OP.sext:
        integers.extend(this.#low(frame, code, a), this.#high(frame, code, a), insn.bits2, bits);
        this.#set(frame, insn.dst, integers.low, integers.high, this.#shadow(frame, code, a));
        break;
      case OP.scale: {
        integers.extend(this.#low(frame, code, b), this.#high(frame, code, b), insn.bits2, bits);
        integers.mul(
          integers.low,
          integers.high,
          insn.scale >>> 0,
          insn.scale < 0 ? 0xffffffff : 0,
          bits,
        );
        integers.add(
          this.#low(frame, code, a),
          this.#high(frame, code, a),
          integers.low,
          integers.high,
          bits,
        );
        this.#set(
          frame,
          insn.dst,
          integers.low,
          integers.high,
          joinShadows(this.#shadow(frame, code, a), this.#shadow(frame, code, b)),
        );
        break;
      }
      default:
        if (op >= OP.eq && op <= OP.sle) this.#compare(frame, code, insn);
        else this.#arithmetic(frame, code, insn);
    }
    words[frame + FRAME.pc]!++;
  }

  #mustBeDefined(shadow: number, text: string): void {
    if (shadow & UNDEFINED) throw new Violation('undefined-value', text);
  }

  /** The result says nothing about where a value came from: comparing a torn entry raises nothing. */
  #compare(frame: number, code: Code, insn: Insn): void {
    const { op, a, b, bits } = insn;
    const undefinedFlag = (this.#shadow(frame, code, a) | this.#shadow(frame, code, b)) & UNDEFINED;
    let al = this.#low(frame, code, a);
    let ah = this.#high(frame, code, a);
    let bl = this.#low(frame, code, b);
    let bh = this.#high(frame, code, b);
    if (op >= OP.sgt) {
      // Signed order is unsigned order with the sign bit flipped.
      this.#integers.extend(al, ah, bits, 64);
      al = this.#integers.low;
      ah = (this.#integers.high ^ 0x80000000) >>> 0;
      this.#integers.extend(bl, bh, bits, 64);
      bl = this.#integers.low;
      bh = (this.#integers.high ^ 0x80000000) >>> 0;
    }
    const order = compareUnsigned(al, ah, bl, bh);
    let truth: boolean;
    switch (op) {
      case OP.eq:
        truth = order === 0;
        break;
      case OP.ne:
        truth = order !== 0;
        break;
      case OP.ugt:
      case OP.sgt:
        truth = order > 0;
        break;
      case OP.uge:
      case OP.sge:
        truth = order >= 0;
        break;
      case OP.ult:
      case OP.slt:
        truth = order < 0;
        break;
      default:
        truth = order <= 0;
    }
    this.#set(frame, insn.dst, truth ? 1 : 0, 0, undefinedFlag);
  }

  #arithmetic(frame: number, code: Code, insn: Insn): void {
    const { op, a, b, bits } = insn;
    const integers = this.#integers;
    const al = this.#low(frame, code, a);
    const ah = this.#high(frame, code, a);
    const bl = this.#low(frame, code, b);
    const bh = this.#high(frame, code, b);
    let shadow = joinShadows(this.#shadow(frame, code, a), this.#shadow(frame, code, b));
    switch (op) {
      case OP.add:
        integers.add(al, ah, bl, bh, bits);
        break;
      case OP.sub:
        integers.sub(al, ah, bl, bh, bits);
        break;
      case OP.mul:
        integers.mul(al, ah, bl, bh, bits);
        break;
      case OP.and:
        integers.truncate(al & bl, ah & bh, bits);
        break;
      case OP.or:
        integers.truncate(al | bl, ah | bh, bits);
        break;
      case OP.xor:
        integers.truncate(al ^ bl, ah ^ bh, bits);
        break;
      case OP.shl:
      case OP.lshr:
      case OP.ashr:
        if (
          !integers.shift(
            op === OP.shl ? 'shl' : op === OP.lshr ? 'lshr' : 'ashr',
            al,
            ah,
            bl,
            bh,
            bits,
          )
        )
          shadow |= UNDEFINED;
        break;
      default: {
        const names = {
          [OP.udiv]: 'udiv',
          [OP.sdiv]: 'sdiv',
          [OP.urem]: 'urem',
          [OP.srem]: 'srem',
        } as const;
        if (!integers.divide(names[op]!, al, ah, bl, bh, bits))
          throw new Violation('bug', 'division by zero');
      }
    }
    this.#set(frame, insn.dst, integers.low, integers.high, shadow);
  }

  /* ---- memory ------------------------------------------------------- */

  /** Returns false where the access is visible and not this step's own. */
  #runMemory(
    frame: number,
    func: ProgramFunction,
    code: Code,
    insn: Insn,
    fresh: boolean,
  ): boolean {
    const machine = this.#machine;
    const pointer = insn.op === OP.store ? insn.b : insn.a;
    const size = Math.ceil(insn.bits / 8);
    const shadow = this.#shadow(frame, code, pointer);
    const at = machine.resolve(
      this.#low(frame, code, pointer),
      this.#high(frame, code, pointer),
      shadow,
      size,
    );
    const visible = machine.isVisible(at, size);
    if (visible && !fresh) return false;
    machine.inReader = this.#isReader[func.index] === 1;
    const split =
      visible &&
      size > machine.arch.atomicBytes &&
      !insn.whole &&
      (insn.op === OP.load || insn.op === OP.store);
    if (split) return this.#runHalf(frame, code, insn, at, shadow);
    switch (insn.op) {
      case OP.load:
        machine.access(at, size, READ, shadow);
        machine.peek(at, size);
        this.#finishLoad(frame, insn);
        break;
      case OP.store:
        this.#mustBePublishable(visible, this.#shadow(frame, code, insn.a));
        machine.access(at, size, WRITE, shadow);
        machine.poke(
          at,
          size,
          this.#low(frame, code, insn.a),
          this.#high(frame, code, insn.a),
          this.#shadow(frame, code, insn.a),
        );
        break;
      case OP.rmw:
        this.#runUpdate(frame, code, insn, at, size, shadow);
        break;
      default:
        this.#runCompareExchange(frame, code, insn, at, size, shadow);
    }
    this.#words[frame + FRAME.pc]!++;
    return true;
  }

  /** One half of an access wider than the machine's. The other half is the next step; which comes first is a choice. */
  #runHalf(frame: number, code: Code, insn: Insn, at: number, shadow: number): boolean {
    const machine = this.#machine;
    const words = this.#words;
    const done = words[frame + FRAME.half]!;
    const second = done === 0 ? machine.choose(2) === 1 : done === 1;
    const half = at + (second ? 4 : 0);
    const mode = insn.op === OP.load ? READ : WRITE;
    machine.access(half, 4, mode, shadow);
    if (insn.op === OP.load) {
      machine.peek(half, 4);
      const lane = frame + insn.dst;
      if (done === 0) this.#set(frame, insn.dst, 0, 0, 0);
      words[lane + (second ? 1 : 0)] = machine.low;
      words[lane + 2] = joinShadows(words[lane + 2]!, machine.shadow);
    } else {
      this.#mustBePublishable(true, this.#shadow(frame, code, insn.a));
      machine.poke(
        half,
        4,
        second ? this.#high(frame, code, insn.a) : this.#low(frame, code, insn.a),
        0,
        this.#shadow(frame, code, insn.a),
      );
    }
    if (done === 0) words[frame + FRAME.half] = second ? 2 : 1;
    else {
      words[frame + FRAME.half] = 0;
      words[frame + FRAME.pc]!++;
    }
    return true;
  }

  #mustBePublishable(visible: boolean, shadow: number): void {
    if (visible)
      this.#mustBeDefined(shadow, 'an uninitialised value is stored where others can read it');
  }

  #finishLoad(frame: number, insn: Insn): void {
    const { low, high } = this.#machine;
    let { shadow } = this.#machine;
    if (insn.range) {
      const value = join(low, high);
      const inside = insn.range.some(([from, to]) =>
        from <= to ? value >= from && value < to : value >= from || value < to,
      );
      if (!inside) shadow |= UNDEFINED;
    }
    this.#integers.truncate(low, high, insn.bits);
    this.#set(frame, insn.dst, this.#integers.low, this.#integers.high, shadow);
  }

  #runUpdate(
    frame: number,
    code: Code,
    insn: Insn,
    at: number,
    size: number,
    shadow: number,
  ): void {
    const machine = this.#machine;
    const commutes =
      this.#options.commutingAdds && insn.unused && (insn.text === 'add' || insn.text === 'sub');
    machine.access(at, size, commutes ? COMMUTE + size : WRITE, shadow);
    machine.peek(at, size);
    const { low, high, shadow: oldShadow } = machine;
    const bl = this.#low(frame, code, insn.b);
    const bh = this.#high(frame, code, insn.b);
    const integers = this.#integers;
    switch (insn.text) {
      case 'xchg':
        integers.truncate(bl, bh, insn.bits);
        break;
      case 'add':
        integers.add(low, high, bl, bh, insn.bits);
        break;
      case 'sub':
        integers.sub(low, high, bl, bh, insn.bits);
        break;
      case 'and':
        integers.truncate(low & bl, high & bh, insn.bits);
        break;
      case 'or':
        integers.truncate(low | bl, high | bh, insn.bits);
        break;
      case 'xor':
        integers.truncate(low ^ bl, high ^ bh, insn.bits);
        break;
      default:
        throw new UnsupportedError(`atomicrmw ${insn.text} is not run by this engine`);
    }
    const operand = this.#shadow(frame, code, insn.b);
    machine.poke(
      at,
      size,
      integers.low,
      integers.high,
      insn.text === 'xchg' ? operand : joinShadows(oldShadow, operand),
    );
    this.#set(frame, insn.dst, low, high, oldShadow);
  }

  #runCompareExchange(
    frame: number,
    code: Code,
    insn: Insn,
    at: number,
    size: number,
    shadow: number,
  ): void {
    const machine = this.#machine;
    machine.peek(at, size);
    const { low, high, shadow: oldShadow } = machine;
    const same = low === this.#low(frame, code, insn.b) && high === this.#high(frame, code, insn.b);
    // A failing one only reads: what it promises holds until somebody writes there.
    machine.access(at, size, same ? WRITE : READ, shadow);
    if (same)
      machine.poke(
        at,
        size,
        this.#low(frame, code, insn.c),
        this.#high(frame, code, insn.c),
        this.#shadow(frame, code, insn.c),
      );
    this.#set(frame, insn.dst, low, high, oldShadow);
    this.#set(frame, insn.dst + LANE, same ? 1 : 0, 0, 0);
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
      this.#returnTo(frame, []);
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
    this.#words[to] = this.#low(frame, code, ref);
    this.#words[to + 1] = this.#high(frame, code, ref);
    this.#words[to + 2] = this.#shadow(frame, code, ref);
  }

  #indirect(frame: number, code: Code, ref: Ref): ProgramFunction {
    const shadow = this.#shadow(frame, code, ref);
    if (shadow & TORN) throw new Violation('torn-entry', 'a torn value is called as a function');
    this.#mustBeDefined(shadow, 'an uninitialised value is called as a function');
    const found = this.#machine.program.functionAt(
      join(this.#low(frame, code, ref), this.#high(frame, code, ref)),
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
    const lanes: number[] = [];
    for (const { refs } of args)
      for (const ref of refs)
        lanes.push(
          this.#low(frame, code, ref),
          this.#high(frame, code, ref),
          this.#shadow(frame, code, ref),
        );
    this.#enter(context, callee, lanes);
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

  /** Puts a call's results where the call wanted them and goes on behind it. `lanes`: low, high, shadow each. */
  #returnTo(frame: number, lanes: readonly number[]): void {
    const code = this.#machine.program.functions[this.#words[frame + FRAME.id]!]!.code();
    const insn = code.insns[this.#words[frame + FRAME.pc]!]!;
    insn.call!.results.forEach(({ at, bits }, lane) => {
      this.#integers.truncate(lanes[lane * LANE] ?? 0, lanes[lane * LANE + 1] ?? 0, bits);
      this.#set(frame, at, this.#integers.low, this.#integers.high, lanes[lane * LANE + 2] ?? 0);
    });
    if (insn.edges.length > 0) this.#follow(frame, code, insn.edges[0]!);
    else this.#words[frame + FRAME.pc]!++;
  }

  #runReturn(context: number, frame: number, func: ProgramFunction, code: Code, insn: Insn): void {
    const lanes: number[] = [];
    for (const { refs } of insn.call!.arguments) {
      for (const ref of refs)
        lanes.push(
          this.#low(frame, code, ref),
          this.#high(frame, code, ref),
          this.#shadow(frame, code, ref),
        );
    }
    if (this.#isReader[func.index] && this.#machine.history) this.#judgeEntry(frame, code, lanes);
    const below = this.frames.pop(context);
    if (below === 0) return;
    if (this.#words[below + FRAME.id]! & INTRINSIC_FRAME) return;
    this.#returnTo(below, lanes);
  }

  /**
   * A lockless reader returns an entry. If it is present and the entry never
   * held that value up to now, its halves are of two different entries. The
   * last partial load is in this very step: nothing visible lies between.
   */
  #judgeEntry(frame: number, code: Code, lanes: number[]): void {
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
    const [low, high] = lanes.length > LANE ? [lanes[0]!, lanes[LANE]!] : [lanes[0]!, lanes[1]!];
    if (!(low & machine.arch.entryPresent) || machine.history!.has(at >> 3, low, high)) return;
    for (let lane = 2; lane < lanes.length; lane += LANE) lanes[lane]! |= TORN;
  }
}
