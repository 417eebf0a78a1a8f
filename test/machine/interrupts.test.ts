/**
 * C8: small programs about interrupts, grace periods and handlers, each with
 * the exact set of its outcomes. They are about the machine, not about a
 * kernel: what each may and may not do follows from the Intel manual and from
 * what the kernel's own primitives promise.
 */

import { describe, expect, it } from 'vitest';
import { check, outcomes } from './build-system.ts';

const SYNC = 'static void nothing(void *info) { (void)info; }\n';

describe('an IPI and the interrupt flag', () => {
  it('is delivered before cli or after sti, and not between', async () => {
    const text = `${SYNC}
      static int x, r0, r1;
      void cpu0(void) {
        local_irq_disable(); r0 = READ_ONCE(x); r1 = READ_ONCE(x); local_irq_enable();
      }
      void cpu1(void) {
        smp_call_function(nothing, NULL, 1);
        WRITE_ONCE(x, 1);
      }`;
    // After the waited IPI nobody is inside a section that began before it.
    const values = { r0: [0, 1], r1: [0, 1] };
    expect(await outcomes(text, values)).toEqual(['r0=0 r1=0', 'r0=0 r1=1', 'r0=1 r1=1']);
  });

  it('orders a store before it against a whole section', async () => {
    const text = `${SYNC}
      static int x, y, r0, r1;
      void cpu0(void) {
        local_irq_disable(); r0 = READ_ONCE(x); r1 = READ_ONCE(y); local_irq_enable();
      }
      void cpu1(void) {
        WRITE_ONCE(x, 1);
        smp_call_function(nothing, NULL, 1);
        WRITE_ONCE(y, 1);
      }`;
    // x == 0 was read inside a section that the wait has to outlast: then y is 0, too.
    const values = { r0: [0, 1], r1: [0, 1] };
    expect(await outcomes(text, values)).toEqual(['r0=0 r1=0', 'r0=1 r1=0', 'r0=1 r1=1']);
  });

  it('orders nothing where nobody waits', async () => {
    const text = `${SYNC}
      static int x, y, r0, r1;
      void cpu0(void) {
        local_irq_disable(); r0 = READ_ONCE(x); r1 = READ_ONCE(y); local_irq_enable();
      }
      void cpu1(void) {
        WRITE_ONCE(x, 1);
        smp_call_function(nothing, NULL, 0);
        WRITE_ONCE(y, 1);
      }`;
    expect(await outcomes(text, { r0: [0, 1], r1: [0, 1] })).toHaveLength(4);
  });

  it('comes through where interrupts are on for a moment', async () => {
    const text = `${SYNC}
      static int x, y, r0, r1;
      void cpu0(void) {
        local_irq_disable(); r0 = READ_ONCE(x); local_irq_enable();
        local_irq_disable(); r1 = READ_ONCE(y); local_irq_enable();
      }
      void cpu1(void) {
        WRITE_ONCE(x, 1);
        smp_call_function(nothing, NULL, 1);
        WRITE_ONCE(y, 1);
      }`;
    expect(await outcomes(text, { r0: [0, 1], r1: [0, 1] })).toHaveLength(4);
  });

  it('does not wait for stores before cli: the flag is no store', async () => {
    const text = `${SYNC}
      static int entry = 1, freed, bad;
      void cpu0(void) {
        unsigned long flags;
        local_irq_save(flags);
        if (READ_ONCE(entry) && READ_ONCE(freed)) bad = 1;
        local_irq_restore(flags);
      }
      void cpu1(void) {
        WRITE_ONCE(entry, 0);
        smp_call_function(nothing, NULL, 1);
        WRITE_ONCE(freed, 1);
      }`;
    expect(await outcomes(text, { bad: [0, 1] })).toEqual(['bad=0']);
  });

  it('two that wait for each other answer while they wait', async () => {
    const text = `${SYNC}
      void cpu0(void) { smp_call_function(nothing, NULL, 1); }
      void cpu1(void) { smp_call_function(nothing, NULL, 1); }`;
    expect((await check(text)).properties).toEqual([]);
  });

  it('two that wait for each other with interrupts off are refused', async () => {
    const text = `${SYNC}
      static void send(void) { local_irq_disable(); smp_call_function(nothing, NULL, 1); local_irq_enable(); }
      void cpu0(void) { send(); }
      void cpu1(void) { send(); }`;
    expect((await check(text)).properties).toEqual(['ipi-with-irqs-off']);
  });

  it.each([
    ['off', ['deadlock']],
    ['on', []],
  ])(
    'the sender holds the lock that the target spins for with interrupts %s',
    async (flag, found) => {
      const text = `${SYNC}
      static spinlock_t lock;
      void cpu0(void) { spin_lock(&lock); smp_call_function(nothing, NULL, 1); spin_unlock(&lock); }
      void cpu1(void) {
        ${flag === 'off' ? 'local_irq_disable();' : ''}
        spin_lock(&lock); spin_unlock(&lock);
        ${flag === 'off' ? 'local_irq_enable();' : ''}
      }`;
      expect((await check(text)).properties).toEqual(found);
    },
  );

  it('reaches a CPU whose own code is over', async () => {
    const text = `
      static int x, r0;
      static void set(void *info) { *(int *)info = 1; }
      void cpu0(void) { smp_call_function(set, &x, 1); r0 = READ_ONCE(x); }
      void cpu1(void) { }`;
    expect(await outcomes(text, { r0: [0, 1] })).toEqual(['r0=1']);
  });
});

