/**
 * Litmus tests on the toy multiprocessor, each with its exact set of
 * outcomes (explorer rules, C7 and C8). A smaller set is a lost execution, a
 * larger one a machine that does what no machine does.
 */

import type { SearchOptions, SearchResult } from '../../../src/explore/search.ts';
import type { System } from '../../../src/explore/system.ts';
import type { Instruction } from './instructions.ts';
import type { ProgramMutation } from './program.ts';
import { ProgramToy } from './program.ts';
import { PROPERTY } from './program-parts.ts';

export const X = 0;
const Y = 1;
const Z = 2;
const V = 3;

export const store = (to: number, value: number): Instruction => ({ op: 'store', to, value });
const load = (register: number, from: number): Instruction => ({ op: 'load', from, register });
const send = (target: number, to: number, waited = false): Instruction => ({
  op: 'send',
  targets: [target],
  handler: { do: 'store', to, value: 1 },
  waited,
});
export const cli: Instruction = { op: 'cli' };
export const sti: Instruction = { op: 'sti' };
export const wait: Instruction = { op: 'wait-acks' };
const lock: Instruction = { op: 'lock', lock: 0 };
const unlock: Instruction = { op: 'unlock', lock: 0 };

export interface Litmus {
  readonly name: string;
  readonly cpus: readonly (readonly Instruction[])[];
  /** `r<cpu>.<register>` or `m<location>`. */
  readonly observe: string;
  /** Values in that order. */
  readonly outcomes: readonly string[];
  readonly violations?: readonly number[];
}

export const MEMORY: readonly Litmus[] = [
  {
    name: 'SB',
    cpus: [
      [store(X, 1), load(0, Y)],
      [store(Y, 1), load(0, X)],
    ],
    observe: 'r0.0 r1.0',
    outcomes: ['0 1', '1 0', '1 1'],
  },
  {
    name: 'MP',
    cpus: [
      [store(X, 1), store(Y, 1)],
      [load(0, Y), load(1, X)],
    ],
    observe: 'r1.0 r1.1',
    outcomes: ['0 0', '0 1', '1 1'],
  },
  {
    name: 'LB',
    cpus: [
      [load(0, X), store(Y, 1)],
      [load(0, Y), store(X, 1)],
    ],
    observe: 'r0.0 r1.0',
    outcomes: ['0 0', '0 1', '1 0'],
  },
  {
    name: 'IRIW',
    cpus: [[store(X, 1)], [store(Y, 1)], [load(0, X), load(1, Y)], [load(0, Y), load(1, X)]],
    observe: 'r2.0 r2.1 r3.0 r3.1',
    // Everything but the two readers who disagree about the order.
    outcomes: Array.from({ length: 16 }, (_, n) =>
      n.toString(2).padStart(4, '0').split('').join(' '),
    ).filter((outcome) => outcome !== '1 0 1 0'),
  },
  {
    name: '2+2W',
    cpus: [
      [store(X, 1), store(Y, 2)],
      [store(Y, 1), store(X, 2)],
    ],
    observe: 'm0 m1',
    outcomes: ['1 2', '2 1', '2 2'],
  },
  {
    name: 'R',
    cpus: [
      [store(X, 1), store(Y, 1)],
      [store(Y, 2), load(0, X)],
    ],
    observe: 'm1 r1.0',
    outcomes: ['1 0', '1 1', '2 1'],
  },
  {
    name: 'S',
    cpus: [
      [store(X, 2), store(Y, 1)],
      [load(0, Y), store(X, 1)],
    ],
    observe: 'r1.0 m0',
    outcomes: ['0 1', '0 2', '1 1'],
  },
  {
    name: 'n6',
    cpus: [
      [store(X, 1), load(0, X), load(1, Y)],
      [store(Y, 2), store(X, 2)],
    ],
    observe: 'r0.0 r0.1 m0',
    outcomes: ['1 0 2', '1 2 1', '1 2 2', '2 2 2'],
  },
];

/** The first access to X that is not alone in looking at it becomes half as wide. The values fit the low half, so nothing else changes. */
export function withHalf({ name, cpus, ...rest }: Litmus): Litmus {
  let changed = false;
  const narrow = (instruction: Instruction): Instruction => {
    const isLoad = instruction.op === 'load' || (name === '2+2W' && instruction.op === 'store');
    if (changed || !isLoad) return instruction;
    changed = true;
    return { ...instruction, half: 0 } as Instruction;
  };
  return { name: `${name}, half width`, cpus: cpus.map((code) => code.map(narrow)), ...rest };
}

export const WIDE: readonly Litmus[] = [
  {
    name: 'a wide store is whole, a wide load is not',
    cpus: [[store(X, 0x0101)], [{ op: 'load-halves', from: X, register: 0 }]],
    observe: 'r1.0',
    outcomes: ['0', '256', '257'],
  },
  {
    name: 'halves of a store in order, read at once',
    cpus: [
      [
        { op: 'store', to: X, value: 1, half: 0 },
        { op: 'store', to: X, value: 1, half: 1 },
      ],
      [load(0, X)],
    ],
    observe: 'r1.0',
    outcomes: ['0', '1', '257'],
  },
];

const callRcu: Instruction = { op: 'call-rcu', callback: { do: 'store', to: Y, value: 1 } };

