import {
  type AsmConstraint,
  type AsmEffect,
  type AsmIo,
  normalizeTemplate,
  parseConstraints,
} from '../asm.ts';
import { joinShadows } from '../shadow.ts';

/**
 * The x86 templates of mm/ and what they call. Source: Intel SDM volume 2;
 * the templates themselves come from arch/x86/include/asm (6.12). One
 * instruction is one access, locked or not: per-CPU operations without a lock
 * prefix are whole with respect to interrupts of their own CPU.
 */

/** EFLAGS: the interrupt flag, and bit 1, which is always set. */
export const X86_SAVED_FLAGS = { on: 0x202n, off: 0x2n } as const;

type Value = readonly [low: number, high: number];
type Compute = (left: Value, right: Value, bits: number) => Value;

const mask = (value: bigint, bits: number): Value => {
  const reduced = BigInt.asUintN(bits, value);
  return [Number(reduced & 0xffffffffn), Number(reduced >> 32n)];
};
const big = ([low, high]: Value): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

const ARITHMETIC: Readonly<Record<string, Compute>> = {
  add: (a, b, bits) => mask(big(a) + big(b), bits),
  sub: (a, b, bits) => mask(big(a) - big(b), bits),
  and: (a, b, bits) => mask(big(a) & big(b), bits),
  or: (a, b, bits) => mask(big(a) | big(b), bits),
  xor: (a, b, bits) => mask(big(a) ^ big(b), bits),
};
const BIT: Readonly<Record<string, (old: bigint, bit: bigint) => bigint>> = {
  bt: (old) => old,
  bts: (old, bit) => old | bit,
  btr: (old, bit) => old & ~bit,
  btc: (old, bit) => old ^ bit,
};
const WIDTHS: Readonly<Record<string, number>> = { b: 8, w: 16, l: 32, q: 64 };

interface Operand {
  readonly kind: 'constraint' | 'immediate';
  readonly index: number;
  readonly perCpu: boolean;
  /** `${n:a}`: the constraint's value is an address. */
  readonly address: boolean;
}

function parseOperand(text: string): Operand | null {
  const immediate = /^\$\$(-?\d+|0x[0-9a-f]+)$/i.exec(text);
  if (immediate)
    return { kind: 'immediate', index: Number(immediate[1]), perCpu: false, address: false };
  const found = /^(%[gf]s:)?\$(?:(\d+)|\{(\d+):(\w)\})$/.exec(text);
  if (!found) return null;
  return {
    kind: 'constraint',
    index: Number(found[2] ?? found[3]),
    perCpu: found[1] !== undefined,
    address: found[4] === 'a',
  };
}