describe('a handler that runs code', () => {
  it('meets its own CPU between any two of its accesses', async () => {
    const text = `
      static int count, r0;
      static void increment(void *info) { (void)info; WRITE_ONCE(count, READ_ONCE(count) + 1); }
      void cpu0(void) { WRITE_ONCE(count, READ_ONCE(count) + 1); }
      void cpu1(void) { smp_call_function(increment, NULL, 1); r0 = READ_ONCE(count); }`;
    // count is cpu0's own: only the handler on cpu0 makes it shared. An update can be lost.
    const values = { r0: [0, 1, 2], count: [0, 1, 2] };
    expect(await outcomes(text, values)).toEqual(['r0=1 count=1', 'r0=1 count=2', 'r0=2 count=2']);
  });

  it('sees what its CPU did before it, and is waited for', async () => {
    const text = `
      static int mine[2], seen, r0;
      static void look(void *info) { (void)info; WRITE_ONCE(seen, READ_ONCE(mine[0]) + 2 * READ_ONCE(mine[1]) + 4); }
      void cpu0(void) { WRITE_ONCE(mine[0], 1); WRITE_ONCE(mine[1], 1); }
      void cpu1(void) { smp_call_function(look, NULL, 1); r0 = READ_ONCE(seen); }`;
    // In the order of the program: 0, 1, 3; never 2.
    const values = { r0: [0, 4, 5, 6, 7] };
    expect(await outcomes(text, values)).toEqual(['r0=4', 'r0=5', 'r0=7']);
  });

  it('is not waited for where nobody asked to', async () => {
    const text = `
      static int seen, r0;
      static void look(void *info) { (void)info; WRITE_ONCE(seen, 1); }
      void cpu0(void) { }
      void cpu1(void) { smp_call_function(look, NULL, 0); r0 = READ_ONCE(seen); }`;
    expect(await outcomes(text, { r0: [0, 1], seen: [0, 1] })).toEqual([
      'r0=0 seen=1',
      'r0=1 seen=1',
    ]);
  });

  it('keeps apart what its CPU holds in registers meanwhile', async () => {
    // The chosen value lives in a register alone while the handler runs between the two stores.
    const text = `
      static int begun, x, between;
      static void look(void *info) {
        (void)info;
        if (READ_ONCE(begun) && !READ_ONCE(x)) WRITE_ONCE(between, 1);
      }
      void cpu0(void) { int v = shootdown_choose(2); WRITE_ONCE(begun, 1); WRITE_ONCE(x, v + 1); }
      void cpu1(void) {
        smp_call_function(look, NULL, 0);
        (void)(READ_ONCE(begun) + READ_ONCE(x) + READ_ONCE(between));
      }`;
    expect(await outcomes(text, { x: [0, 1, 2], between: [0, 1] })).toEqual([
      'x=1 between=0',
      'x=1 between=1',
      'x=2 between=0',
      'x=2 between=1',
    ]);
  });

  it('finds the stack of its sender as its sender leaves it', async () => {
    // The argument is gone when the sender does not wait.
    const sender = (wait: number): string => `
      static int sum;
      static void use(void *info) { if (READ_ONCE(*(int *)info) == 7) WRITE_ONCE(sum, 1); }
      static void send(void) { int local = 7; smp_call_function(use, &local, ${wait}); }
      void cpu0(void) { }
      void cpu1(void) { send(); }`;
    expect(await outcomes(sender(1), { sum: [0, 1] })).toEqual(['sum=1']);
    // In time, or too late: returning is a step like any other.
    expect(await outcomes(sender(0), { sum: [0, 1] })).toEqual([
      'a branch depends on an uninitialised value',
      'sum=1',
    ]);
  });

  it('runs with interrupts off', async () => {
    const text = `
      static int off;
      static void look(void *info) { (void)info; WRITE_ONCE(off, irqs_disabled()); }
      void cpu0(void) { }
      void cpu1(void) { smp_call_function(look, NULL, 1); }`;
    expect(await outcomes(text, { off: [0, 1] })).toEqual(['off=1']);
  });

  it('that turns interrupts on is interrupted itself, and all goes on behind it', async () => {
    const text = `
      static int depth, deepest, r0;
      static void handle(void *info) {
        int mine = READ_ONCE(depth) + 1;
        (void)info;
        WRITE_ONCE(depth, mine);
        if (mine > READ_ONCE(deepest)) WRITE_ONCE(deepest, mine);
        local_irq_enable();
        local_irq_disable();
        WRITE_ONCE(depth, mine - 1);
      }
      void cpu0(void) { r0 = 1; (void)READ_ONCE(depth); r0 = 2; }
      void cpu1(void) { smp_call_function(handle, NULL, 0); (void)READ_ONCE(deepest); }
      void cpu2(void) { smp_call_function(handle, NULL, 0); (void)READ_ONCE(depth); }`;
    const only0 = text
      .replaceAll('smp_call_function(handle, NULL, 0)', 'to_cpu0()')
      .replace(
        'void cpu0',
        'static void handle_on_0(void *info) { if (shootdown_cpu() == 0) handle(info); }\n static void to_cpu0(void) { smp_call_function(handle_on_0, NULL, 0); }\n void cpu0',
      );
    const all = await outcomes(only0, { r0: [0, 1, 2], deepest: [0, 1, 2, 3], depth: [0, 1, 2] });
    expect(all).toEqual(['r0=2 deepest=1 depth=0', 'r0=2 deepest=2 depth=0']);
  });

  it('may come after a wait whose answer it does not need', async () => {
    // The handler interrupts CPU 0 while it waits for CPU 1, or when it has waited.
    const text = `${SYNC}
      static int y, m, out;
      static void set(void *info) { (void)info; WRITE_ONCE(m, 2); (void)(READ_ONCE(y) + READ_ONCE(y)); }
      void cpu0(void) {
        int seen = READ_ONCE(y);
        smp_call_function(nothing, NULL, 1);
        WRITE_ONCE(m, READ_ONCE(m) + 1);
        out = seen;
      }
      void cpu1(void) { smp_call_function(set, NULL, 0); WRITE_ONCE(y, 1); }`;
    const values = { m: [0, 1, 2, 3], out: [0, 1] };
    const every = [1, 2, 3].flatMap((m) => [`m=${m} out=0`, `m=${m} out=1`]);
    expect(await outcomes(text, values)).toEqual(every);
  });

  it('that takes the lock it interrupted deadlocks', async () => {
    const text = `
      static spinlock_t lock;
      static void take(void *info) { (void)info; spin_lock(&lock); spin_unlock(&lock); }
      void cpu0(void) { spin_lock(&lock); spin_unlock(&lock); }
      void cpu1(void) { smp_call_function(take, NULL, 1); }`;
    expect((await check(text)).properties).toEqual(['deadlock']);
  });
});

