/** What the toy multiprocessor is made of: spaces of footprints, actors, properties, bounds, sizes. */

import type { ActorId, Space } from '../../../src/explore/system.ts';
import type { Program } from './instructions.ts';

export const PROPERTY = {
  useAfterFree: 1,
  badFree: 2,
  check: 3,
  deadlock: 4,
  lockMisuse: 5,
} as const;

export const BOUND = { framesExhausted: 1, queueFull: 2, callbacksExhausted: 3 } as const;

export const SPACE = {
  memory: 0,
  life: 1,
  freelist: 2,
  irq: 3,
  pending: 4,
  acked: 5,
  control: 6,
  reader: 7,
  lock: 8,
  callback: 9,
  rwsem: 10,
  interrupted: 11,
} as const;

export const SPACES: readonly Space[] = [
  { name: 'memory', kind: 'bytes' },
  { name: 'life', kind: 'cell' },
  { name: 'free list', kind: 'cell' },
  { name: 'irq', kind: 'gate', strict: true },
  { name: 'pending', kind: 'cell' },
  { name: 'acked', kind: 'gate' },
  { name: 'control', kind: 'cell' },
  { name: 'reader', kind: 'gate' },
  { name: 'lock', kind: 'gate', strict: true },
  { name: 'callback', kind: 'cell' },
  { name: 'rwsem', kind: 'gate' },
  { name: 'interrupted', kind: 'gate', strict: true },
];

export const REGISTERS = 3;
export const QUEUE = 4;
export const CALLBACKS = 2;
/** CPU c's n-th callback is actor `2 * cpus + c * CALLBACKS + n`: a name that no interleaving changes. */
export function callbackActor(program: Program, cpu: number, n: number): ActorId {
  return 2 * program.cpus.length + cpu * CALLBACKS + n;
}

/** Delivery of interrupts to CPU c. */
export function deliveryActor(program: Program, cpu: number): ActorId {
  return program.cpus.length + cpu;
}

/** What interrupts run on CPU c. */
export function interruptActor(program: Program, cpu: number): ActorId {
  return (2 + CALLBACKS) * program.cpus.length + cpu;
}

/** How many actors a program has, whether or not they ever come into being. */
export function actorCount(program: Program): number {
  return (3 + CALLBACKS) * program.cpus.length;
}
