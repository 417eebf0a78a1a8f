import { COMMUTE, READ, WRITE } from '../../explore/system.ts';
import type { Machine } from '../../machine/machine.ts';
import { joinShadows, UNDEFINED } from '../../machine/shadow.ts';
import { UnsupportedError } from '../../machine/violation.ts';
import { type Code, type Insn, LANE, OP } from '../../program/code.ts';
import { FRAME } from './frames.ts';
import { Integers, join } from './integers.ts';
import { type Lanes, mustBeDefined } from './lanes.ts';

/** Loads, stores and atomic updates: the instructions that others can notice. */
export class Accesses {
  readonly #machine: Machine;
  readonly #words: Uint32Array;
  readonly #lanes: Lanes;
  readonly #integers = new Integers();
  readonly #commutingAdds: boolean;

  constructor(machine: Machine, lanes: Lanes, commutingAdds: boolean) {
    this.#machine = machine;
    this.#words = machine.words.at;
    this.#lanes = lanes;
    this.#commutingAdds = commutingAdds;
  }

  /** Returns false where the access is visible and not this step's own. */
  run(frame: number, isReader: boolean, code: Code, insn: Insn, fresh: boolean): boolean {
    const machine = this.#machine;
    const pointer = insn.op === OP.store ? insn.b : insn.a;
    const size = Math.ceil(insn.bits / 8);
    const shadow = this.#lanes.shadow(frame, code, pointer);
    const at = machine.resolve(
      this.#lanes.low(frame, code, pointer),
      this.#lanes.high(frame, code, pointer),
      shadow,
      size,
    );
    const visible = machine.isVisible(at, size);
    if (visible && !fresh) return false;
    machine.inReader = isReader;
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
        this.#mustBePublishable(visible, this.#lanes.shadow(frame, code, insn.a));
        machine.access(at, size, WRITE, shadow);
        machine.poke(
          at,
          size,
          this.#lanes.low(frame, code, insn.a),
          this.#lanes.high(frame, code, insn.a),
          this.#lanes.shadow(frame, code, insn.a),
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
      if (done === 0) this.#lanes.set(frame, insn.dst, 0, 0, 0);
      words[lane + (second ? 1 : 0)] = machine.low;
      words[lane + 2] = joinShadows(words[lane + 2]!, machine.shadow);
    } else {
      this.#mustBePublishable(true, this.#lanes.shadow(frame, code, insn.a));
      machine.poke(
        half,
        4,
        second ? this.#lanes.high(frame, code, insn.a) : this.#lanes.low(frame, code, insn.a),
        0,
        this.#lanes.shadow(frame, code, insn.a),
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
    if (visible) mustBeDefined(shadow, 'an uninitialised value is stored where others can read it');
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
    this.#lanes.set(frame, insn.dst, this.#integers.low, this.#integers.high, shadow);
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
      this.#commutingAdds && insn.unused && (insn.text === 'add' || insn.text === 'sub');
    machine.access(at, size, commutes ? COMMUTE + size : WRITE, shadow);
    machine.peek(at, size);
    const { low, high, shadow: oldShadow } = machine;
    const bl = this.#lanes.low(frame, code, insn.b);
    const bh = this.#lanes.high(frame, code, insn.b);
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
    const operand = this.#lanes.shadow(frame, code, insn.b);
    machine.poke(
      at,
      size,
      integers.low,
      integers.high,
      insn.text === 'xchg' ? operand : joinShadows(oldShadow, operand),
    );
    this.#lanes.set(frame, insn.dst, low, high, oldShadow);
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
    const same =
      low === this.#lanes.low(frame, code, insn.b) &&
      high === this.#lanes.high(frame, code, insn.b);
    // A failing one only reads: what it promises holds until somebody writes there.
    machine.access(at, size, same ? WRITE : READ, shadow);
    if (same)
      machine.poke(
        at,
        size,
        this.#lanes.low(frame, code, insn.c),
        this.#lanes.high(frame, code, insn.c),
        this.#lanes.shadow(frame, code, insn.c),
      );
    this.#lanes.set(frame, insn.dst, low, high, oldShadow);
    this.#lanes.set(frame, insn.dst + LANE, same ? 1 : 0, 0, 0);
  }
}
