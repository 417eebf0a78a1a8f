/**
 * C9: the machine made wrong on purpose. Each mutation is noticed by what is
 * there to notice it: an expectation that no longer holds, or an oracle.
 */

import { describe, expect, it } from 'vitest';
import type { MachineMutation } from '../../src/machine/machine.ts';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkTraces,
} from '../explore/oracles.ts';
import {
  type Built,
  buildScenario,
  buildText,
  configurationsOf,
  outcomes,
  properties,
  searchToEnd,
  settledFactory,
} from './build-system.ts';
import { checkSwaps } from './swaps.ts';

const cell = (scenario: string, variant: string, arch: string, platform: string) =>
  configurationsOf(scenario).find(
    (one) => one.variant === variant && one.arch === arch && one.platform === platform,
  )!;

const FLAGSHIP = ['retract-vs-pte-map', 'sync-after-unlock', 'i386-pae', 'hyperv'] as const;
const SEEDED = ['retract-bugs', 'free-twice', 'x86_64', 'native'] as const;

const GRACE = `
  static int started, x, y, r0, r1;
  static struct rcu_head head;
  static void callback(struct rcu_head *h) { (void)h; WRITE_ONCE(y, 1); }
  void cpu0(void) { rcu_read_lock(); r0 = READ_ONCE(x); r1 = READ_ONCE(y); rcu_read_unlock(); }
  void cpu1(void) { WRITE_ONCE(x, 1); call_rcu(&head, callback); }`;
const LATE_READER = `
  static int started, done, r0;
  static struct rcu_head head;
  static void callback(struct rcu_head *h) { (void)h; WRITE_ONCE(done, 1); }
  void cpu0(void) {
    shootdown_await(&started, 1);
    rcu_read_lock(); shootdown_await(&done, 1); rcu_read_unlock();
    r0 = 1;
  }
  void cpu1(void) { call_rcu(&head, callback); WRITE_ONCE(started, 1); }`;

describe('an expectation fails', () => {
  it('where a grace period waits for nobody', async () => {
    const values = { r0: [0, 1], r1: [0, 1] };
    const right = ['r0=0 r1=0', 'r0=1 r1=0', 'r0=1 r1=1'];
    expect(await outcomes(GRACE, values)).toEqual(right);
    expect(await outcomes(GRACE, values, { mutation: 'grace-waits-for-nobody' })).not.toEqual(
      right,
    );
  });

  it('where a grace period waits for everybody', async () => {
    expect(await outcomes(LATE_READER, { r0: [0, 1] })).toEqual(['r0=1']);
    const mutation = 'grace-waits-for-everybody';
    expect(await outcomes(LATE_READER, { r0: [0, 1] }, { mutation })).not.toEqual(['r0=1']);
  });

  const verdict = async (
    names: readonly [string, string, string, string],
    mutation?: MachineMutation,
    model?: 'sc' | 'tso',
  ): Promise<string[]> => {
    const system = (await buildScenario(cell(...names), { mutation, model })).open();
    return properties(system, await searchToEnd(system));
  };

  it.each([
    ['x86_64', 'native'],
    ['riscv', 'native'],
    ['powerpc', 'hash'],
  ])('where a flush skips a CPU: %s %s is no longer safe', async (arch, platform) => {
    const names = ['collapse-vs-gup-fast', 'no-sync', arch, platform] as const;
    expect(await verdict(names)).toEqual([]);
    expect(await verdict(names, 'flush-skips-a-cpu')).not.toEqual([]);
  });

  it('where a grace period ends early: the table is freed under its reader', async () => {
    const names = ['retract-vs-pte-map', 'mainline', 'x86_64', 'native'] as const;
    expect(await verdict(names)).toEqual([]);
    expect(await verdict(names, 'grace-waits-for-nobody')).toContain('use-after-free');
  });

  it('where a locked operation does not drain the store buffer: a pin is lost', async () => {
    const names = ['gup-fast-vs-fork', 'fixed', 'x86_64', 'native'] as const;
    expect(await verdict(names, undefined, 'tso')).toEqual([]);
    expect(await verdict(names, 'locked-does-not-drain', 'tso')).toEqual(['lost-pin']);
  });

  it('where eight bytes come in one step on i386', async () => {
    const text = `
      static unsigned long long v __aligned(8); static unsigned r0, r1;
      void cpu0(void) { WRITE_ONCE(v, 0x100000001ull); }
      void cpu1(void) { unsigned long long seen = READ_ONCE(v); r0 = seen; r1 = seen >> 32; }`;
    const values = { r0: [0, 1], r1: [0, 1] };
    const arch = 'i386-pae';
    expect(await outcomes(text, values, { arch })).toHaveLength(4);
    expect(await outcomes(text, values, { arch, mutation: 'wide-in-one-step' })).toHaveLength(2);
  });
});

