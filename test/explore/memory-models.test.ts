/** How memory models fit the interface: store buffers with drains, and a load that chooses its write. On toys; the machine has tests of its own. */

import { describe, expect, it } from 'vitest';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import type { System } from '../../src/explore/system.ts';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkRestoring,
  checkTraces,
} from './oracles.ts';
import { Random } from './random-program.ts';
import type { WeakInstruction } from './toys/choice-of-writes.ts';
import { ChoiceOfWritesToy } from './toys/choice-of-writes.ts';
import type { Litmus } from './toys/litmus.ts';
import { MEMORY, withHalf, X } from './toys/litmus.ts';
import type { TsoCode, TsoInstruction } from './toys/tso.ts';
import { TsoToy } from './toys/tso.ts';

interface Toy extends System {
  outcome(final: string, observed: readonly string[]): string;
}

/** Both searches' outcomes, which must be the same, sorted. */
async function outcomes(make: () => Toy, observe: string): Promise<string[]> {
  const found: string[][] = [];
  for (const search of [exploreStateless, exploreGraph]) {
    const toy = make();
    const { kind, finals } = await search(toy, { collectFinals: true });
    expect(kind).toBe('complete');
    const names = [...(finals ?? [])].map((final) => toy.outcome(final, observe.split(' ')));
    found.push([...new Set(names)].sort());
  }
  expect(found[0]).toEqual(found[1]);
  return found[0];
}

/** Nothing that the oracles know of is wrong. */
async function checkEverything(make: () => Toy): Promise<void> {
  expect(await checkTraces(make)).toSatisfy((wrong) => wrong === null || wrong.length === 0);
  expect(await checkAgainstGraph(make)).toEqual([]);
  expect(checkCommutation(make)).toEqual([]);
  expect(checkFootprints(make)).toEqual([]);
  expect(checkRestoring(make)).toEqual([]);
}

const asTso = (litmus: Litmus): TsoCode[] => litmus.cpus as TsoCode[];

const fenced = (code: TsoCode): TsoCode =>
  code.flatMap((instruction, i) => (i === 0 ? [instruction] : [{ op: 'fence' }, instruction]));

/** What store buffers allow and sequential consistency does not. */
const BUFFERED: Readonly<Record<string, readonly string[]>> = {
  SB: ['0 0'],
  MP: [],
  LB: [],
  IRIW: [],
  '2+2W': [],
  R: ['2 0'],
  S: [],
  n6: ['1 0 1'],
};

describe('store buffers', () => {
  for (const litmus of [...MEMORY, ...MEMORY.map(withHalf)]) {
    const { name, observe } = litmus;
    const added = BUFFERED[name.replace(', half width', '')];
    const make = () => new TsoToy(asTso(litmus));
    it(`${name}: what TSO allows`, async () => {
      expect(await outcomes(make, observe)).toEqual([...litmus.outcomes, ...added].sort());
    });
    it(`${name}, fenced: what sequential consistency allows`, async () => {
      const found = await outcomes(() => new TsoToy(asTso(litmus).map(fenced)), observe);
      expect(found).toEqual([...litmus.outcomes].sort());
    });
    it(`${name}: every promise of the interface is kept`, () => checkEverything(make));
  }

  it('a load that the buffer has half of waits for the drain', async () => {
    const half: TsoInstruction = { op: 'store', to: X, value: 1, half: 0 };
    const high: TsoInstruction = { op: 'store', to: X, value: 1, half: 1 };
    const load: TsoInstruction = { op: 'load', from: X, register: 0 };
    const make = () => new TsoToy([[half, load], [high]]);
    expect(await outcomes(make, 'r0.0')).toEqual(['1', '257']);
    await checkEverything(make);
  });

  it('an update with a lock prefix waits for the buffer to be empty', async () => {
    const sb = MEMORY[0];
    const locked = asTso(sb).map(
      (code): TsoCode => [code[0], { op: 'fetch-add', to: 2, value: 1, register: 1 }, code[1]],
    );
    expect(await outcomes(() => new TsoToy(locked), sb.observe)).toEqual(sb.outcomes);
  });

  it('random programs keep every promise', async () => {
    const random = new Random(7);
    for (let n = 0; n < 60; n++) {
      const cpus = Array.from({ length: 2 }, () => randomCode(random));
      await checkEverything(() => new TsoToy(cpus));
    }
  });
});

function randomCode(random: Random): TsoCode {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const at = random.below(2);
    const half = random.chance(30) ? random.below(2) : undefined;
    const value = 1 + random.below(2);
    switch (random.below(6)) {
      case 0:
        return { op: 'fence' } as const;
      case 1:
        return { op: 'fetch-add', to: at, value, register: 1 } as const;
      case 2:
      case 3:
        return { op: 'load', from: at, register: 0, half } as const;
      default:
        return { op: 'store', to: at, value, half } as const;
    }
  });
}

const write = (to: number, value = 1): WeakInstruction => ({ op: 'store', to, value });
const publish = (to: number): WeakInstruction => ({ op: 'store', to, value: 1, release: true });
const read = (from: number, register: number): WeakInstruction => ({ op: 'load', from, register });
const obtain = (from: number, register: number): WeakInstruction => ({
  op: 'load',
  from,
  register,
  acquire: true,
});

const ALL_PAIRS = ['0 0', '0 1', '1 0', '1 1'];

describe('a load that chooses its write', () => {
  it.each<[string, WeakInstruction[][], string, string[]]>([
    [
      'SB',
      [
        [write(0), read(1, 0)],
        [write(1), read(0, 0)],
      ],
      'r0.0 r1.0',
      ALL_PAIRS,
    ],
    [
      'MP',
      [
        [write(0), write(1)],
        [read(1, 0), read(0, 1)],
      ],
      'r1.0 r1.1',
      ALL_PAIRS,
    ],
    [
      'MP, released and acquired',
      [
        [write(0), publish(1)],
        [obtain(1, 0), read(0, 1)],
      ],
      'r1.0 r1.1',
      ['0 0', '0 1', '1 1'],
    ],
    [
      'MP, released only',
      [
        [write(0), publish(1)],
        [read(1, 0), read(0, 1)],
      ],
      'r1.0 r1.1',
      ALL_PAIRS,
    ],
    [
      'LB',
      [
        [read(0, 0), write(1)],
        [read(1, 0), write(0)],
      ],
      'r0.0 r1.0',
      ['0 0', '0 1', '1 0'],
    ],
    ['CoRR', [[write(0)], [read(0, 0), read(0, 1)]], 'r1.0 r1.1', ['0 0', '0 1', '1 1']],
    [
      'IRIW',
      [[write(0)], [write(1)], [read(0, 0), read(1, 1)], [read(1, 0), read(0, 1)]],
      'r2.0 r2.1 r3.0 r3.1',
      Array.from({ length: 16 }, (_, n) => n.toString(2).padStart(4, '0').split('').join(' ')),
    ],
  ])('%s', async (name, cpus, observe, expected) => {
    const make = () => new ChoiceOfWritesToy(cpus);
    expect(await outcomes(make, observe)).toEqual(expected);
    if (name !== 'IRIW') await checkEverything(make);
  });
});
