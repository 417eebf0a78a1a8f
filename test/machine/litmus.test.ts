/**
 * C7: the classic litmus tests in C, compiled by clang, with exact sets of
 * outcomes under sequential consistency; each again with halves of a word on
 * one side, and on i386 with accesses that are two steps wide.
 */

import { describe, expect, it } from 'vitest';
import { type ArchName, outcomes } from './build-system.ts';

/** The sets that interleaving gives, by a walk of its own over the programs. */
type Access = readonly ['w', string, number] | readonly ['r', string, string];

/** All final values of registers and variables, over every interleaving, as sorted texts. */
function interleavings(
  threads: readonly (readonly Access[])[],
  shown: readonly string[],
): string[] {
  const found = new Set<string>();
  const values = new Map<string, number>();
  const at = threads.map(() => 0);
  const visit = (): void => {
    let over = true;
    threads.forEach((thread, t) => {
      const access = thread[at[t]!];
      if (!access) return;
      over = false;
      const target = access[0] === 'w' ? access[1] : access[2];
      const old = values.get(target);
      values.set(target, access[0] === 'w' ? access[2] : (values.get(access[1]) ?? 0));
      at[t]!++;
      visit();
      at[t]!--;
      if (old === undefined) values.delete(target);
      else values.set(target, old);
    });
    if (over) found.add(shown.map((name) => `${name}=${values.get(name) ?? 0}`).join(' '));
  };
  visit();
  return [...found].sort();
}

const W = (variable: string, value: number): Access => ['w', variable, value];
const R = (variable: string, register: string): Access => ['r', variable, register];

/** Registers r0... read once each; with `shown`, what the outcome is about. */
const TESTS: Readonly<Record<string, { threads: Access[][]; shown: string[] }>> = {
  SB: {
    threads: [
      [W('x', 1), R('y', 'r0')],
      [W('y', 1), R('x', 'r1')],
    ],
    shown: ['r0', 'r1'],
  },
  MP: {
    threads: [
      [W('x', 1), W('y', 1)],
      [R('y', 'r0'), R('x', 'r1')],
    ],
    shown: ['r0', 'r1'],
  },
  LB: {
    threads: [
      [R('x', 'r0'), W('y', 1)],
      [R('y', 'r1'), W('x', 1)],
    ],
    shown: ['r0', 'r1'],
  },
  IRIW: {
    threads: [[W('x', 1)], [W('y', 1)], [R('x', 'r0'), R('y', 'r1')], [R('y', 'r2'), R('x', 'r3')]],
    shown: ['r0', 'r1', 'r2', 'r3'],
  },
  '2+2W': {
    threads: [
      [W('x', 1), W('y', 2)],
      [W('y', 1), W('x', 2)],
    ],
    shown: ['x', 'y'],
  },
  R: {
    threads: [
      [W('x', 1), W('y', 1)],
      [W('y', 2), R('x', 'r0')],
    ],
    shown: ['r0', 'y'],
  },
  S: {
    threads: [
      [W('x', 2), W('y', 1)],
      [R('y', 'r0'), W('x', 1)],
    ],
    shown: ['r0', 'x'],
  },
  n6: {
    threads: [
      [W('x', 1), R('x', 'r0'), R('y', 'r1')],
      [W('y', 1), W('x', 2)],
    ],
    shown: ['r0', 'r1', 'x'],
  },
};

function inC(threads: readonly (readonly Access[])[], type: string): string {
  const names = threads.flat().map((access) => access[1]);
  const registers = threads.flat().flatMap((access) => (access[0] === 'r' ? [access[2]] : []));
  return [
    ...[...new Set(names)].map((name) => `static ${type} ${name};`),
    ...registers.map((name) => `static int ${name};`),
    ...threads.map((thread, t) => {
      const lines = thread.map((access) =>
        access[0] === 'w' ? `${access[1]} = ${access[2]};` : `${access[2]} = ${access[1]};`,
      );
      return `void cpu${t}(void) { ${lines.join(' ')} }`;
    }),
  ].join('\n');
}

const domain = (shown: readonly string[]): Record<string, number[]> =>
  Object.fromEntries(shown.map((name) => [name, [0, 1, 2]]));

