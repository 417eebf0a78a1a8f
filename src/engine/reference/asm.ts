import { READ, WRITE } from '../../explore/system.ts';
import {
  type AsmConstraint,
  type AsmEffect,
  type AsmIo,
  normalizeTemplate,
  parseConstraints,
} from '../../machine/asm.ts';
import type { Machine } from '../../machine/machine.ts';
import { hexText, UNDEFINED } from '../../machine/shadow.ts';
import { UnsupportedError, Violation } from '../../machine/violation.ts';
import type { InlineAsmCall } from '../../program/code.ts';

/** Reads and writes the lanes of one frame. */
export interface AsmLanes {
  low(ref: number): number;
  high(ref: number): number;
  shadow(ref: number): number;
  set(at: number, low: number, high: number, shadow: number): void;
}

type MemoryEffect = AsmEffect & { readonly kind: 'memory' };

/** Where and how a template runs. */
export interface AsmPoint {
  readonly lanes: AsmLanes;
  readonly context: number;
  readonly where: string;
  /** It is this step's own operation. */
  readonly fresh: boolean;
  readonly half: number;
}

export type AsmOutcome = 'done' | 'parked' | 'blocked' | 'half';

interface Known {
  readonly effect: AsmEffect;
  readonly constraints: readonly AsmConstraint[];
}

/** Runs inline assembly. What a template does is found once and kept. */
export class AsmRunner {
  readonly #machine: Machine;
  readonly #known = new Map<InlineAsmCall, Known>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /**
   * `half`: 1 where the read of an update without lock prefix is done and its
   * write is to come; the value read is in the lane `held` then.
   */
  run(asm: InlineAsmCall, held: number, at: AsmPoint): AsmOutcome {
    const { effect, constraints } = this.#find(asm, at.where);
    const io = new Operands(asm, constraints, at.lanes);
    switch (effect.kind) {
      case 'nothing':
        return 'done';
      case 'registers':
        effect.apply(io);
        return 'done';
      case 'fence': {
        if (!at.fresh && this.#machine.model.isUnfenced(this.#machine, at.context)) return 'parked';
        return this.#machine.model.passDrained(this.#machine, at.context) ? 'done' : 'blocked';
      }
      case 'bug': {
        const warns = effect.warning >= 0 && (io.inputLow(effect.warning) & 1) === 1;
        throw new Violation(
          warns ? 'warn' : 'bug',
          `${warns ? 'WARN_ON' : 'BUG_ON'} reached in ${at.where}`,
        );
      }
      case 'flags':
        throw new UnsupportedError(
          `${at.where}: the interrupt flag is changed by inline assembly; call arch_local_irq_disable and its like`,
        );
      case 'memory':
        return this.#access(effect, io, held, at);
    }
  }

  #access(effect: MemoryEffect, io: Operands, held: number, point: AsmPoint): AsmOutcome {
    const machine = this.#machine;
    const { context, lanes } = point;
    const place = this.#placeOf(effect, io, context);
    const shared = machine.isVisible(place, effect.bytes);
    const visible = shared || (effect.locked && machine.model.isUnfenced(machine, context));
    if (visible && !point.fresh) return 'parked';
    if (effect.locked) {
      if (!machine.model.passDrained(machine, context)) return 'blocked';
      this.#update(effect, io, place, shared);
      return 'done';
    }
    const shadow = io.inputShadow(effect.operand);
    if (point.half === 1) io.take(lanes.low(held), lanes.high(held), lanes.shadow(held));
    else if (effect.reads) {
      if (!machine.model.load(machine, context, place, effect.bytes, shadow)) return 'blocked';
      io.take(machine.low, machine.high, machine.shadow);
      // Without the prefix another CPU may come between the read and the
      // write. Of a CPU's own data only its interrupts could, and they do not.
      if (effect.writes && shared && !effect.perCpu) {
        lanes.set(held, io.low, io.high, io.shadow);
        return 'half';
      }
    }
    const stored = effect.apply(io);
    if (!effect.writes || stored === null) return 'done';
    const [low, high, valueShadow] = stored;
    this.#mustBePublishable(shared, valueShadow);
    const store = { at: place, size: effect.bytes, low, high, shadow: valueShadow };
    machine.model.store(machine, context, { ...store, pointerShadow: shadow, opens: false });
    return 'done';
  }