export const INTERRUPTS: readonly Litmus[] = [
  {
    name: 'an interrupt comes before cli or after sti',
    cpus: [[send(1, Y)], [cli, load(0, Y), load(1, Y), sti]],
    observe: 'r1.0 r1.1',
    outcomes: ['0 0', '1 1'],
  },
  {
    name: 'a window between sti and cli lets it in',
    cpus: [[send(1, Y)], [cli, load(0, Y), sti, cli, load(1, Y), sti]],
    observe: 'r1.0 r1.1',
    outcomes: ['0 0', '0 1', '1 1'],
  },
  {
    name: 'two senders cross: waiting is no reason not to be interrupted',
    cpus: [
      [send(1, X, true), wait],
      [send(0, Y, true), wait],
    ],
    observe: 'm0 m1',
    outcomes: ['1 1'],
  },
  {
    name: 'two senders cross with interrupts off',
    cpus: [
      [cli, send(1, X, true), wait, sti],
      [cli, send(0, Y, true), wait, sti],
    ],
    observe: 'm0 m1',
    // Both off before either sends: stuck. Else the one who is late is interrupted first.
    outcomes: ['0 0', '1 1'],
    violations: [PROPERTY.deadlock],
  },
  {
    name: 'the sender waits for one who spins with interrupts off',
    cpus: [
      [lock, send(1, X, true), wait, unlock],
      [cli, lock, unlock, sti],
    ],
    observe: 'm0',
    outcomes: ['0', '1'],
    violations: [PROPERTY.deadlock],
  },
  {
    name: 'the sender waits for one who spins with interrupts on',
    cpus: [
      [lock, send(1, X, true), wait, unlock],
      [lock, unlock],
    ],
    observe: 'm0',
    outcomes: ['1'],
  },
  {
    name: 'an unwaited interrupt holds nobody up',
    cpus: [
      [lock, send(1, X), load(0, X), unlock],
      [cli, lock, unlock, sti],
    ],
    observe: 'r0.0',
    outcomes: ['0', '1'],
  },
  {
    name: 'a reader that begins after call_rcu is not waited for',
    cpus: [[callRcu], [{ op: 'read-lock' }, load(0, Y), load(1, Y), { op: 'read-unlock' }]],
    observe: 'r1.0 r1.1',
    outcomes: ['0 0', '0 1', '1 1'],
  },
  {
    // CPU 2 was inside and keeps the grace period from ending until CPU 1
    // is inside too. Only who waits for CPU 1 as well loses '0 1' and '1 1'.
    name: 'not even if the grace period is still going on then',
    cpus: [
      [{ op: 'await', from: Z, value: 1 }, callRcu, store(X, 1)],
      [
        { op: 'await', from: X, value: 1 },
        { op: 'read-lock' },
        store(V, 1),
        load(0, Y),
        load(1, Y),
        { op: 'read-unlock' },
      ],
      [{ op: 'read-lock' }, store(Z, 1), { op: 'await', from: V, value: 1 }, { op: 'read-unlock' }],
    ],
    observe: 'r1.0 r1.1',
    outcomes: ['0 0', '0 1', '1 1'],
  },
  {
    name: 'a reader inside at call_rcu is waited for',
    cpus: [
      [{ op: 'await', from: Z, value: 1 }, callRcu],
      [{ op: 'read-lock' }, store(Z, 1), load(0, Y), load(1, Y), { op: 'read-unlock' }],
    ],
    observe: 'r1.0 r1.1',
    outcomes: ['0 0'],
  },
  {
    name: 'so is one that only has preemption off',
    cpus: [
      [{ op: 'await', from: Z, value: 1 }, callRcu],
      [{ op: 'preempt-off' }, store(Z, 1), load(0, Y), load(1, Y), { op: 'preempt-on' }],
    ],
    observe: 'r1.0 r1.1',
    outcomes: ['0 0'],
  },
  {
    name: 'its next section is not',
    cpus: [
      [{ op: 'await', from: Z, value: 1 }, callRcu],
      [
        { op: 'read-lock' },
        store(Z, 1),
        { op: 'read-unlock' },
        { op: 'read-lock' },
        load(0, Y),
        load(1, Y),
        { op: 'read-unlock' },
      ],
    ],
    observe: 'r1.0 r1.1',
    outcomes: ['0 0', '0 1', '1 1'],
  },
  {
    name: 'a handler that changes its CPU comes before or after each of its steps',
    cpus: [
      [
        {
          op: 'send',
          targets: [1],
          handler: { do: 'set-register', register: 0, value: 1 },
          waited: false,
        },
      ],
      [
        { op: 'store-register', to: X, register: 0 },
        { op: 'store-register', to: Y, register: 0 },
      ],
    ],
    observe: 'm0 m1',
    outcomes: ['0 0', '0 1', '1 1'],
  },
];

/** The outcomes and properties that a search found, in words; equal to `expectation` where all is well. */
export async function findings(
  { cpus, observe }: Litmus,
  search: (system: System, options: SearchOptions) => Promise<SearchResult>,
  mutation: ProgramMutation | null = null,
): Promise<string> {
  const toy = new ProgramToy({ cpus, locations: 4, locks: 1 }, mutation);
  const result = await search(toy, { collectFinals: true });
  const finals = [...(result.finals ?? [])];
  const outcomes = new Set(finals.map((final) => toy.outcome(final, observe.split(' '))));
  return describeFindings([...outcomes], new Set(result.violations.map((v) => v.property)));
}

export function expectation({ outcomes, violations }: Litmus): string {
  return describeFindings(outcomes, new Set(violations));
}

function describeFindings(outcomes: readonly string[], violations: ReadonlySet<number>): string {
  return [...outcomes].sort().join(', ') + [...violations].map((p) => `; property ${p}`).join('');
}