describe.each<ArchName>(['x86_64', 'i386-pae'])('under sequential consistency, %s', (arch) => {
  it.each(Object.entries(TESTS))('%s', async (_, { threads, shown }) => {
    const text = inC(threads, 'int');
    expect(await outcomes(text, domain(shown), { arch })).toEqual(interleavings(threads, shown));
  });

  it.each(Object.entries(TESTS))('%s with bytes', async (_, { threads, shown }) => {
    const text = inC(threads, 'unsigned char');
    expect(await outcomes(text, domain(shown), { arch })).toEqual(interleavings(threads, shown));
  });
});

describe('halves', () => {
  const union = 'static union { int word; short half[2]; } u; static int r0, r1;';

  it('of one word are neighbours: a store to one leaves the other alone', async () => {
    const text = `${union}
      void cpu0(void) { u.half[0] = 1; }
      void cpu1(void) { u.half[1] = 1; }
      void cpu2(void) { r0 = u.word; }`;
    expect(await outcomes(text, { r0: [0, 1, 0x10000, 0x10001] })).toEqual(
      ['r0=0', 'r0=1', 'r0=65536', 'r0=65537'].sort(),
    );
  });

  it('are written by a store to the word at once', async () => {
    const text = `${union}
      void cpu0(void) { u.word = 0x10001; }
      void cpu1(void) { r0 = u.half[0]; r1 = u.half[1]; }`;
    expect(await outcomes(text, { r0: [0, 1], r1: [0, 1] })).toEqual([
      'r0=0 r1=0',
      'r0=0 r1=1',
      'r0=1 r1=1',
    ]);
  });

  const wide = `
    static unsigned long long v __aligned(8); static unsigned r0, r1;
    void cpu0(void) { WRITE_ONCE(v, 0x100000001ull); }
    void cpu1(void) { unsigned long long seen = READ_ONCE(v); r0 = seen; r1 = seen >> 32; }`;

  it('of eight bytes come together on x86_64', async () => {
    expect(await outcomes(wide, { r0: [0, 1], r1: [0, 1] })).toEqual(['r0=0 r1=0', 'r0=1 r1=1']);
  });

  it('of eight bytes come one by one on i386, in either order', async () => {
    expect(await outcomes(wide, { r0: [0, 1], r1: [0, 1] }, { arch: 'i386-pae' })).toHaveLength(4);
  });

  const locked = (writer: string): string => `
    static spinlock_t l; static unsigned r0, r1; static int inside, done;
    static unsigned long long v __aligned(8);
    void cpu0(void) {
      unsigned long long seen;
      spin_lock(&l);
      WRITE_ONCE(inside, 1);
      seen = READ_ONCE(v);
      ${writer.includes('done') ? 'shootdown_await(&done, 1);' : ''}
      spin_unlock(&l);
      r0 = seen; r1 = seen >> 32;
    }
    ${writer}`;
  const halves = { r0: [0, 1], r1: [0, 1] };

  it('of eight bytes come together under the lock that every write is made under', async () => {
    const text = locked(
      'void cpu1(void) { spin_lock(&l); WRITE_ONCE(v, 0x100000001ull); spin_unlock(&l); }',
    );
    expect(await outcomes(text, halves, { arch: 'i386-pae' })).toEqual(['r0=0 r1=0', 'r0=1 r1=1']);
  });

  it('of eight bytes come one by one where one write is made without the lock', async () => {
    const text = locked('void cpu1(void) { WRITE_ONCE(v, 0x100000001ull); }');
    expect(await outcomes(text, halves, { arch: 'i386-pae' })).toHaveLength(4);
  });

  it('of eight bytes come one by one where the write is an interrupt of the lock holder', async () => {
    // The interrupted code holds the lock, which keeps nobody out of its own CPU.
    const text = locked(`
      static void write(void *info) {
        (void)info;
        if (READ_ONCE(inside)) WRITE_ONCE(v, 0x100000001ull);
        WRITE_ONCE(done, 1);
      }
      void cpu1(void) { shootdown_await(&inside, 1); smp_call_function(write, NULL, 0); }`);
    expect(await outcomes(text, halves, { arch: 'i386-pae' })).toHaveLength(4);
  });

  it('of eight bytes come together for cmpxchg8b', async () => {
    const text = `
      static u64 v __aligned(8); static unsigned r0, r1;
      static u64 exchange(u64 old, u64 new) {
        __atomic_compare_exchange_n(&v, &old, new, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        return old;
      }
      void cpu0(void) { exchange(0, 0x100000001ull); }
      void cpu1(void) { u64 seen = exchange(5, 5); r0 = seen; r1 = seen >> 32; }`;
    expect(await outcomes(text, { r0: [0, 1], r1: [0, 1] }, { arch: 'i386-pae' })).toEqual([
      'r0=0 r1=0',
      'r0=1 r1=1',
    ]);
  });

  it('of a struct of eight bytes that is copied come one by one on i386', async () => {
    const text = `
      struct pair { unsigned low, high; };
      static struct pair p __aligned(8); static unsigned r0, r1;
      void cpu0(void) { WRITE_ONCE(p.low, 1); WRITE_ONCE(p.high, 1); }
      void cpu1(void) { struct pair seen = p; r0 = seen.low; r1 = seen.high; }`;
    // A compiler may read either half first, so all but nothing is excluded.
    expect(await outcomes(text, { r0: [0, 1], r1: [0, 1] }, { arch: 'i386-pae' })).toHaveLength(4);
  });
});