  /** A locked operation: memory itself, at once. */
  #update(effect: MemoryEffect, io: Operands, place: number, shared: boolean): void {
    const machine = this.#machine;
    machine.peek(place, effect.bytes);
    io.take(machine.low, machine.high, machine.shadow);
    const stored = effect.apply(io);
    const writes = effect.writes && stored !== null;
    // A compare-and-exchange that fails only reads.
    machine.access(place, effect.bytes, writes ? WRITE : READ, io.inputShadow(effect.operand));
    if (!writes) return;
    this.#mustBePublishable(shared, stored[2]);
    machine.poke(place, effect.bytes, stored[0], stored[1], stored[2]);
  }

  #mustBePublishable(shared: boolean, shadow: number): void {
    if (!shared || !(shadow & UNDEFINED)) return;
    throw new Violation(
      'undefined-value',
      'an uninitialised value is stored where others can read it',
    );
  }

  /** What it would do now, in words. Changes nothing but the lanes that `lanes` lets it set. */
  describe(asm: InlineAsmCall, lanes: AsmLanes, context: number): string {
    const machine = this.#machine;
    const { effect, constraints } = this.#find(asm, '');
    const text = normalizeTemplate(asm.template);
    if (effect.kind !== 'memory') return `asm: ${text}`;
    const io = new Operands(asm, constraints, lanes);
    const at = this.#placeOf(effect, io, context);
    const name = machine.space.nameOf(at);
    machine.peek(at, effect.bytes);
    io.low = machine.low;
    io.high = machine.high;
    io.shadow = machine.shadow;
    const old = hexText(io.low, io.high);
    const stored = effect.apply(io);
    const mnemonic = /^(?:lock;? ?)?(\w+)/.exec(text)?.[1] ?? text;
    if (stored === null)
      return mnemonic.startsWith('cmpxchg')
        ? `${mnemonic} ${name} fails: ${old}`
        : `read ${name}: ${old}`;
    return effect.writes
      ? `${mnemonic} ${name}: ${old} -> ${hexText(stored[0], stored[1])}`
      : `${mnemonic} ${name}: ${old}`;
  }

  #find(asm: InlineAsmCall, where: string): Known {
    let known = this.#known.get(asm);
    if (!known) {
      const effect = this.#machine.arch.assembly(asm.template, asm.constraints);
      if (!effect)
        throw new UnsupportedError(
          `${where}: inline assembly is not known: "${asm.template.trim()}" with "${asm.constraints}"; bind the function as an intrinsic, or add the template`,
        );
      known = { effect, constraints: parseConstraints(asm.constraints) };
      this.#known.set(asm, known);
    }
    return known;
  }

  #placeOf(effect: MemoryEffect, io: Operands, context: number): number {
    const machine = this.#machine;
    let low = io.inputLow(effect.operand);
    let high = io.inputHigh(effect.operand);
    if (effect.perCpu) {
      const address = BigInt.asUintN(
        machine.arch.target.pointerBits,
        ((BigInt(high) << 32n) | BigInt(low)) + machine.perCpuOffset(machine.cpuOf(context)),
      );
      low = Number(address & 0xffffffffn);
      high = Number(address >> 32n);
    }
    return machine.resolve(low, high, io.inputShadow(effect.operand), effect.bytes);
  }
}

class Operands implements AsmIo {
  low = 0;
  high = 0;
  shadow = 0;
  readonly #asm: InlineAsmCall;
  readonly #constraints: readonly AsmConstraint[];
  readonly #lanes: AsmLanes;

  constructor(asm: InlineAsmCall, constraints: readonly AsmConstraint[], lanes: AsmLanes) {
    this.#asm = asm;
    this.#constraints = constraints;
    this.#lanes = lanes;
  }

  take(low: number, high: number, shadow: number): void {
    this.low = low;
    this.high = high;
    this.shadow = shadow;
  }

  #ref(index: number): number {
    return this.#asm.operands[this.#constraints[index]!.argument]!.ref;
  }
  inputLow(index: number): number {
    return this.#lanes.low(this.#ref(index));
  }
  inputHigh(index: number): number {
    return this.#lanes.high(this.#ref(index));
  }
  inputShadow(index: number): number {
    return this.#lanes.shadow(this.#ref(index));
  }
  setResult(index: number, low: number, high: number, shadow: number): void {
    const result = this.#asm.results[this.#constraints[index]!.result];
    if (result) this.#lanes.set(result.at, low, high, shadow);
  }
  setFlags(flags: { zero?: boolean; carry?: boolean; sign?: boolean }): void {
    const truth: Record<string, boolean | undefined> = {
      e: flags.zero,
      z: flags.zero,
      c: flags.carry,
      s: flags.sign,
    };
    for (const { text, result } of this.#constraints) {
      const found = /^@cc(n?)(\w+)$/.exec(text);
      if (!found || result < 0) continue;
      const flag = truth[found[2]!];
      if (flag === undefined)
        throw new UnsupportedError(`condition flag ${text} of inline assembly is not known here`);
      this.#lanes.set(this.#asm.results[result]!.at, flag === (found[1] === '') ? 1 : 0, 0, 0);
    }
  }
}