/** What a template does; null where it is not known. */
export function x86Effect(template: string, constraintText: string): AsmEffect | null {
  const text = normalizeTemplate(template);
  const constraints = parseConstraints(constraintText);
  if (text === '' || /^(rep; ?nop|pause|nop|lfence|sfence)$/.test(text)) return { kind: 'nothing' };
  if (text === 'mfence' || /^lock;? ?addl \$\$0, ?-4\(%[re]sp\)$/.test(text))
    return { kind: 'fence' };
  if (/^(\d+: ?)?(nop ?)?\.pushsection \.discard\.(instr_begin|instr_end|annotate_insn)/.test(text))
    return { kind: 'nothing' };
  if (text === 'cli') return { kind: 'flags', action: 'off', result: -1 };
  if (text === 'sti') return { kind: 'flags', action: 'on', result: -1 };
  if (/^# __raw_save_flags pushf ; pop \$0$/.test(text))
    return { kind: 'flags', action: 'save', result: 0 };
  if (/\.byte 0x0f, 0x0b .*__bug_table/.test(text))
    return { kind: 'bug', warning: constraints.length >= 3 ? constraints.length - 2 : -1 };
  const constant = /^mov \$1,\$0 1: \.pushsection runtime_ptr_(\w+),/.exec(text)?.[1];
  if (constant !== undefined) return runtimeConstant(constant);
  return instruction(text, constraints);
}

/** Constants that boot patches into the code, with 4-level paging. Source: arch/x86/kernel/cpu/common.c (6.12). */
const RUNTIME_CONSTANTS: Readonly<Record<string, bigint>> = { USER_PTR_MAX: 0x7ffffffff000n };

function runtimeConstant(name: string): AsmEffect | null {
  const value = RUNTIME_CONSTANTS[name];
  if (value === undefined) return null;
  return { kind: 'registers', apply: (io) => io.setResult(0, ...mask(value, 64), 0) };
}

function instruction(text: string, constraints: readonly AsmConstraint[]): AsmEffect | null {
  const found = /^(lock;? ?|rep;? ?)?([a-z]+[0-9]*b?)\s*(.*)$/.exec(text);
  if (!found) return null;
  const locked = found[1]?.startsWith('lock') ?? false;
  const operands =
    found[3] === '' ? [] : found[3]!.split(/,\s*/).map((one) => parseOperand(one.trim()));
  if (operands.some((operand) => operand === null)) return null;
  const known = operands as Operand[];
  if (found[2] === 'cmpxchg8b') return doubleCompareExchange(known, constraints, locked);
  if (/^bs[fr][lq]?$/.test(found[2]!)) return bitScan(found[2]!, known);
  const parts = /^([a-z]+?)([bwlq])$/.exec(found[2]!);
  if (!parts) return null;
  return withMemory(parts[1]!, WIDTHS[parts[2]!]!, known, constraints, locked);
}

function isMemory(operand: Operand | undefined, constraints: readonly AsmConstraint[]): boolean {
  if (operand?.kind !== 'constraint') return false;
  return operand.perCpu || operand.address || (constraints[operand.index]?.indirect ?? false);
}

/** One- and two-operand instructions, AT&T order: source, destination. */
function withMemory(
  name: string,
  bits: number,
  operands: readonly Operand[],
  constraints: readonly AsmConstraint[],
  locked: boolean,
): AsmEffect | null {
  const place = operands.find((operand) => isMemory(operand, constraints));
  if (!place && name === 'mov') return move(operands, bits);
  const apply = operation(name, bits, operands, constraints);
  if (!place || !apply) return null;
  return {
    kind: 'memory',
    operand: place.index,
    bytes: bits / 8,
    perCpu: place.perCpu,
    // An exchange with memory locks without being told to.
    locked: locked || name === 'xchg',
    reads: name !== 'mov' || place === operands[0],
    writes: !(
      name === 'bt' ||
      name === 'cmp' ||
      name === 'test' ||
      (name === 'mov' && place === operands[0])
    ),
    apply,
  };
}

/** A move between registers and constants. */
function move([source, destination]: readonly Operand[], bits: number): AsmEffect | null {
  if (source?.kind !== 'constraint' || destination?.kind !== 'constraint') return null;
  return {
    kind: 'registers',
    apply: (io) =>
      io.setResult(
        destination.index,
        ...mask(big([io.inputLow(source.index), io.inputHigh(source.index)]), bits),
        io.inputShadow(source.index),
      ),
  };
}

type Apply = (io: AsmIo) => readonly [number, number, number] | null;

function operation(
  name: string,
  bits: number,
  operands: readonly Operand[],
  constraints: readonly AsmConstraint[],
): Apply | null {
  const [source, destination] = operands;
  const value = (io: AsmIo, operand: Operand): Value =>
    operand.kind === 'immediate'
      ? mask(BigInt(operand.index), bits)
      : mask(big([io.inputLow(operand.index), io.inputHigh(operand.index)]), bits);
  const shadowOf = (io: AsmIo, operand: Operand): number =>
    operand.kind === 'immediate' ? 0 : io.inputShadow(operand.index);
  const compute = ARITHMETIC[name];
  if (compute && source && destination) {
    return (io) => {
      const result = compute([io.low, io.high], value(io, source), bits);
      io.setFlags(flagsOf(result, bits));
      return [...result, joinShadows(io.shadow, shadowOf(io, source))];
    };
  }
  if ((name === 'inc' || name === 'dec') && source) {
    return (io) => {
      const result = mask(big([io.low, io.high]) + (name === 'inc' ? 1n : -1n), bits);
      io.setFlags(flagsOf(result, bits));
      return [...result, io.shadow];
    };
  }
  const bit = BIT[name];
  if (bit && source) {
    return (io) => {
      const position = big(value(io, source)) % BigInt(bits);
      const old = big([io.low, io.high]);
      io.setFlags({ carry: ((old >> position) & 1n) === 1n });
      return [...mask(bit(old, 1n << position), bits), io.shadow];
    };
  }
  if (!source || !destination) return null;
  const memoryFirst = isMemory(source, constraints);
  const register = memoryFirst ? destination : source;
  switch (name) {
    case 'mov':
      if (!memoryFirst) return (io) => [...value(io, source), shadowOf(io, source)];
      return (io) => {
        io.setResult(destination.index, io.low, io.high, io.shadow);
        return null;
      };
    case 'xchg':
    case 'xadd': {
      const input = constraints.findIndex(({ tied }) => tied === register.index);
      if (input < 0) return null;
      return (io) => {
        const given: Value = [io.inputLow(input), io.inputHigh(input)];
        io.setResult(register.index, io.low, io.high, io.shadow);
        const result =
          name === 'xchg'
            ? mask(big(given), bits)
            : mask(big([io.low, io.high]) + big(given), bits);
        return [
          ...result,
          name === 'xchg' ? io.inputShadow(input) : joinShadows(io.shadow, io.inputShadow(input)),
        ];
      };
    }
    case 'cmpxchg':
      return compareExchange(bits, source, constraints);
    default:
      return null;
  }
}

/** `cmpxchg new, mem` with the expected value in ax, which gets the old one. */
function compareExchange(
  bits: number,
  source: Operand,
  constraints: readonly AsmConstraint[],
): Apply | null {
  const old = constraints.findIndex(
    ({ isOutput, indirect, text }) => isOutput && !indirect && (text === 'ax' || text === 'a'),
  );
  const expected = constraints.findIndex(
    ({ tied, text, isOutput }) => !isOutput && (tied === old || text === 'ax' || text === 'a'),
  );
  if (old < 0 || expected < 0) return null;
  return (io) => {
    const wanted = mask(big([io.inputLow(expected), io.inputHigh(expected)]), bits);
    const same = wanted[0] === io.low >>> 0 && wanted[1] === io.high >>> 0;
    io.setFlags({ zero: same });
    io.setResult(old, io.low, io.high, io.shadow);
    return same
      ? [
          ...mask(big([io.inputLow(source.index), io.inputHigh(source.index)]), bits),
          io.inputShadow(source.index),
        ]
      : null;
  };
}

/** Eight bytes at once: expected in edx:eax, which get the old value; new in ecx:ebx. */
function doubleCompareExchange(
  operands: readonly Operand[],
  constraints: readonly AsmConstraint[],
  locked: boolean,
): AsmEffect | null {
  const place = operands[0];
  const output = (text: string): number =>
    constraints.findIndex((one) => one.isOutput && !one.indirect && one.text === text);
  const input = (text: string): number =>
    constraints.findIndex(
      (one) =>
        !one.isOutput &&
        !one.indirect &&
        (one.text === text || (one.tied >= 0 && constraints[one.tied]!.text === text)),
    );
  const both = output('A');
  const bothInput = input('A');
  const [ax, dx, bx, cx] = ['ax', 'dx', 'bx', 'cx'].map(input) as [number, number, number, number];
  if (!place || (both < 0 && (ax < 0 || dx < 0)) || bx < 0 || cx < 0) return null;
  return {
    kind: 'memory',
    operand: place.index,
    bytes: 8,
    perCpu: place.perCpu,
    locked,
    reads: true,
    writes: true,
    apply(io) {
      const [low, high] =
        both < 0
          ? [io.inputLow(ax), io.inputLow(dx)]
          : [io.inputLow(bothInput), io.inputHigh(bothInput)];
      const same = low === io.low && high === io.high;
      io.setFlags({ zero: same });
      if (both >= 0) io.setResult(both, io.low, io.high, io.shadow);
      else {
        io.setResult(output('ax'), io.low, 0, io.shadow);
        io.setResult(output('dx'), io.high, 0, io.shadow);
      }
      return same
        ? [io.inputLow(bx), io.inputLow(cx), joinShadows(io.inputShadow(bx), io.inputShadow(cx))]
        : null;
    },
  };
}

/** `rep bsf` is tzcnt where the CPU has it; of 0 the result is undefined or the width, and the kernel never asks. */
function bitScan(name: string, operands: readonly Operand[]): AsmEffect | null {
  const [source, destination] = operands;
  if (!source || !destination || source.kind !== 'constraint') return null;
  return {
    kind: 'registers',
    apply(io) {
      const value = big([io.inputLow(source.index), io.inputHigh(source.index)]);
      const position =
        value === 0n ? 0 : name.startsWith('bsf') ? lowestBit(value) : value.toString(2).length - 1;
      io.setResult(
        destination.index,
        position,
        0,
        io.inputShadow(source.index) | (value === 0n ? 1 : 0),
      );
      io.setFlags({ zero: value === 0n });
    },
  };
}

function lowestBit(value: bigint): number {
  let position = 0;
  while (!((value >> BigInt(position)) & 1n)) position++;
  return position;
}

function flagsOf(value: Value, bits: number): { zero: boolean; sign: boolean } {
  return { zero: big(value) === 0n, sign: big(value) >> BigInt(bits - 1) === 1n };
}
