/**
 * The interpreter against others that know C: a corpus against the host's own
 * compiler and processor, and random expressions against a model of C's
 * integers that shares nothing with it.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { ARCHITECTURES } from '../../src/machine/arch/index.ts';
import { ARCHES } from '../../src/scenario/targets.ts';
import { Random, seedOfRun } from '../explore/random-program.ts';
import { type ArchName, type BuildOptions, buildText } from './build-system.ts';

/**
 * What each result must be. Made by gcc 12 on x86_64, for the big-endian machine by
 * clang 19 and qemu-s390x 7.2; -O0 and -O2 agree.
 */
const CORPUS = ['arithmetic', 'bytes'].map((name) => {
  const read = (file: string): string =>
    readFileSync(new URL(`corpus/${name}.${file}`, import.meta.url), 'utf8');
  const lines = (file: string): string[] => read(file).trim().split('\n');
  return { name, text: read('c'), little: lines('expected'), big: lines('big.expected') };
});

/** Runs `cpu0` and reads the array `out`: nothing of it is shared, so it has run when the system is open. */
async function results(text: string, count: number, options: BuildOptions): Promise<string[]> {
  const { program, open } = await buildText(text, options);
  const system = open();
  if (system.actors(new Uint32Array(64)) > 0) throw new Error('the program did not run to its end');
  const variable = program.variable(program.modules[0]!, 'out')!;
  const { machine } = system;
  return Array.from({ length: count }, (_, i) => {
    const address = variable.address + BigInt(i * 8);
    const at = machine.translate(Number(address & 0xffffffffn), Number(address >> 32n), 8);
    machine.peek(at, 8);
    return ((BigInt(machine.high) << 32n) | BigInt(machine.low >>> 0)).toString(16);
  });
}

/** The same by the host's compiler; null where there is none for x86_64. */
function hostResults(text: string): string[] | null {
  const cc = ['gcc', 'clang', 'cc'].find((name) =>
    spawnSync(name, ['-dumpmachine'], { encoding: 'utf8' }).stdout?.startsWith('x86_64'),
  );
  if (cc === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), 'shootdown-'));
  try {
    const main = `${text}\n#include <stdio.h>\nint main(void) { run(); for (int i = 0; i < used; i++) printf("%llx\\n", out[i]); }\n`;
    writeFileSync(join(folder, 'corpus.c'), main);
    const binary = join(folder, 'corpus');
    execFileSync(cc, [
      '-O0',
      '-w',
      '-fwrapv',
      '-fno-strict-aliasing',
      '-o',
      binary,
      join(folder, 'corpus.c'),
    ]);
    return execFileSync(binary, { encoding: 'utf8' }).trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.each(CORPUS)('a corpus of C, $name', ({ text, little, big }) => {
  const program = `${text}\nvoid cpu0(void) { run(); }\n`;
  const expectedOn = (arch: ArchName): string[] =>
    ARCHITECTURES[arch]!.target.littleEndian ? little : big;

  it.each(ARCHES)('computes on %s what a compiler made of it', async (arch) => {
    const expected = expectedOn(arch);
    expect(await results(program, expected.length, { arch })).toEqual(expected);
  });

  it.runIf(hostResults(text) !== null)('computes what this host does', () => {
    expect(hostResults(text)).toEqual(little);
  });

  it.each([
    ['promotion', 'x86_64', { promote: false }],
    ['liveness', 'x86_64', { liveness: false }],
    ['promotion', 's390', { promote: false }],
  ] as const)('computes the same without %s on %s', async (_, arch, simplifications) => {
    const expected = expectedOn(arch);
    expect(await results(program, expected.length, { arch, simplifications })).toEqual(expected);
  });
});

test('arithmetic depends on the byte order only where it looks at halves and bytes', () => {
  const { little, big } = CORPUS[0]!;
  const differing = little.flatMap((result, i) => (result === big[i] ? [] : [i]));
  expect({ differing, results: big.length }).toEqual({ differing: [46, 47], results: 56 });
});

/* -- random expressions ---------------------------------------------------- */

interface CType {
  readonly name: string;
  readonly bits: number;
  readonly signed: boolean;
}
const TYPES: readonly CType[] = [8, 16, 32, 64].flatMap((bits) =>
  [false, true].map((signed) => ({
    name: `${signed ? 'signed' : 'unsigned'} ${{ 8: 'char', 16: 'short', 32: 'int', 64: 'long long' }[bits]}`,
    bits,
    signed,
  })),
);
const INT = TYPES.find(({ bits, signed }) => bits === 32 && signed)!;

interface Expression {
  readonly text: string;
  readonly type: CType;
  readonly value: bigint;
}

const wrap = (value: bigint, { bits, signed }: CType): bigint =>
  signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
/** Integer promotion, and the usual arithmetic conversions. */
const promoted = (type: CType): CType => (type.bits < 32 ? INT : type);
function common(left: CType, right: CType): CType {
  const [a, b] = [promoted(left), promoted(right)];
  if (a.bits !== b.bits) return a.bits > b.bits ? a : b;
  return a.signed ? b : a;
}

/** A generator of expressions together with what C says that they come to. `-fwrapv` is on. */
class Generator {
  readonly #random: Random;
  readonly #variables: readonly Expression[];

  constructor(random: Random, variables: readonly Expression[]) {
    this.#random = random;
    this.#variables = variables;
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random.below(from.length)]!;
  }

  make(depth: number): Expression {
    if (depth === 0) return this.#pick(this.#variables);
    switch (this.#random.below(6)) {
      case 0:
        return this.#cast(this.make(depth - 1));
      case 1:
        return this.#unary(this.make(depth - 1));
      case 2:
        return this.#shift(this.make(depth - 1));
      case 3:
        return this.#conditional(depth);
      default:
        return this.#binary(this.make(depth - 1), this.make(depth - 1));
    }
  }

  #cast({ text, value }: Expression): Expression {
    const type = this.#pick(TYPES);
    return { text: `(${type.name})(${text})`, type, value: wrap(value, type) };
  }

  #unary({ text, type, value }: Expression): Expression {
    const to = promoted(type);
    const operator = this.#pick(['-', '~', '!']);
    if (operator === '!') return { text: `!(${text})`, type: INT, value: value === 0n ? 1n : 0n };
    const result = operator === '-' ? -wrap(value, to) : ~wrap(value, to);
    return { text: `${operator}(${text})`, type: to, value: wrap(result, to) };
  }

  #shift({ text, type, value }: Expression): Expression {
    const to = promoted(type);
    const by = this.#random.below(to.bits);
    const left = this.#random.below(2) === 0;
    const from = wrap(value, to);
    const result = left ? from << BigInt(by) : from >> BigInt(by);
    return { text: `((${text}) ${left ? '<<' : '>>'} ${by})`, type: to, value: wrap(result, to) };
  }

  #conditional(depth: number): Expression {
    const [condition, yes, no] = [this.make(depth - 1), this.make(depth - 1), this.make(depth - 1)];
    const type = common(yes.type, no.type);
    const value = wrap((condition.value !== 0n ? yes : no).value, type);
    return { text: `((${condition.text}) ? (${yes.text}) : (${no.text}))`, type, value };
  }

  #binary(left: Expression, right: Expression): Expression {
    const type = common(left.type, right.type);
    const [a, b] = [wrap(left.value, type), wrap(right.value, type)];
    const text = (operator: string): string => `((${left.text}) ${operator} (${right.text}))`;
    const compare: Record<string, boolean> = {
      '<': a < b,
      '<=': a <= b,
      '>': a > b,
      '>=': a >= b,
      '==': a === b,
      '!=': a !== b,
    };
    const operators = ['+', '-', '*', '&', '|', '^', ...Object.keys(compare)];
    // INT_MIN / -1 is undefined in C whatever the flags.
    const least = type.signed ? -(1n << BigInt(type.bits - 1)) : 1n;
    if (b !== 0n && !(a === least && b === -1n)) operators.push('/', '%');
    const operator = this.#pick(operators);
    if (operator in compare)
      return { text: text(operator), type: INT, value: compare[operator] ? 1n : 0n };
    const value: Record<string, () => bigint> = {
      '+': () => a + b,
      '-': () => a - b,
      '*': () => a * b,
      '&': () => a & b,
      '|': () => a | b,
      '^': () => a ^ b,
      '/': () => a / b,
      '%': () => a % b,
    };
    return { text: text(operator), type, value: wrap(value[operator]!(), type) };
  }
}

