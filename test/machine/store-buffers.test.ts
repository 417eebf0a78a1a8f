/** x86-TSO on the machine, by the oracles: random programs with store buffers, and drains that nobody observes. */

import { describe, expect, it } from 'vitest';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkRestoring,
  checkTraces,
} from '../explore/oracles.ts';
import {
  type BuildOptions,
  type Built,
  buildScenario,
  buildText,
  check,
  configurationsOf,
  outcomes,
  type Search,
  searchToEnd,
  settledFactory,
} from './build-system.ts';
import { PARTS, randomStores } from './random-stores.ts';

const SEED = Number(process.env.SHOOTDOWN_SEED ?? 1);
const COUNT = Number(process.env.SHOOTDOWN_PROGRAMS ?? 60);
const STATES = 3000;

const byPlainReduction: Search = (system, options) =>
  exploreStateless(system, { ...options, reduction: 'plain' });

/** What the oracles find wrong. */
async function wrongWith(built: Built): Promise<string[]> {
  const make = await settledFactory(built);
  return [
    ...(await checkAgainstGraph(make)),
    ...((await checkTraces(make, { limit: 20_000 })) ?? []),
    ...checkCommutation(make, STATES),
    ...checkFootprints(make, STATES),
    ...checkRestoring(make, STATES / 4),
  ];
}

describe('random programs', () => {
  it.each(['x86_64', 'i386-pae'] as const)(
    'keep every promise on %s',
    async (arch) => {
      const { text, variants } = randomStores(SEED, COUNT, PARTS[arch]);
      for (let variant = 0; variant < COUNT; variant++) {
        const built = await buildText(text, { arch, model: 'tso', variants, variant });
        expect(await wrongWith(built), `program ${variant} of seed ${SEED}`).toEqual([]);
      }
    },
    120_000 + 2000 * COUNT,
  );

  it(
    'keep every promise where an NMI strikes',
    async () => {
      const few = Math.ceil(COUNT / 4);
      const { text, variants } = randomStores(SEED + 1, few, PARTS.x86_64);
      const struck = `${text}
        void nmi0(void) { WRITE_ONCE(x.w[0], READ_ONCE(y.w[1]) + 6); }`;
      for (let variant = 0; variant < few; variant++) {
        const options = { model: 'tso', nmis: 1, variants, variant } as const;
        expect(await wrongWith(await buildText(struck, options)), `program ${variant}`).toEqual([]);
      }
    },
    120_000 + 4000 * COUNT,
  );
});

it('a choice asleep does not hide what the awake one leads to', async () => {
  const text = `static union { unsigned long long q; unsigned int w[2]; } __aligned(8) x, y;
    static unsigned long long seen0, seen1; static unsigned int before0, before1;
    void cpu0(void) { before0 = READ_ONCE(x.w[0]); WRITE_ONCE(x.q, 1); seen0 = READ_ONCE(x.q); }
    void cpu1(void) {
      before1 = READ_ONCE(y.w[0]); __atomic_fetch_add(&y.w[0], 1, __ATOMIC_SEQ_CST); seen1 = READ_ONCE(x.q);
    }`;
  const built = await buildText(text, { arch: 'i386-pae', model: 'tso' });
  const make = await settledFactory(built);
  expect(await checkAgainstGraph(make)).toEqual([]);
  expect(await checkTraces(make, { limit: 20_000 })).toEqual([]);
});

const OWN = `static int x, r0;
  void cpu0(void) { WRITE_ONCE(x, 1); r0 = READ_ONCE(x); }
  void cpu1(void) { WRITE_ONCE(x, 2); }`;

describe('a load that its own store may answer', () => {
  const values = { r0: [0, 1, 2], x: [0, 1, 2] };
  const right = ['r0=1 x=1', 'r0=1 x=2', 'r0=2 x=2'];

  it('finds what came in between as well', async () => {
    expect(await outcomes(OWN, values, { model: 'tso' })).toEqual(right);
  });

  it('breaks a promise, where it touches nothing in memory', async () => {
    expect(await wrongWith(await buildText(OWN, { model: 'tso' }))).toEqual([]);
    const mutation = 'forwarded-unseen';
    expect(await wrongWith(await buildText(OWN, { model: 'tso', mutation }))).not.toEqual([]);
  });
});

describe('drains that nobody observes do not multiply executions', () => {
  const cells = configurationsOf('munmap-vs-gup-fast').filter(
    ({ variant, arch }) => variant === 'mainline' && arch === 'x86_64',
  );

  it.each(cells)('munmap-vs-gup-fast on $arch $platform', async (configuration) => {
    const [sc, tso] = await Promise.all(
      (['sc', 'tso'] as const).map(async (model) => {
        const system = (await buildScenario(configuration, { model })).open();
        return searchToEnd(system);
      }),
    );
    expect(tso!.executions).toBe(sc!.executions);
    expect(tso!.transitions).toBeGreaterThan(sc!.transitions);
  });
});