describe('updates', () => {
  it('that are locked lose nothing, whether or not their result is used', async () => {
    const text = `
      static atomic_t v; static int r0;
      void cpu0(void) { atomic_add(1, &v); }
      void cpu1(void) { r0 = __atomic_fetch_add(&v.counter, 1, __ATOMIC_SEQ_CST); }
      void cpu2(void) { atomic_add(1, &v); }`;
    const all = await outcomes(`${text}\n#define total v.counter`, {
      total: [0, 1, 2, 3],
      r0: [0, 1, 2, 3],
    });
    expect(all).toEqual(['total=3 r0=0', 'total=3 r0=1', 'total=3 r0=2']);
  });

  it('that are not lose some', async () => {
    const text = `
      static int v;
      void cpu0(void) { v++; }
      void cpu1(void) { v++; }`;
    expect(await outcomes(text, { v: [0, 1, 2] })).toEqual(['v=1', 'v=2']);
  });

  it('commute or not with the same outcomes', async () => {
    const text = `
      static atomic_t v; static int r0;
      void cpu0(void) { atomic_add(1, &v); atomic_sub(2, &v); }
      void cpu1(void) { atomic_add(4, &v); }
      void cpu2(void) { r0 = atomic_read(&v) + 1; }`;
    const values = { r0: [0, 1, 2, 3, 4, 5, 6, 7, 8] };
    const commuting = await outcomes(text, values);
    expect(commuting).toEqual(['r0=0', 'r0=1', 'r0=2', 'r0=4', 'r0=5', 'r0=6']);
    expect(await outcomes(text, values, { commutingAdds: false })).toEqual(commuting);
  });
});

describe('loops that wait', () => {
  it.each([
    ['for a flag', 'while (!READ_ONCE(flag)) ;'],
    ['for either of two', 'while (!READ_ONCE(flag) && !READ_ONCE(other)) ;'],
    ['by exchange', 'while (!__atomic_exchange_n(&flag, 0, __ATOMIC_SEQ_CST)) ;'],
  ])('%s see what was written before', async (_, loop) => {
    const text = `
      static int flag, other, x, r0;
      void cpu0(void) { WRITE_ONCE(x, 1); WRITE_ONCE(flag, 1); }
      void cpu1(void) { ${loop} r0 = READ_ONCE(x); }`;
    expect(await outcomes(text, { r0: [0, 1] })).toEqual(['r0=1']);
  });

  it('on both sides of a lock built from cmpxchg', async () => {
    const text = `
      static int lock, inside, most;
      static void enter(void) {
        int old;
        do old = 0;
        while (!__atomic_compare_exchange_n(&lock, &old, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
        WRITE_ONCE(inside, READ_ONCE(inside) + 1);
        if (READ_ONCE(inside) > 1) WRITE_ONCE(most, 1);
        WRITE_ONCE(inside, READ_ONCE(inside) - 1);
        __atomic_store_n(&lock, 0, __ATOMIC_SEQ_CST);
      }
      void cpu0(void) { enter(); }
      void cpu1(void) { enter(); }`;
    expect(await outcomes(text, { most: [0, 1], inside: [0, 1, 2] })).toEqual(['most=0 inside=0']);
  });

  it('woken by a step that goes wrong after what it wrote', async () => {
    const text = `
      static int flag, r0;
      void cpu0(void) { WRITE_ONCE(flag, 1); shootdown_require("bug", 0, "gone wrong"); }
      void cpu1(void) { while (!READ_ONCE(flag)) ; shootdown_require("warn", 0, "was woken"); r0 = 1; }`;
    expect(await outcomes(text, { r0: [0, 1] })).toEqual(['gone wrong', 'was woken']);
  });
});
