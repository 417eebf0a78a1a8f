/**
 * Locks that several readers share and locks whose waiters sleep: who gets in
 * beside whom, where taking one is forbidden, which deadlocks there are, and
 * the oracles of the explorer on all of them.
 */

import { describe, expect, it } from 'vitest';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkRestoring,
  checkTraces,
} from '../explore/oracles.ts';
import { buildText, check, outcomes, settledFactory } from './build-system.ts';

const LOCKS = `
  #include <linux/mutex.h>
  #include <linux/pagemap.h>
  #include <linux/rwlock.h>
  #include <linux/rwsem.h>
  static struct rw_semaphore s, t;
  static struct mutex m;
  static rwlock_t l;
  static spinlock_t spin;
  static struct folio *folio;
  static void nothing(void *info) { (void)info; }
  void setup(void) { folio = (struct folio *)alloc_page(GFP_KERNEL); }
`;

async function found(text: string, options: Parameters<typeof check>[1] = {}): Promise<string[]> {
  const { properties, cuts } = await check(LOCKS + text, options);
  return [...properties, ...cuts.map((cut) => `cut ${cut}`)];
}

/** Both CPUs do this, in these ways; what each saw of the other's being inside. */
async function inside(first: readonly string[], second: readonly string[]): Promise<string[]> {
  const cpu = (n: number, [take, give]: readonly string[]): string =>
    `void cpu${n}(void) { ${take} WRITE_ONCE(in${n}, 1); r${n} = READ_ONCE(in${1 - n}); WRITE_ONCE(in${n}, 0); ${give} }`;
  const text = `${LOCKS} static int in0, in1, r0, r1;\n${cpu(0, first)}\n${cpu(1, second)}`;
  return await outcomes(text, { r0: [0, 1], r1: [0, 1] });
}

const READ = ['down_read(&s);', 'up_read(&s);'] as const;
const WRITE = ['down_write(&s);', 'up_write(&s);'] as const;
const TRY_WRITE = ['if (!down_write_trylock(&s)) return;', 'up_write(&s);'] as const;
const TRY_READ = ['if (!down_read_trylock(&s)) return;', 'up_read(&s);'] as const;
const MUTEX = ['mutex_lock(&m);', 'mutex_unlock(&m);'] as const;
const RW_READ = ['read_lock(&l);', 'read_unlock(&l);'] as const;
const RW_WRITE = ['write_lock(&l);', 'write_unlock(&l);'] as const;
const FOLIO = ['folio_lock(folio);', 'folio_unlock(folio);'] as const;

describe('who gets in beside whom', () => {
  it.each([
    ['readers of a semaphore', READ, READ],
    ['readers, one of which tries', READ, TRY_READ],
    ['readers of an rwlock', RW_READ, RW_READ],
  ])('%s share it', async (_, first, second) => {
    expect((await inside(first, second)).length).toBeGreaterThan(1);
  });

  it.each([
    ['a reader and a writer', READ, WRITE],
    ['a reader and one who tries to write', READ, TRY_WRITE],
    ['one who tries to read and a writer', TRY_READ, WRITE],
    ['two writers', WRITE, TRY_WRITE],
    ['two owners of a mutex', MUTEX, MUTEX],
    ['a reader and a writer of an rwlock', RW_READ, RW_WRITE],
    ['two writers of an rwlock', RW_WRITE, RW_WRITE],
    ['two who lock a folio', FOLIO, FOLIO],
    [
      'one who tries to lock a folio and another',
      ['if (!folio_trylock(folio)) return;', FOLIO[1]],
      FOLIO,
    ],
  ])('%s do not', async (_, first, second) => {
    expect(await inside(first, second)).toEqual(['r0=0 r1=0']);
  });

  it('a writer that becomes a reader lets readers in, and no writer before', async () => {
    const text = `${LOCKS} static int x, r0, r1;
      void cpu0(void) {
        down_write(&s); WRITE_ONCE(x, 1); downgrade_write(&s); r0 = READ_ONCE(x); up_read(&s);
      }
      void cpu1(void) { down_write(&s); r1 = READ_ONCE(x); WRITE_ONCE(x, 2); up_write(&s); }`;
    expect(await outcomes(text, { r0: [0, 1, 2], r1: [0, 1] })).toEqual(['r0=1 r1=0', 'r0=1 r1=1']);
  });

  it('the words are those that assertions read', async () => {
    const text = `
      void cpu0(void) {
        down_write(&s); rwsem_assert_held_write(&s); downgrade_write(&s);
        BUG_ON(s.count.counter != 0x100); rwsem_assert_held(&s); up_read(&s);
        BUG_ON(rwsem_is_locked(&s));
        mutex_lock(&m); BUG_ON(!mutex_is_locked(&m)); mutex_unlock(&m);
        folio_lock(folio); BUG_ON(!folio_test_locked(folio)); folio_unlock(folio);
      }`;
    expect(await found(text)).toEqual([]);
    expect(await found(text, { arch: 'i386-pae' })).toEqual([]);
    expect(await found('void cpu0(void) { rwsem_assert_held(&s); }')).toEqual(['warn']);
    const reader = 'void cpu0(void) { down_read(&s); rwsem_assert_held_write(&s); up_read(&s); }';
    expect(await found(reader)).toEqual(['warn']);
  });
});

