/**
 * What an interrupt comes upon stands still, at the operation it stood at,
 * and takes part in every race all the same: handlers that are code, NMIs,
 * one on top of the other, over code that waits for a lock, a value, a call.
 */

import { describe, expect, it } from 'vitest';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkRestoring,
  checkTraces,
} from '../explore/oracles.ts';
import { type BuildOptions, buildText, check, settledFactory } from './build-system.ts';

const STATES = 400;

const TWO = 'static void two(void *info) { (void)info; WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); }';
/** CPU 1 stands at the lock when it is interrupted, and might have had it first. */
const SENDER =
  'spin_lock(&l); WRITE_ONCE(inside, 1); smp_call_function(two, NULL, 1); spin_unlock(&l);';
const WAITER =
  'spin_lock(&l); shootdown_require("assertion", READ_ONCE(inside) == 1, "came first"); spin_unlock(&l);';
const LOCKED = `static spinlock_t l; static int x, y, inside; ${TWO}`;

interface Case {
  readonly name: string;
  readonly text: string;
  readonly properties: readonly string[];
  readonly options?: BuildOptions;
}

const CASES: readonly Case[] = [
  {
    name: 'inside a reader, or before it: a grace period begins beside',
    text: `static int x __aligned(8), y __aligned(8), seen __aligned(8); static struct rcu_head head;
      static void back(struct rcu_head *old) { (void)old; WRITE_ONCE(x, 5); }
      static void code(void *info) { (void)info; WRITE_ONCE(seen, READ_ONCE(y)); WRITE_ONCE(x, 6); }
      void cpu0(void) { preempt_disable(); WRITE_ONCE(y, 1); preempt_enable(); smp_call_function(code, NULL, 0); }
      void cpu1(void) { rcu_read_lock(); rcu_read_unlock(); call_rcu(&head, back); }`,
    properties: [],
  },
  {
    name: 'at a lock that it might have taken first',
    text: `${LOCKED} void cpu0(void) { ${SENDER} } void cpu1(void) { ${WAITER} }`,
    properties: ['assertion'],
  },
  {
    name: 'the same, the CPUs the other way round',
    text: `${LOCKED} void cpu0(void) { ${WAITER} } void cpu1(void) { ${SENDER} }`,
    properties: ['assertion'],
  },
  {
    name: 'at a value that has been and gone',
    text: `static int x, y, flag; ${TWO}
      void cpu0(void) { WRITE_ONCE(flag, 1); smp_call_function(two, NULL, 0); WRITE_ONCE(flag, 0); }
      void cpu1(void) { shootdown_await(&flag, 1); shootdown_require("assertion", READ_ONCE(y), "early"); }`,
    properties: ['assertion', 'deadlock'],
  },
  {
    name: 'waiting for calls of its own',
    text: `static int x, y; ${TWO}
      void cpu0(void) { smp_call_function(two, NULL, 1); (void)READ_ONCE(x); }
      void cpu1(void) { smp_call_function(two, NULL, 1); }`,
    properties: [],
  },
  {
    name: 'at a locked operation, with stores of the handler on their way',
    text: `static int x, y, z, r; ${TWO}
      void cpu0(void) { smp_call_function(two, NULL, 1); r = READ_ONCE(y); }
      void cpu1(void) { WRITE_ONCE(z, 1); __atomic_fetch_add(&x, 1, __ATOMIC_SEQ_CST); }`,
    properties: [],
  },
  {
    name: 'with a locked operation in the handler that nobody else can see',
    text: `static int x, y, own, r; static void add(void *info) { (void)info; WRITE_ONCE(x, 1);
        (void)READ_ONCE(y); __atomic_fetch_add(&own, 1, __ATOMIC_SEQ_CST); (void)READ_ONCE(y); }
      void cpu0(void) { smp_call_function(add, NULL, 1); r = READ_ONCE(x); WRITE_ONCE(y, 1); }
      void cpu1(void) { WRITE_ONCE(y, 2); (void)READ_ONCE(x); }`,
    properties: [],
  },
  {
    name: 'after its end, by what waits in the handler',
    text: `static int flag, y, z;
      static void late(void *info) { (void)info; shootdown_await(&flag, 0); WRITE_ONCE(z, 1);
        shootdown_require("assertion", READ_ONCE(y) == 0, "y came later"); }
      void cpu0(void) { WRITE_ONCE(flag, 1); }
      void cpu1(void) { WRITE_ONCE(y, 1); }
      void cpu2(void) { (void)READ_ONCE(y); smp_call_function_single(1, late, NULL, 0); (void)READ_ONCE(z); }`,
    properties: ['deadlock', 'assertion'],
  },
  {
    name: 'in a handler that has interrupts on',
    text: `static int x, y, z; ${TWO}
      static void open(void *info) { (void)info; local_irq_enable(); WRITE_ONCE(z, 1); (void)READ_ONCE(x); local_irq_disable(); }
      void cpu0(void) { }
      void cpu1(void) { smp_call_function_single(0, open, NULL, 0); smp_call_function_single(0, two, NULL, 0); (void)READ_ONCE(z); }`,
    properties: [],
  },
  {
    name: 'by an NMI, at a lock, in its own code or in a handler',
    text: `${LOCKED} void nmi1(void) { WRITE_ONCE(x, 2); (void)READ_ONCE(inside); }
      void cpu0(void) { ${SENDER} } void cpu1(void) { ${WAITER} }`,
    properties: ['assertion'],
    options: { nmis: 1 },
  },
];

for (const model of ['sc', 'tso'] as const) {
  describe(`under ${model}`, () => {
    it.each(CASES)('$name', async ({ text, properties, options }) => {
      const built = await buildText(text, { ...options, model });
      expect((await check(text, { ...options, model })).properties).toEqual([...properties].sort());
      const make = await settledFactory(built);
      expect(await checkAgainstGraph(make)).toEqual([]);
      expect(checkCommutation(make, STATES)).toEqual([]);
      expect(checkFootprints(make, STATES)).toEqual([]);
      expect(checkRestoring(make, STATES)).toEqual([]);
      const traces = await checkTraces(make, { limit: 30_000 });
      expect(traces ?? []).toEqual([]);
    });
  });
}
