/**
 * Loops without bounds: what ends is covered whole, what cannot end is a
 * livelock, and nothing is cut.
 */

import { describe, expect, it } from 'vitest';
import { check } from './build-system.ts';

const LOOPS: readonly { readonly name: string; readonly text: string; readonly found: string[] }[] =
  [
    {
      name: 'a flag that is set',
      text: `static int x, y;
      void cpu0(void) { while (!READ_ONCE(x)) ; shootdown_require("assertion", READ_ONCE(y), "y first"); }
      void cpu1(void) { WRITE_ONCE(y, 1); WRITE_ONCE(x, 1); }`,
      found: [],
    },
    {
      name: 'a flag that is set, and a promise that is not kept',
      text: `static int x, y;
      void cpu0(void) { while (!READ_ONCE(x)) ; shootdown_require("assertion", READ_ONCE(y), "y first"); }
      void cpu1(void) { WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); }`,
      found: ['assertion'],
    },
    {
      name: 'a flag that gets another value',
      text: `static int x;
      void cpu0(void) { while (READ_ONCE(x) != 2) ; }
      void cpu1(void) { WRITE_ONCE(x, 1); }`,
      found: ['livelock'],
    },
    {
      name: 'a flag that nobody touches',
      text: 'static int x; void cpu0(void) { while (!READ_ONCE(x)) ; }',
      found: ['livelock'],
    },
    {
      name: 'a lock taken and put back until something is there',
      text: `static spinlock_t l; static int x;
      void cpu0(void) { int v; do { spin_lock(&l); v = x; spin_unlock(&l); } while (!v); }
      void cpu1(void) { spin_lock(&l); x = 1; spin_unlock(&l); }`,
      found: [],
    },
    {
      name: 'the same, where nothing comes',
      text: `static spinlock_t l; static int x;
      void cpu0(void) { int v; do { spin_lock(&l); v = x; spin_unlock(&l); } while (v < 2); }
      void cpu1(void) { spin_lock(&l); x = 1; spin_unlock(&l); }`,
      found: ['livelock'],
    },
    {
      name: 'a sequence counter',
      text: `static int seq, a, b;
      void cpu0(void) {
        int s, p, q;
        do { s = READ_ONCE(seq); p = READ_ONCE(a); q = READ_ONCE(b); } while ((s & 1) || READ_ONCE(seq) != s);
        shootdown_require("assertion", p == q, "a pair");
      }
      void cpu1(void) { WRITE_ONCE(seq, 1); WRITE_ONCE(a, 1); WRITE_ONCE(b, 1); WRITE_ONCE(seq, 2); }`,
      found: [],
    },
    {
      name: 'compare and exchange, again until it works',
      text: `static int x;
      static void add(void) {
        int old = READ_ONCE(x);
        while (!__atomic_compare_exchange_n(&x, &old, old + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) ;
      }
      void cpu0(void) { add(); add(); }
      void cpu1(void) { add(); add(); }
      void finish(void) { shootdown_require("assertion", x == 4, "none is lost"); }`,
      found: [],
    },
    {
      name: 'two that wait for each other',
      text: `static int x, y;
      void cpu0(void) { while (!READ_ONCE(x)) ; WRITE_ONCE(y, 1); }
      void cpu1(void) { while (!READ_ONCE(y)) ; WRITE_ONCE(x, 1); }`,
      found: ['livelock'],
    },
    {
      name: 'an interrupt that ends the wait of the CPU it interrupts',
      text: `static int x;
      static void set(void *info) { (void)info; WRITE_ONCE(x, 1); }
      void cpu0(void) { while (!READ_ONCE(x)) ; }
      void cpu1(void) { smp_call_function(set, NULL, 1); }`,
      found: [],
    },
  ];

describe('loops', () => {
  for (const { name, text, found } of LOOPS) {
    for (const model of ['sc', 'tso'] as const) {
      it(`${name}, under ${model}`, async () => {
        const { properties, cuts } = await check(text, { model });
        expect({ properties, cuts }).toEqual({ properties: found, cuts: [] });
      });
    }
  }
});
