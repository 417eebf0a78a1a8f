import type { Machine } from '../../machine/machine.ts';
import { joinShadows, UNDEFINED } from '../../machine/shadow.ts';
import { Cut, Violation } from '../../machine/violation.ts';
import { type Code, type Insn, OP } from '../../program/code.ts';
import { FRAME } from './frames.ts';
import { compareUnsigned, Integers } from './integers.ts';
import { type Lanes, mustBeDefined } from './lanes.ts';

/** Instructions that touch lanes only: arithmetic, comparisons, casts, jumps. */
export class Compute {
  readonly #words: Uint32Array;
  readonly #lanes: Lanes;
  readonly #integers = new Integers();
  /** Halves of the address of each context's stack. */
  readonly #stackLow: readonly number[];
  readonly #stackHigh: readonly number[];

  constructor(machine: Machine, lanes: Lanes) {
    const stacks = Array.from({ length: machine.contextCount }, (_, context) =>
      machine.space.stackAddress(context),
    );
    this.#stackLow = stacks.map((address) => Number(address & 0xffffffffn));
    this.#stackHigh = stacks.map((address) => Number(address >> 32n));
    this.#words = machine.words.at;
    this.#lanes = lanes;
  }

  run(context: number, frame: number, code: Code, insn: Insn): void {
    const words = this.#words;
    const integers = this.#integers;
    const { op, a, b, bits } = insn;
    switch (op) {
      case OP.br:
        this.#lanes.follow(frame, code, insn.edges[0]!);
        return;
      case OP.condbr:
        mustBeDefined(
          this.#lanes.shadow(frame, code, a),
          'a branch depends on an uninitialised value',
        );
        this.#lanes.follow(frame, code, insn.edges[this.#lanes.low(frame, code, a) & 1 ? 0 : 1]!);
        return;
      case OP.switch: {
        mustBeDefined(
          this.#lanes.shadow(frame, code, a),
          'a switch depends on an uninitialised value',
        );
        const low = this.#lanes.low(frame, code, a);
        const high = this.#lanes.high(frame, code, a);
        const index = insn.keys.findIndex(
          ([keyLow, keyHigh]) => keyLow === low && keyHigh === high,
        );
        this.#lanes.follow(frame, code, insn.edges[index + 1]!);
        return;
      }
      case OP.undefine:
        this.#lanes.set(frame, insn.dst, 0, 0, UNDEFINED);
        break;
      case OP.copy:
        this.#lanes.move(frame, code, insn.dst, a);
        break;
      case OP.freeze:
        // It may be any value from here on, and only one is run.
        if (this.#lanes.shadow(frame, code, a) & UNDEFINED)
          throw new Cut('an uninitialised value is frozen: one of many is explored');
        this.#lanes.set(
          frame,
          insn.dst,
          this.#lanes.low(frame, code, a),
          this.#lanes.high(frame, code, a),
          this.#lanes.shadow(frame, code, a),
        );
        break;
      case OP.select: {
        const condition = this.#lanes.shadow(frame, code, a);
        const chosen = this.#lanes.low(frame, code, a) & 1 ? b : insn.c;
        this.#lanes.set(
          frame,
          insn.dst,
          this.#lanes.low(frame, code, chosen),
          this.#lanes.high(frame, code, chosen),
          this.#lanes.shadow(frame, code, chosen) | (condition & UNDEFINED),
        );
        break;
      }
      case OP.alloca: {
        const low = this.#stackLow[context]! + words[frame + FRAME.stack]! + insn.scale;
        const high = this.#stackHigh[context]! + (low > 0xffffffff ? 1 : 0);
        this.#lanes.set(frame, insn.dst, low, high, 0);
        break;
      }
      case OP.trunc:
      case OP.zext:
        integers.truncate(
          this.#lanes.low(frame, code, a),
          this.#lanes.high(frame, code, a),
          Math.min(bits, insn.bits2),
        );
        this.#lanes.set(
          frame,
          insn.dst,
          integers.low,
          integers.high,
          this.#lanes.shadow(frame, code, a),
        );
        break;
      case OP.sext:
        integers.extend(
          this.#lanes.low(frame, code, a),
          this.#lanes.high(frame, code, a),
          insn.bits2,
          bits,
        );
        this.#lanes.set(
          frame,
          insn.dst,
          integers.low,
          integers.high,
          this.#lanes.shadow(frame, code, a),
        );
        break;
      case OP.scale: {
        integers.extend(
          this.#lanes.low(frame, code, b),
          this.#lanes.high(frame, code, b),
          insn.bits2,
          bits,
        );
        integers.mul(
          integers.low,
          integers.high,
          insn.scale >>> 0,
          insn.scale < 0 ? 0xffffffff : 0,
          bits,
        );
        integers.add(
          this.#lanes.low(frame, code, a),
          this.#lanes.high(frame, code, a),
          integers.low,
          integers.high,
          bits,
        );
        this.#lanes.set(
          frame,
          insn.dst,
          integers.low,
          integers.high,
          joinShadows(this.#lanes.shadow(frame, code, a), this.#lanes.shadow(frame, code, b)),
        );
        break;
      }
      default:
        if (op >= OP.eq && op <= OP.sle) this.#compare(frame, code, insn);
        else this.#arithmetic(frame, code, insn);
    }
    words[frame + FRAME.pc]!++;
  }

  /** The result says nothing about where a value came from: comparing a torn entry raises nothing. */
  #compare(frame: number, code: Code, insn: Insn): void {
    const { op, a, b, bits } = insn;
    const undefinedFlag =
      (this.#lanes.shadow(frame, code, a) | this.#lanes.shadow(frame, code, b)) & UNDEFINED;
    let al = this.#lanes.low(frame, code, a);
    let ah = this.#lanes.high(frame, code, a);
    let bl = this.#lanes.low(frame, code, b);
    let bh = this.#lanes.high(frame, code, b);
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
    this.#lanes.set(frame, insn.dst, truth ? 1 : 0, 0, undefinedFlag);
  }

  #arithmetic(frame: number, code: Code, insn: Insn): void {
    const { op, a, b, bits } = insn;
    const integers = this.#integers;
    const al = this.#lanes.low(frame, code, a);
    const ah = this.#lanes.high(frame, code, a);
    const bl = this.#lanes.low(frame, code, b);
    const bh = this.#lanes.high(frame, code, b);
    let shadow = joinShadows(
      this.#lanes.shadow(frame, code, a),
      this.#lanes.shadow(frame, code, b),
    );
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
    this.#lanes.set(frame, insn.dst, integers.low, integers.high, shadow);
  }
}
