/** NMIs: where they strike, what they keep out of, and that both searches agree on it. */

import { describe, expect, it } from 'vitest';
import { check, outcomes } from './build-system.ts';

describe('an NMI', () => {
  it.each(['sc', 'tso'] as const)(
    'strikes with interrupts off, or never, under %s',
    async (model) => {
      const text = `
      static int x, r0;
      void nmi0(void) { x = 1; }
      void cpu0(void) {
        local_irq_disable();
        r0 = READ_ONCE(x);
        r0 = r0 * 2 + READ_ONCE(x);
        local_irq_enable();
      }`;
      // Before, between, after, never.
      const all = ['x=0 r0=0', 'x=1 r0=0', 'x=1 r0=1', 'x=1 r0=3'];
      const values = { x: [0, 1], r0: [0, 1, 2, 3] };
      expect(await outcomes(text, values, { nmis: 1, model })).toEqual(all);
      expect(await outcomes(text, values, { model })).toEqual(['x=0 r0=0']);
    },
  );

  it('strikes as often as it may, and not in another', async () => {
    const text = `
      static int depth, deepest, count;
      void nmi0(void) {
        depth++;
        if (depth > deepest) deepest = depth;
        count++;
        depth--;
      }
      void cpu0(void) { (void)READ_ONCE(count); }`;
    const found = await outcomes(text, { deepest: [0, 1, 2], count: [0, 1, 2, 3] }, { nmis: 2 });
    expect(found).toEqual(['deepest=0 count=0', 'deepest=1 count=1', 'deepest=1 count=2']);
  });

  it('interrupts a handler too, and all goes on behind it', async () => {
    const text = `
      static int a, seen, r0;
      static void handle(void *info) { (void)info; WRITE_ONCE(a, 1); WRITE_ONCE(a, 2); }
      void nmi0(void) { seen = READ_ONCE(a) + 1; }
      void cpu0(void) { r0 = 1; }
      void cpu1(void) { smp_call_function(handle, NULL, 1); }`;
    const found = await outcomes(text, { a: [2], seen: [0, 1, 2, 3], r0: [1] }, { nmis: 1 });
    expect(found).toEqual([
      'a=2 seen=0 r0=1',
      'a=2 seen=1 r0=1',
      'a=2 seen=2 r0=1',
      'a=2 seen=3 r0=1',
    ]);
  });

  it('keeps an IPI waiting, and is a reader of RCU', async () => {
    const text = `
      static int x, y, r0 = 2, r1 = 2;
      static void nothing(void *info) { (void)info; }
      void nmi0(void) { r0 = READ_ONCE(x); r1 = READ_ONCE(y); }
      void cpu0(void) { }
      void cpu1(void) { WRITE_ONCE(x, 1); WAIT; WRITE_ONCE(y, 1); }`;
    const values = { r0: [0, 1, 2], r1: [0, 1, 2] };
    const never = 'r0=2 r1=2';
    for (const wait of ['smp_call_function(nothing, NULL, 1)', 'synchronize_rcu()']) {
      const found = await outcomes(text.replace('WAIT', wait), values, { nmis: 1 });
      expect(found, wait).toEqual(['r0=0 r1=0', 'r0=1 r1=0', 'r0=1 r1=1', never]);
    }
    const unordered = await outcomes(text.replace('WAIT', '(void)nothing'), values, { nmis: 1 });
    expect(unordered).toContain('r0=0 r1=1');
  });

  it('must not turn interrupts on', async () => {
    const text = 'void nmi0(void) { local_irq_enable(); local_irq_disable(); } void cpu0(void) { }';
    expect((await check(text, { nmis: 1 })).details).toEqual([
      'an NMI handler turns interrupts on',
    ]);
  });
});
