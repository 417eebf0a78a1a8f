/**
 * Litmus tests: the exact outcome sets of sequential consistency and of
 * x86-TSO, plain and fenced, and with halves of words. The sets follow from
 * the definition of x86-TSO (Owens, Sarkar, Sewell, TPHOLs 2009); where a
 * test of theirs has a name, it has that name here.
 */

import { describe, expect, it } from 'vitest';
import { type BuildOptions, outcomes } from './build-system.ts';

const FENCE = '#define mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)\n';

interface Litmus {
  readonly name: string;
  readonly text: string;
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly sc: readonly string[];
  /** What TSO allows beyond SC. */
  readonly beyond: readonly string[];
}

const BITS = [0, 1];
const all = (...names: string[]): string[] =>
  names.reduce<string[]>(
    (known, name) =>
      known.flatMap((some) => BITS.map((bit) => `${some}${some && ' '}${name}=${bit}`)),
    [''],
  );
const without = (from: readonly string[], ...left: string[]): string[] =>
  from.filter((one) => !left.includes(one));

/** A test of the family: each CPU's accesses in program order, whole words as `W(x, 1)` and `r0 = R(x)`. */
interface Classic extends Omit<Litmus, 'text'> {
  readonly globals: string;
  readonly cpus: readonly (readonly string[])[];
}

const CLASSICS: readonly Classic[] = [
  {
    name: 'SB',
    globals: 'x, y, r0, r1',
    cpus: [
      ['W(x, 1)', 'r0 = R(y)'],
      ['W(y, 1)', 'r1 = R(x)'],
    ],
    values: { r0: BITS, r1: BITS },
    sc: ['r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1'],
    beyond: ['r0=0 r1=0'],
  },
  {
    name: 'MP',
    globals: 'x, y, r0, r1',
    cpus: [
      ['W(x, 1)', 'W(y, 1)'],
      ['r0 = R(y)', 'r1 = R(x)'],
    ],
    values: { r0: BITS, r1: BITS },
    sc: ['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=1'],
    beyond: [],
  },
  {
    name: 'LB',
    globals: 'x, y, r0, r1',
    cpus: [
      ['r0 = R(x)', 'W(y, 1)'],
      ['r1 = R(y)', 'W(x, 1)'],
    ],
    values: { r0: BITS, r1: BITS },
    sc: ['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=0'],
    beyond: [],
  },
  {
    name: 'R',
    globals: 'x, y, r0',
    cpus: [
      ['W(x, 1)', 'W(y, 1)'],
      ['W(y, 2)', 'r0 = R(x)'],
    ],
    values: { r0: BITS, y: [1, 2] },
    sc: ['r0=0 y=1', 'r0=1 y=1', 'r0=1 y=2'],
    beyond: ['r0=0 y=2'],
  },
  {
    name: 'S',
    globals: 'x, y, r0',
    cpus: [
      ['W(x, 2)', 'W(y, 1)'],
      ['r0 = R(y)', 'W(x, 1)'],
    ],
    values: { r0: BITS, x: [1, 2] },
    sc: ['r0=0 x=1', 'r0=0 x=2', 'r0=1 x=1'],
    beyond: [],
  },
  {
    name: '2+2W',
    globals: 'x, y',
    cpus: [
      ['W(x, 1)', 'W(y, 2)'],
      ['W(y, 1)', 'W(x, 2)'],
    ],
    values: { x: [1, 2], y: [1, 2] },
    sc: ['x=1 y=2', 'x=2 y=1', 'x=2 y=2'],
    beyond: [],
  },
  {
    name: 'IRIW',
    globals: 'x, y, r0, r1, r2, r3',
    cpus: [['W(x, 1)'], ['W(y, 1)'], ['r0 = R(x)', 'r1 = R(y)'], ['r2 = R(y)', 'r3 = R(x)']],
    values: { r0: BITS, r1: BITS, r2: BITS, r3: BITS },
    sc: without(all('r0', 'r1', 'r2', 'r3'), 'r0=1 r1=0 r2=1 r3=0'),
    beyond: [],
  },
];

const WHOLE = (macro: string): string => `#define ${macro}_AT(v) (v)\n`;
const HALF = (macro: string): string => `#define ${macro}_AT(v) (*(unsigned short *)&(v))\n`;

function textOf({ globals, cpus }: Classic, fence: string, accesses: string): string {
  const bodies = cpus.map((steps, cpu) => `void cpu${cpu}(void) { ${steps.join(`; ${fence} `)}; }`);
  return `${FENCE}${accesses}#define W(v, to) WRITE_ONCE(W_AT(v), to)
    #define R(v) READ_ONCE(R_AT(v))
    static int ${globals};
    ${bodies.join('\n')}`;
}