describe('a grace period', () => {
  const reader = (begin: string, end: string): string => `
    static int x, y, r0, r1;
    static struct rcu_head head;
    static void callback(struct rcu_head *h) { (void)h; WRITE_ONCE(y, 1); }
    void cpu0(void) { ${begin} r0 = READ_ONCE(x); r1 = READ_ONCE(y); ${end} }
    void cpu1(void) { WRITE_ONCE(x, 1); call_rcu(&head, callback); }`;
  const WAITED = ['r0=0 r1=0', 'r0=1 r1=0', 'r0=1 r1=1'];

  it.each([
    ['rcu_read_lock', 'rcu_read_lock();', 'rcu_read_unlock();'],
    ['interrupts off', 'local_irq_disable();', 'local_irq_enable();'],
    ['preemption off', 'preempt_disable();', 'preempt_enable();'],
    ['a spinlock held', 'static spinlock_t l; spin_lock(&l);', 'spin_unlock(&l);'],
    [
      'one in the other',
      'rcu_read_lock(); preempt_disable(); rcu_read_unlock();',
      'preempt_enable();',
    ],
  ])('waits for %s', async (_, begin, end) => {
    expect(await outcomes(reader(begin, end), { r0: [0, 1], r1: [0, 1] })).toEqual(WAITED);
  });

  it('waits for nobody outside', async () => {
    expect(await outcomes(reader('', ''), { r0: [0, 1], r1: [0, 1] })).toHaveLength(4);
  });

  it('does not wait for a reader that began after call_rcu', async () => {
    const text = `
      static int started, done, r0;
      static struct rcu_head head;
      static void callback(struct rcu_head *h) { (void)h; WRITE_ONCE(done, 1); }
      void cpu0(void) {
        shootdown_await(&started, 1);
        rcu_read_lock(); shootdown_await(&done, 1); rcu_read_unlock();
        r0 = 1;
      }
      void cpu1(void) { call_rcu(&head, callback); WRITE_ONCE(started, 1); }`;
    // If it did, the reader and the callback would wait for each other.
    expect(await outcomes(text, { r0: [0, 1] })).toEqual(['r0=1']);
  });

  it('waits for a reader that began before, however long it takes', async () => {
    const text = `
      static int started, done;
      static struct rcu_head head;
      static void callback(struct rcu_head *h) { (void)h; WRITE_ONCE(done, 1); }
      void cpu0(void) {
        rcu_read_lock(); WRITE_ONCE(started, 1); shootdown_await(&done, 1); rcu_read_unlock();
      }
      void cpu1(void) { shootdown_await(&started, 1); call_rcu(&head, callback); }`;
    expect((await check(text)).properties).toEqual(['deadlock']);
  });

  it('of synchronize_rcu ends after the readers inside', async () => {
    const text = `
      static int x, y, r0, r1;
      void cpu0(void) { rcu_read_lock(); r0 = READ_ONCE(x); r1 = READ_ONCE(y); rcu_read_unlock(); }
      void cpu1(void) { WRITE_ONCE(x, 1); synchronize_rcu(); WRITE_ONCE(y, 1); }`;
    expect(await outcomes(text, { r0: [0, 1], r1: [0, 1] })).toEqual(WAITED);
  });

  it('cannot be waited for inside a reader', async () => {
    const text = 'void cpu0(void) { rcu_read_lock(); synchronize_rcu(); rcu_read_unlock(); }';
    expect((await check(text)).properties).toEqual(['sleep-in-atomic']);
  });

  it('is not the IPI: a reader with interrupts on is not waited for by one', async () => {
    const text = `${SYNC}
      static int x, y, r0, r1;
      void cpu0(void) { rcu_read_lock(); r0 = READ_ONCE(x); r1 = READ_ONCE(y); rcu_read_unlock(); }
      void cpu1(void) { WRITE_ONCE(x, 1); smp_call_function(nothing, NULL, 1); WRITE_ONCE(y, 1); }`;
    expect(await outcomes(text, { r0: [0, 1], r1: [0, 1] })).toHaveLength(4);
  });
});