const FREED = `static struct page *p; static int *q; static int y, z, r0, r1, r2;
  void setup(void) { p = alloc_page(GFP_KERNEL | __GFP_ZERO); q = lowmem_page_address(p); }
  void cpu1(void) { r1 = READ_ONCE(*q); __free_page(p); }`;
const MB = '#define mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)\n';
const ENTRY = `#include <linux/pgtable.h>
  static pte_t *slot; static struct page *table; static unsigned int seen;
  void setup(void) { table = alloc_page(GFP_KERNEL | __GFP_ZERO); slot = lowmem_page_address(table); }
  static void use(pte_t e) { if (pte_present(e)) kunmap_local(kmap_local_page(pte_page(e))); }`;
const I386 = { arch: 'i386-pae', model: 'tso' } as const;

describe('a store that arrives where it must not', () => {
  it.each([
    [
      'beside a step that others wait for',
      `void cpu0(void) { WRITE_ONCE(*q, 1); r0 = READ_ONCE(y); WRITE_ONCE(z, 1); }
       void cpu2(void) { WRITE_ONCE(y, 1); r2 = READ_ONCE(z); }`,
    ],
    [
      'wherever its CPU stands by then',
      `void cpu0(void) {
         WRITE_ONCE(*q, 1);
         r0 = READ_ONCE(y);
         r0 = READ_ONCE(z);
       }
       void cpu2(void) { __atomic_exchange_n(&y, 1, __ATOMIC_SEQ_CST); __atomic_exchange_n(&z, 1, __ATOMIC_SEQ_CST); }`,
    ],
    [
      'from a handler',
      `static void call(void *info) { (void)info; WRITE_ONCE(*q, 1); r0 = READ_ONCE(y); }
       void cpu0(void) { smp_call_function(call, NULL, 1); WRITE_ONCE(z, 1); }
       void cpu2(void) { WRITE_ONCE(y, 1); r2 = READ_ONCE(z); }`,
    ],
  ])('%s', async (_, text) => {
    const make = await settledFactory(await buildText(`${FREED}\n${text}`, { model: 'tso' }));
    expect(await checkAgainstGraph(make)).toEqual([]);
    expect(checkCommutation(make, STATES)).toEqual([]);
    expect(checkFootprints(make, STATES)).toEqual([]);
  });
});

describe('grace periods', () => {
  const BITS = [0, 1];
  const READER =
    'void cpu1(void) { rcu_read_lock(); r0 = READ_ONCE(x); r1 = READ_ONCE(f); rcu_read_unlock(); }';

  it.each([
    ['synchronize_rcu', 'synchronize_rcu(); WRITE_ONCE(f, 1);', ''],
    [
      'call_rcu',
      'call_rcu(&head, back);',
      'static struct rcu_head head; static void back(struct rcu_head *h) { (void)h; WRITE_ONCE(f, 1); }',
    ],
  ])('%s waits for whoever may have missed what came before', async (_, wait, back) => {
    const text = `static int x, f, r0, r1; ${back}
      void cpu0(void) { WRITE_ONCE(x, 1); ${wait} }
      ${READER}`;
    const right = ['r0=0 r1=0', 'r0=1 r1=0', 'r0=1 r1=1'];
    for (const model of ['sc', 'tso'] as const)
      expect(await outcomes(text, { r0: BITS, r1: BITS }, { model })).toEqual(right);
  });
});

describe('on i386-pae', () => {
  it('an entry that the own CPU has stored is not torn before it arrives', async () => {
    const text = `${ENTRY}
      void cpu0(void) { set_pte(slot, __pte(0x40000067)); use(ptep_get_lockless(slot)); }
      void cpu1(void) { seen = READ_ONCE(*(unsigned int *)slot); }`;
    for (const model of ['sc', 'tso'] as const)
      expect((await check(text, { arch: 'i386-pae', model })).properties).toEqual([]);
  });

  it('what others store to it counts as well', async () => {
    const text = `${ENTRY}
      void cpu0(void) {
        WRITE_ONCE(((unsigned int *)slot)[1], 0); WRITE_ONCE(((unsigned int *)slot)[0], 0x40000067);
        use(ptep_get_lockless(slot));
      }
      void cpu1(void) { set_pte(slot, __pte(0x40000067)); }`;
    const make = await settledFactory(await buildText(text, I386));
    expect(await checkAgainstGraph(make)).toEqual([]);
    expect(checkCommutation(make, STATES)).toEqual([]);
    expect(checkFootprints(make, STATES)).toEqual([]);
  });

  const UNDER_LOCK = (load: string): string => `${MB}
    static spinlock_t lock; static int x, y, r0, r1;
    static union { unsigned long long q; unsigned int w[2]; } __aligned(8) e;
    void cpu0(void) {
      unsigned long long v;
      spin_lock(&lock); WRITE_ONCE(x, 1); WRITE_ONCE(e.w[0], 1); v = ${load};
      r0 = READ_ONCE(y) + 0 * (int)v; spin_unlock(&lock);
    }
    void cpu1(void) {
      WRITE_ONCE(y, 1); mb(); r1 = READ_ONCE(x);
      spin_lock(&lock); WRITE_ONCE(e.w[0], 2); spin_unlock(&lock);
    }`;

  it('a wide load under a lock waits for no store of its own', async () => {
    const values = { r0: [0, 1], r1: [0, 1] };
    const right = ['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=0', 'r0=1 r1=1'];
    const halves = 'READ_ONCE(e.w[0]) | ((unsigned long long)READ_ONCE(e.w[1]) << 32)';
    expect(await outcomes(UNDER_LOCK(halves), values, I386)).toEqual(right);
    expect(await outcomes(UNDER_LOCK('READ_ONCE(e.q)'), values, I386)).toEqual(right);
  });
});

