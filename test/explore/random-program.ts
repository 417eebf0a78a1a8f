/** Random small programs, from a seed that is printed and can be set with the variable SEED. */

import type { Callback, Handler, Instruction, Program } from './toys/instructions.ts';

/** Seeded numbers. Source: mulberry32, public domain. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to `count` - 1. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) % count) >>> 0;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

/** The seed of this run. */
export function seedOfRun(): number {
  const given = process.env.SEED;
  return given === undefined ? 1 + Math.floor(Math.random() * 1_000_000) : Number(given);
}

const LOCATIONS = 2;
const LOCKS = 1;
const FRAMES = 2;

type Family = 'memory' | 'locks' | 'interrupts' | 'rcu' | 'frames' | 'all';

export const FAMILIES: readonly Family[] = [
  'memory',
  'locks',
  'interrupts',
  'rcu',
  'frames',
  'all',
];

/** A program with 2 to 4 CPUs and 1 to 5 instructions on each, mostly of one family. */
export function randomProgram(random: Random): Program {
  const family = random.pick(FAMILIES);
  const cpus = 2 + random.below(family === 'memory' ? 3 : 2);
  const length = cpus === 2 ? 4 : 3;
  const code = Array.from({ length: cpus }, (_, cpu) =>
    stream(random, family, { cpu, cpus, length: 1 + random.below(length) }),
  );
  const optional = random.chance(20) ? [random.below(cpus)] : [];
  const initial = [random.below(2), random.below(2)];
  return { cpus: code, locations: LOCATIONS, locks: LOCKS, frames: FRAMES, optional, initial };
}

interface Place {
  readonly cpu: number;
  readonly cpus: number;
  readonly length: number;
}

function stream(random: Random, family: Family, place: Place): Instruction[] {
  const code: Instruction[] = [];
  // A bracket that was opened must be closed, or almost every program deadlocks.
  const closing: Instruction[] = [];
  while (code.length < place.length) {
    const of = family === 'all' ? random.pick(FAMILIES.slice(0, 5)) : family;
    const pair = random.chance(70) ? bracket(random, of) : null;
    if (pair !== null && closing.length === 0 && code.length + 1 < place.length + 1) {
      code.push(pair[0]);
      closing.push(pair[1]);
    } else {
      code.push(...single(random, random.chance(25) ? 'memory' : of, place));
    }
    if (closing.length > 0 && random.chance(40)) code.push(closing.pop() as Instruction);
  }
  // Now and then one stays open: a lock held for ever, a reader that never ends.
  if (closing.length > 0 && random.chance(90)) code.push(closing.pop() as Instruction);
  return code;
}

function bracket(random: Random, family: Family): readonly [Instruction, Instruction] | null {
  if (family === 'locks' && random.chance(40)) {
    return random.chance(60)
      ? [{ op: 'down-read' }, { op: 'up-read' }]
      : [{ op: 'down-write' }, { op: 'up-write' }];
  }
  if (family === 'locks') {
    const lock = random.below(LOCKS);
    return [
      { op: 'lock', lock },
      { op: 'unlock', lock },
    ];
  }
  if (family === 'interrupts') return [{ op: 'cli' }, { op: 'sti' }];
  if (family === 'rcu') return [{ op: 'read-lock' }, { op: 'read-unlock' }];
  return null;
}

function single(random: Random, family: Family, place: Place): Instruction[] {
  switch (family) {
    case 'locks':
      return trylock(random);
    case 'interrupts':
      return send(random, place);
    case 'rcu':
      return [{ op: 'call-rcu', callback: callback(random) }];
    case 'frames':
      return frames(random);
    default:
      return [memory(random)];
  }
}

function memory(random: Random): Instruction {
  const at = random.below(LOCATIONS);
  const value = 1 + random.below(2);
  const register = random.below(2);
  const half = random.chance(20) ? random.below(2) : undefined;
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
      return { op: 'store', to: at, value, half };
    case 3:
    case 4:
      return { op: 'load', from: at, register, half };
    case 5:
      return { op: 'fetch-add', to: at, value, register };
    case 6:
    case 7:
      return { op: 'add', to: at, value, class: random.below(4) === 0 ? 1 : 0 };
    case 8:
      return { op: 'compare-exchange', to: at, old: random.below(2), value, register };
    case 9:
      return { op: 'await', from: at, value: random.below(3) };
    case 10:
      return random.chance(50)
        ? { op: 'choose', register, count: 2 }
        : { op: 'choose-up-to', register, from: at };
    case 11:
      return { op: 'await-both', value: random.below(3) };
    case 12:
      return random.chance(50)
        ? { op: 'load-through', from: at, register }
        : { op: 'store-through', from: at, value };
    default:
      return random.chance(50)
        ? { op: 'check', register, not: value }
        : { op: 'skip-unless', register, value, count: 1 + random.below(2) };
  }
}

function trylock(random: Random): Instruction[] {
  const register = random.below(2);
  return [
    { op: 'trylock', lock: random.below(LOCKS), register },
    { op: 'skip-unless', register, value: 1, count: 1 },
    { op: 'unlock', lock: 0 },
  ];
}

function send(random: Random, { cpu, cpus }: Place): Instruction[] {
  const others = Array.from({ length: cpus }, (_, c) => c).filter((c) => c !== cpu);
  const targets = random.chance(30) ? others : [random.pick(others)];
  const waited = random.chance(50);
  const code: Instruction[] = [{ op: 'send', targets, handler: handler(random), waited }];
  if (waited && random.chance(80)) code.push({ op: 'wait-acks' });
  return code;
}

function handler(random: Random): Handler {
  const value = 1 + random.below(2);
  if (random.chance(40)) return { do: 'ack' };
  if (random.chance(40)) return { do: 'run', code: handlerCode(random) };
  return random.chance(60)
    ? { do: 'store', to: random.below(LOCATIONS), value }
    : { do: 'set-register', register: random.below(2), value };
}

/** One instruction or two: with the return, a delivery is three steps or four. */
function handlerCode(random: Random): Instruction[] {
  const lock = random.below(LOCKS);
  if (random.chance(30)) {
    return [
      { op: 'lock', lock },
      { op: 'unlock', lock },
    ];
  }
  if (random.chance(15)) return [{ op: 'read-lock' }, { op: 'read-unlock' }];
  return Array.from({ length: 1 + random.below(2) }, () => memory(random));
}

function callback(random: Random): Callback {
  if (random.chance(30)) return { do: 'free', register: random.below(2) };
  return { do: 'store', to: random.below(LOCATIONS), value: 1 + random.below(2) };
}

function frames(random: Random): Instruction[] {
  const register = random.below(2);
  const at = random.below(LOCATIONS);
  switch (random.below(5)) {
    case 0:
      return [{ op: 'alloc', register, mayFail: random.chance(30) }];
    case 1:
      return [
        { op: 'alloc', register },
        { op: 'store-register', to: at, register },
      ];
    case 2:
      return [
        { op: 'load', from: at, register },
        { op: 'use', register },
      ];
    case 3:
      return [{ op: 'use', register }];
    default:
      return [{ op: 'free', register }];
  }
}