describe('where sleeping is forbidden', () => {
  const TAKES = [
    'down_read(&s)',
    'down_write(&s)',
    'mutex_lock(&m)',
    'folio_lock(folio)',
    'alloc_page(GFP_KERNEL)',
  ];
  const ATOMIC = [
    ['spin_lock(&spin);', 'spin_unlock(&spin);'],
    ['read_lock(&l);', 'read_unlock(&l);'],
    ['local_irq_disable();', 'local_irq_enable();'],
    ['preempt_disable();', 'preempt_enable();'],
    ['rcu_read_lock();', 'rcu_read_unlock();'],
  ];
  it('taking one is found in every such place, though nobody else wants it', async () => {
    const cases = ATOMIC.flatMap(([enter, leave]) =>
      TAKES.map((take) => `${enter} ${take}; ${leave} break;`),
    );
    const lines = cases.map((one, number) => `case ${number}: ${one}`).join('\n');
    const text = `void cpu0(void) { switch (shootdown_choose(${cases.length})) {\n${lines}\n} }`;
    const { properties, result } = await check(LOCKS + text);
    expect(properties).toEqual(['sleep-in-atomic']);
    // Each has a line of its own.
    expect(result.violations).toHaveLength(cases.length);
  });

  it('trying and giving up are allowed', async () => {
    const text = `void cpu0(void) {
      spin_lock(&spin);
      if (down_read_trylock(&s)) up_read(&s);
      if (down_write_trylock(&s)) up_write(&s);
      if (mutex_trylock(&m)) mutex_unlock(&m);
      alloc_page(GFP_NOWAIT);
      if (folio_trylock(folio)) folio_unlock(folio);
      spin_unlock(&spin);
    }`;
    expect(await found(text)).toEqual([]);
  });

  it('an allocation that may not sleep may fail, and no other', async () => {
    const text = (gfp: string): string => `${LOCKS}
      static int failed;
      void cpu0(void) { failed = !alloc_page(${gfp}); }`;
    expect(await outcomes(text('GFP_NOWAIT'), { failed: [0, 1] })).toEqual([
      'failed=0',
      'failed=1',
    ]);
    expect(await outcomes(text('GFP_KERNEL'), { failed: [0, 1] })).toEqual(['failed=0']);
  });

  it('code may say that it sleeps', async () => {
    const text = 'void cpu0(void) { spin_lock(&spin); might_sleep(); spin_unlock(&spin); }';
    expect(await found(text)).toEqual(['sleep-in-atomic']);
    expect(await found('void cpu0(void) { might_sleep(); }')).toEqual([]);
  });
});