const EXPRESSIONS = 300;

describe('random expressions', () => {
  const seed = seedOfRun();
  it.each(ARCHES)(`on %s, SEED=${seed}`, async (arch) => {
    const random = new Random(seed);
    const corners = [
      0n,
      1n,
      -1n,
      127n,
      128n,
      0x7fffn,
      0x7fffffffn,
      0x80000000n,
      1n << 32n,
      1n << 63n,
    ];
    const variables = TYPES.flatMap((type, t) =>
      [0, 1].map((n) => {
        const raw =
          random.below(3) === 0
            ? corners[random.below(corners.length)]!
            : (BigInt(random.below(0x10000)) << BigInt(random.below(49))) ^
              BigInt(random.below(0x10000));
        return { text: `v${t}_${n}`, type, value: wrap(raw, type) };
      }),
    );
    const generator = new Generator(random, variables);
    const made = Array.from({ length: EXPRESSIONS }, () => generator.make(4));
    const literal = (value: bigint): string =>
      `(unsigned long long)0x${BigInt.asUintN(64, value).toString(16)}ull`;
    const text = [
      `unsigned long long out[${EXPRESSIONS}];`,
      ...variables.map(
        ({ text: name, type, value }) =>
          `static ${type.name} ${name} = (${type.name})${literal(value)};`,
      ),
      ...made.map(
        ({ text: e, type }, i) =>
          `static void e${i}(void) { ${type.name} r = ${e}; out[${i}] = (unsigned long long)r; }`,
      ),
      `void cpu0(void) { ${made.map((_, i) => `e${i}();`).join(' ')} }`,
    ].join('\n');
    const expected = made.map(({ value }) => BigInt.asUintN(64, value).toString(16));
    const got = await results(text, EXPRESSIONS, { arch });
    const wrong = made.flatMap(({ text: e }, i) =>
      got[i] === expected[i] ? [] : [`${e} is ${got[i]}, should be ${expected[i]}`],
    );
    expect(wrong, `SEED=${seed}`).toEqual([]);
  });
});