/** As it stands; fenced, when SC's outcomes are all there are; and in mixed sizes, which changes nothing. */
function formsOf(classic: Classic): Litmus[] {
  const whole = WHOLE('W') + WHOLE('R');
  const form = (name: string, fence: string, accesses: string): Litmus => ({
    ...classic,
    name: `${classic.name}${name}`,
    text: textOf(classic, fence, accesses),
    beyond: fence === '' ? classic.beyond : [],
  });
  return [
    form('', '', whole),
    form('+mbs', 'mb();', whole),
    form(' where words are stored and halves are loaded', '', WHOLE('W') + HALF('R')),
    form(' where halves are stored and words are loaded', '', HALF('W') + WHOLE('R')),
    form('+mbs in mixed sizes', 'mb();', HALF('W') + WHOLE('R')),
  ];
}

const SB = (between: string): string => `static int x, y, r0, r1;
  void cpu0(void) { WRITE_ONCE(x, 1); ${between} r0 = READ_ONCE(y); }
  void cpu1(void) { WRITE_ONCE(y, 1); ${between} r1 = READ_ONCE(x); }`;

const TESTS: readonly Litmus[] = [
  ...CLASSICS.flatMap(formsOf),
  {
    name: 'SB with a locked operation on something else in between',
    text: `static int z[2];\n${SB('__atomic_fetch_add(&z[shootdown_cpu()], 1, __ATOMIC_SEQ_CST);')}`,
    values: { r0: BITS, r1: BITS },
    sc: ['r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1'],
    beyond: [],
  },
  {
    name: 'SB where only one side is fenced',
    text: `${FENCE}static int x, y, r0, r1;
      void cpu0(void) { WRITE_ONCE(x, 1); mb(); r0 = READ_ONCE(y); }
      void cpu1(void) { WRITE_ONCE(y, 1); r1 = READ_ONCE(x); }`,
    values: { r0: BITS, r1: BITS },
    sc: ['r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1'],
    beyond: ['r0=0 r1=0'],
  },
  {
    name: 'n6: a load from the own buffer',
    text: `static int x, y, r0, r1;
      void cpu0(void) { WRITE_ONCE(x, 1); r0 = READ_ONCE(x); r1 = READ_ONCE(y); }
      void cpu1(void) { WRITE_ONCE(y, 2); WRITE_ONCE(x, 2); }`,
    values: { r0: [1, 2], r1: [0, 2], x: [1, 2] },
    sc: ['r0=1 r1=0 x=2', 'r0=1 r1=2 x=1', 'r0=1 r1=2 x=2', 'r0=2 r1=2 x=2'],
    beyond: ['r0=1 r1=0 x=1'],
  },
  {
    name: 'MP where the flag is read by its low half',
    text: `static int x, y, r0, r1;
      void cpu0(void) { WRITE_ONCE(x, 1); WRITE_ONCE(y, 0x10001); }
      void cpu1(void) { r0 = READ_ONCE(*(unsigned short *)&y); r1 = READ_ONCE(x); }`,
    values: { r0: BITS, r1: BITS },
    sc: ['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=1'],
    beyond: [],
  },
  {
    name: 'SB where each side reads the other half of its own store',
    // A half that the own store covers whole is forwarded.
    text: `static int x, y, r0, r1, r2, r3;
      void cpu0(void) { WRITE_ONCE(x, 0x10001); r2 = READ_ONCE(*(unsigned short *)&x); r0 = READ_ONCE(y); }
      void cpu1(void) { WRITE_ONCE(y, 1); r1 = READ_ONCE(x) & 1; }`,
    values: { r0: BITS, r1: BITS, r2: BITS },
    sc: ['r0=0 r1=1 r2=1', 'r0=1 r1=0 r2=1', 'r0=1 r1=1 r2=1'],
    beyond: ['r0=0 r1=0 r2=1'],
  },
  {
    name: 'SB where the own store covers the load in part: it waits',
    text: `static int x, y, r0, r1, r2;
      void cpu0(void) { WRITE_ONCE(*(unsigned short *)&x, 1); r2 = READ_ONCE(x); r0 = READ_ONCE(y); }
      void cpu1(void) { WRITE_ONCE(y, 1); r1 = READ_ONCE(x); }`,
    values: { r0: BITS, r1: BITS, r2: BITS },
    // r0 and r1 both 0 would need x's store in the buffer while y is read; but
    // cpu1's own store may still be in its buffer.
    sc: ['r0=0 r1=1 r2=1', 'r0=1 r1=0 r2=1', 'r0=1 r1=1 r2=1'],
    beyond: ['r0=0 r1=0 r2=1'],
  },
  {
    name: 'SB through spinlocks: an unlock is a store like any other',
    text: `static spinlock_t a, b; static int x, y, r0, r1;
      void cpu0(void) { spin_lock(&a); WRITE_ONCE(x, 1); spin_unlock(&a); r0 = READ_ONCE(y); }
      void cpu1(void) { spin_lock(&b); WRITE_ONCE(y, 1); spin_unlock(&b); r1 = READ_ONCE(x); }`,
    values: { r0: BITS, r1: BITS },
    sc: ['r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1'],
    beyond: ['r0=0 r1=0'],
  },
  {
    name: 'SB with interrupts turned off and on in between, which drain nothing',
    text: `static int x, y, r0, r1;
      void cpu0(void) { local_irq_disable(); WRITE_ONCE(x, 1); local_irq_enable(); r0 = READ_ONCE(y); }
      void cpu1(void) { local_irq_disable(); WRITE_ONCE(y, 1); local_irq_enable(); r1 = READ_ONCE(x); }`,
    values: { r0: BITS, r1: BITS },
    sc: ['r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1'],
    beyond: ['r0=0 r1=0'],
  },
  {
    name: 'SB against a waited IPI: sending drains, and so does being interrupted',
    text: `static void nothing(void *info) { (void)info; }
      static int x, y, r0, r1;
      void cpu0(void) { WRITE_ONCE(x, 1); smp_call_function(nothing, NULL, 1); r0 = READ_ONCE(y); }
      void cpu1(void) { WRITE_ONCE(y, 1); r1 = READ_ONCE(x); }`,
    values: { r0: BITS, r1: BITS },
    // The interrupt comes before cpu1's store, and x is in memory by then; or
    // after it, and takes it to memory.
    sc: ['r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1'],
    beyond: [],
  },
];

