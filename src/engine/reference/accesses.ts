import { COMMUTE, READ, WRITE } from '../../explore/system.ts';
import type { Machine } from '../../machine/machine.ts';
import { joinShadows, UNDEFINED } from '../../machine/shadow.ts';
import { UnsupportedError } from '../../machine/violation.ts';
import { type Code, type Insn, LANE, OP } from '../../program/code.ts';
import { FRAME } from './frames.ts';
import { Integers, join } from './integers.ts';
import { type Lanes, mustBeDefined } from './lanes.ts';

/** What came of an access. */
export type Accessed = 'done' | 'parked' | 'blocked';

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

  /** `parked`: the access is visible and not this step's own. `blocked`: it is, and must wait. */
  run(
    context: number,
    frame: number,
    isReader: boolean,
    code: Code,
    insn: Insn,
    fresh: boolean,
  ): Accessed {
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
    const locked = insn.op === OP.rmw || insn.op === OP.cmpxchg || insn.ordered;
    const visible =
      machine.isVisible(at, size) || (locked && machine.model.isUnfenced(machine, context));
    if (visible && !fresh) return 'parked';
    if (locked && !machine.model.passDrained(machine, context)) return 'blocked';
    machine.inReader = isReader;
    const split =
      visible &&
      size > machine.arch.atomicBytes &&
      machine.mutation !== 'wide-in-one-step' &&
      (machine.noticed < 0 || machine.isPlaceCrossed(at, size)) &&
      !insn.whole &&
      (insn.op === OP.store || (insn.op === OP.load && !this.#isWhole(context, frame, at)));
    if (split) return this.#runHalf(context, frame, code, insn, at, shadow);
    switch (insn.op) {
      case OP.load:
        if (!machine.model.load(machine, context, at, size, shadow)) return 'blocked';
        this.#finishLoad(frame, insn);
        break;
      case OP.store:
        this.#mustBePublishable(visible, this.#lanes.shadow(frame, code, insn.a));
        this.#store(context, at, size, insn, frame, code, shadow, locked);
        break;
      case OP.rmw:
        this.#runUpdate(frame, code, insn, at, size, shadow);
        break;
      default:
        this.#runCompareExchange(frame, code, insn, at, size, shadow);
    }
    this.#words[frame + FRAME.pc]!++;
    return 'done';
  }

  /** A wide load that is half done goes on in halves, whatever has been learnt meanwhile. */
  #isWhole(context: number, frame: number, at: number): boolean {
    return this.#words[frame + FRAME.half] === 0 && this.#machine.isWholeLoad(context, at);
  }

  /** A sequentially consistent store is an exchange on x86: the buffer is empty, and memory has it at once. */
  #store(
    context: number,
    at: number,
    size: number,
    insn: Insn,
    frame: number,
    code: Code,
    pointerShadow: number,
    locked: boolean,
  ): void {
    const machine = this.#machine;
    const low = this.#lanes.low(frame, code, insn.a);
    const high = this.#lanes.high(frame, code, insn.a);
    const shadow = this.#lanes.shadow(frame, code, insn.a);
    if (locked) {
      machine.access(at, size, WRITE, pointerShadow);
      machine.poke(at, size, low, high, shadow);
    } else {
      const store = { at, size, low, high, shadow, pointerShadow, opens: false };
      machine.model.store(machine, context, store);
    }
  }

  /** One half of an access wider than the machine's. The other half is the next step; which comes first is a choice. */
  #runHalf(
    context: number,
    frame: number,
    code: Code,
    insn: Insn,
    at: number,
    shadow: number,
  ): Accessed {
    const machine = this.#machine;
    const words = this.#words;
    const done = words[frame + FRAME.half]!;
    const second = done === 0 ? machine.choose(2) === 1 : done === 1;
    const whole = Math.ceil(insn.bits / 8);
    const half = machine.halfAt(at, whole, second);
    const size = second ? whole - 4 : 4;
    if (insn.op === OP.load) {
      if (!machine.model.load(machine, context, half, size, shadow)) return 'blocked';
      const lane = frame + insn.dst;
      if (done === 0) this.#lanes.set(frame, insn.dst, 0, 0, 0);
      words[lane + (second ? 1 : 0)] = machine.low;
      words[lane + 2] = joinShadows(words[lane + 2]!, machine.shadow);
    } else {
      const stored = this.#lanes.shadow(frame, code, insn.a);
      this.#mustBePublishable(true, stored);
      const low = second
        ? this.#lanes.high(frame, code, insn.a)
        : this.#lanes.low(frame, code, insn.a);
      const store = { at: half, size, low, high: 0, shadow: stored, pointerShadow: shadow };
      machine.model.store(machine, context, { ...store, opens: false });
    }
    if (done === 0) words[frame + FRAME.half] = second ? 2 : 1;
    else {
      words[frame + FRAME.half] = 0;
      words[frame + FRAME.pc]!++;
    }
    return 'done';
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
    mustBeDefined(
      oldShadow | this.#lanes.shadow(frame, code, insn.b),
      'an uninitialised value is compared and exchanged',
    );
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