/**
 * A load of bytes that come in parts passes every store of its CPU where an
 * interrupt may run code, and waits for one of them at most: what it passes
 * besides may still be on its way. CPU 2's call comes last of all, and all
 * that it does is to make CPU 0 such a CPU.
 */
const STORE_BUFFERING = `${MB}
  static union { unsigned long long q; unsigned int w[2]; } __aligned(8) x;
  static int w __aligned(8), y __aligned(8), flag __aligned(8), gate __aligned(8), last __aligned(8);
  static int r0 __aligned(8), r1 __aligned(8);
  static unsigned long long seen __aligned(8);
  static void code(void *info) { (void)info; WRITE_ONCE(last, READ_ONCE(gate)); WRITE_ONCE(gate, 1); }
  void cpu0(void) {
    WRITE_ONCE(x.w[0], 1); seen = READ_ONCE(x.q); WRITE_ONCE(y, 1);
    shootdown_await(&flag, 1); seen = READ_ONCE(x.w[0]); r0 = READ_ONCE(w) + 1;
    __atomic_exchange_n(&gate, 1, __ATOMIC_SEQ_CST);
  }
  void cpu1(void) {
    __atomic_exchange_n(&w, 1, __ATOMIC_SEQ_CST); r1 = READ_ONCE(y) + 1; (void)READ_ONCE(x.w[1]);
    __atomic_exchange_n(&gate, 1, __ATOMIC_SEQ_CST);
  }
  void cpu2(void) { WRITE_ONCE(flag, 1); shootdown_await(&gate, 1); smp_call_function(code, NULL, 1); }
  void finish(void) { shootdown_require("assertion", !(r0 == 1 && r1 == 1), "store buffering"); }`;

it.each([
  ['optimal', exploreStateless],
  ['plain', byPlainReduction],
  ['graph', exploreGraph],
] as const)('a load passes more than it waits for: %s', async (_name, search) => {
  const found = await check(STORE_BUFFERING, { model: 'tso' }, search);
  expect(found.details).toEqual(['store buffering']);
});

describe('limits are cuts in every search', () => {
  const limits = async (text: string, options: BuildOptions): Promise<string[][]> => {
    const found: string[][] = [];
    for (const search of [exploreStateless, byPlainReduction, exploreGraph])
      found.push((await check(text, options, search)).cuts);
    return found;
  };

  it('stores on their way', async () => {
    const some = 'WRITE_ONCE(x, 1); '.repeat(20);
    const text = `${MB}static int x, y, flag, r0, r1;
      void cpu0(void) { ${some} while (!READ_ONCE(flag)) ; ${some} r0 = READ_ONCE(y); }
      void cpu1(void) { WRITE_ONCE(flag, 1); WRITE_ONCE(y, 1); mb(); r1 = READ_ONCE(x); }`;
    for (const cuts of await limits(text, { model: 'tso', variants: ['only'] }))
      expect(cuts.join()).toContain('more than 32 stores of one CPU on their way to memory');
  });

  it('a half that is in part on its way, on i386-pae', async () => {
    const text = `static union { unsigned long long q; unsigned int w[2]; unsigned short h[4]; } __aligned(8) x;
      static int flag, r0, seen;
      void cpu0(void) { WRITE_ONCE(x.h[0], 1); while (!READ_ONCE(flag)) ; r0 = (int)READ_ONCE(x.q) & 1; }
      void cpu1(void) { WRITE_ONCE(flag, 1); WRITE_ONCE(x.w[1], 1); seen = READ_ONCE(x.h[0]); }`;
    for (const cuts of await limits(text, I386))
      expect(cuts.join()).toContain('a load in two halves');
  });
});