describe('deadlocks', () => {
  const pair = (a: readonly string[], b: readonly string[]): string => `
    void cpu0(void) { ${a[0]} ${b[0]} ${b[1]} ${a[1]} }
    void cpu1(void) { ${b[0]} ${a[0]} ${a[1]} ${b[1]} }`;
  const T_WRITE = ['down_write(&t);', 'up_write(&t);'];
  const T_READ = ['down_read(&t);', 'up_read(&t);'];

  it.each([
    ['two semaphores', WRITE, T_WRITE],
    ['a mutex and a semaphore', MUTEX, WRITE],
    ['a folio and a semaphore', FOLIO, WRITE],
    ['rwlock and spinlock', RW_WRITE, ['spin_lock(&spin);', 'spin_unlock(&spin);']],
  ])('%s in two orders', async (_, a, b) => {
    expect(await found(pair(a, b))).toEqual(['deadlock']);
  });

  it('a reader may be in one, but readers alone cannot make one', async () => {
    const mixed = `
      void cpu0(void) { ${READ[0]} ${T_WRITE[0]} ${T_WRITE[1]} ${READ[1]} }
      void cpu1(void) { ${T_WRITE[0]} ${WRITE[0]} ${WRITE[1]} ${T_WRITE[1]} }`;
    expect(await found(mixed)).toEqual(['deadlock']);
    expect(await found(pair(READ, T_READ))).toEqual([]);
  });

  it('a reader that reads again is misuse: a writer may wait in between', async () => {
    expect(await found('void cpu0(void) { down_read(&s); down_read(&s); }')).toEqual([
      'lock-misuse',
    ]);
    expect(await found('void cpu0(void) { down_write(&s); down_read(&s); }')).toEqual(['deadlock']);
  });
});

describe('a sleeper', () => {
  it('takes interrupts: who has the lock may wait for its IPI', async () => {
    const text = `
      void cpu0(void) { down_write(&s); smp_call_function(nothing, NULL, 1); up_write(&s); }
      void cpu1(void) { down_write(&s); up_write(&s); }`;
    expect(await found(text)).toEqual([]);
  });

  it('is no reader of RCU: who has the lock may wait for a grace period', async () => {
    const text = `
      void cpu0(void) { down_write(&s); synchronize_rcu(); up_write(&s); }
      void cpu1(void) { down_read(&s); up_read(&s); }`;
    expect(await found(text)).toEqual([]);
  });
});

describe('misuse', () => {
  it.each([
    'up_read(&s);',
    'up_write(&s);',
    'down_read(&s); up_write(&s);',
    'down_write(&s); up_read(&s);',
    'down_read(&s);',
    'mutex_unlock(&m);',
    'mutex_lock(&m);',
    'folio_unlock(folio);',
  ])('%s', async (text) => {
    expect(await found(`void cpu0(void) { ${text} }`)).toEqual(['lock-misuse']);
  });

  it('a folio may be unlocked by another CPU', async () => {
    const text = `
      void cpu0(void) { folio_lock(folio); }
      void cpu1(void) { while (!folio_test_locked(folio)) ; folio_unlock(folio); }`;
    expect(await found(text)).toEqual([]);
  });
});

describe('the oracles', () => {
  const PROGRAMS = [
    ['readers and a writer', READ, READ, WRITE],
    ['tries', TRY_READ, TRY_WRITE, READ],
    ['rwlock', RW_READ, RW_READ, RW_WRITE],
    ['folio', FOLIO, FOLIO, ['if (!folio_trylock(folio)) return;', FOLIO[1]]],
    ['downgrade', ['down_write(&s); downgrade_write(&s);', 'up_read(&s);'], READ, TRY_WRITE],
  ] as const;

  it.each(PROGRAMS)('hold of %s', async (_, ...cpus) => {
    const bodies = cpus.map(
      ([take, give], n) =>
        `void cpu${n}(void) { ${take} WRITE_ONCE(x, READ_ONCE(x) + 1); ${give} }`,
    );
    const text = `${LOCKS} static int x;\n${bodies.join('\n')}`;
    for (const model of ['sc', 'tso'] as const) {
      const make = await settledFactory(await buildText(text, { model }));
      expect(checkCommutation(make, 300)).toEqual([]);
      expect(checkFootprints(make, 300)).toEqual([]);
      expect(checkRestoring(make, 100)).toEqual([]);
      expect(await checkAgainstGraph(make)).toEqual([]);
      if (model === 'sc') expect(await checkTraces(make, { limit: 60_000 })).toEqual([]);
    }
  });
});