const INTERRUPTED = `
  static int count, r0;
  static void increment(void *info) { (void)info; WRITE_ONCE(count, READ_ONCE(count) + 1); }
  void cpu0(void) { WRITE_ONCE(count, READ_ONCE(count) + 1); }
  void cpu1(void) { smp_call_function(increment, NULL, 1); r0 = READ_ONCE(count); }`;
const LOCKED = `
  static spinlock_t l; static int x;
  void cpu0(void) { spin_lock(&l); x++; spin_unlock(&l); }
  void cpu1(void) { spin_lock(&l); x++; spin_unlock(&l); }`;
const MASKED = `
  static int x;
  static void nothing(void *info) { (void)info; }
  void cpu0(void) { local_irq_disable(); x = 1; local_irq_enable(); }
  void cpu1(void) { smp_call_function(nothing, NULL, 1); x = 2; }`;

/** Everything that the oracles say, and what the searches throw. */
async function complaints(
  build: (mutation?: MachineMutation) => Promise<Built>,
  mutation?: MachineMutation,
): Promise<string[]> {
  try {
    const make = await settledFactory(await build(mutation));
    return [
      ...checkCommutation(make, 400),
      ...checkFootprints(make, 400),
      ...checkSwaps(make, 400),
      ...(await checkAgainstGraph(make)),
      ...((await checkTraces(make, { limit: 4000 })) ?? []),
    ];
  } catch (error) {
    return [String(error)];
  }
}

describe('an oracle complains', () => {
  it.each<[MachineMutation, string, string]>([
    ['no-irq-guard', 'a delivery', MASKED],
    ['no-rcu-guard', 'a callback', GRACE],
    ['no-lock-guard', 'a spinlock', LOCKED],
    ['no-ack-guard', 'a wait for answers', INTERRUPTED],
    ['no-control', 'the code that a handler interrupts', INTERRUPTED],
  ])('%s: what forbids or changes %s is left out of footprints', async (mutation, _, text) => {
    const build = (wrong?: MachineMutation) => buildText(text, { mutation: wrong });
    expect(await complaints(build)).toEqual([]);
    expect(await complaints(build, mutation)).not.toEqual([]);
  });

  it('no-buffer-guard: what forbids a locked operation is left out of footprints', async () => {
    const text = `static int x, y, r0;
      void cpu0(void) { WRITE_ONCE(x, 1); __atomic_fetch_add(&y, 1, __ATOMIC_SEQ_CST); }
      void cpu1(void) { r0 = READ_ONCE(x); WRITE_ONCE(y, 2); }`;
    const build = (mutation?: MachineMutation) => buildText(text, { model: 'tso', mutation });
    expect(await complaints(build)).toEqual([]);
    expect(await complaints(build, 'no-buffer-guard')).not.toEqual([]);
  });

  it.each<[MachineMutation, readonly [string, string, string, string]]>([
    ['no-irq-guard', FLAGSHIP],
    ['no-rcu-guard', SEEDED],
    ['no-lock-guard', FLAGSHIP],
  ])('%s on a scenario', async (mutation, names) => {
    const build = (wrong?: MachineMutation) => buildScenario(cell(...names), { mutation: wrong });
    expect(await complaints(build, mutation)).not.toEqual([]);
  });
});