describe('litmus tests', () => {
  for (const { name, text, values, sc, beyond } of TESTS) {
    it(`${name}, under sequential consistency`, async () => {
      expect(await outcomes(text, values, { model: 'sc' })).toEqual([...sc].sort());
    });
    it(`${name}, under TSO`, async () => {
      expect(await outcomes(text, values, { model: 'tso' })).toEqual([...sc, ...beyond].sort());
    });
  }
});

const PAE: BuildOptions = { arch: 'i386-pae' };

describe('wide accesses on i386', () => {
  const text = `static unsigned long long x; static int r0, r1;
    void cpu0(void) { WRITE_ONCE(x, 0x100000001ull); }
    void cpu1(void) { unsigned long long v = READ_ONCE(x); r0 = (int)v; r1 = (int)(v >> 32); }`;

  for (const model of ['sc', 'tso'] as const) {
    it(`are two, in either order, under ${model}`, async () => {
      const found = await outcomes(text, { r0: BITS, r1: BITS }, { ...PAE, model });
      expect(found).toEqual(['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1']);
    });
  }

  const locked = (writer: string, reader: string): string => `static spinlock_t l;
    static unsigned long long x; static int r0, r1;
    static unsigned long long load(void) { return READ_ONCE(x); }
    static void store(void) { __atomic_exchange_n(&x, 0x100000001ull, __ATOMIC_SEQ_CST); }
    void cpu0(void) { ${writer} }
    void cpu1(void) { unsigned long long v; ${reader} r0 = (int)v; r1 = (int)(v >> 32); }`;
  const STORE = 'spin_lock(&l); store(); spin_unlock(&l);';
  const LOAD = 'spin_lock(&l); v = load(); spin_unlock(&l);';

  for (const model of ['sc', 'tso'] as const) {
    it(`cannot be torn where both sides hold the lock, under ${model}`, async () => {
      const found = await outcomes(locked(STORE, LOAD), { r0: BITS, r1: BITS }, { ...PAE, model });
      expect(found).toEqual(['r0=0 r1=0', 'r0=1 r1=1']);
    });

    it(`can be torn where only the reader holds it, under ${model}`, async () => {
      const found = await outcomes(
        locked('store();', LOAD),
        { r0: BITS, r1: BITS },
        { ...PAE, model },
      );
      expect(found).toEqual(['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1']);
    });

    it(`can be torn where only the writer holds it, under ${model}`, async () => {
      const found = await outcomes(
        locked(STORE, 'v = load();'),
        { r0: BITS, r1: BITS },
        { ...PAE, model },
      );
      expect(found).toEqual(['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1']);
    });

    it(`can be torn where a second store comes without the lock, under ${model}`, async () => {
      const text = locked(`${STORE} x = 0;`, LOAD);
      const found = await outcomes(text, { r0: BITS, r1: BITS }, { ...PAE, model });
      expect(found).toEqual(['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1']);
    });
  }

  it('are one where they are atomic', async () => {
    const whole = text.replace(
      'WRITE_ONCE(x, 0x100000001ull)',
      '__atomic_exchange_n(&x, 0x100000001ull, __ATOMIC_SEQ_CST)',
    );
    const both = whole.replace('READ_ONCE(x)', '__atomic_fetch_add(&x, 0, __ATOMIC_SEQ_CST)');
    expect(await outcomes(both, { r0: BITS, r1: BITS }, PAE)).toEqual(['r0=0 r1=0', 'r0=1 r1=1']);
  });
});
