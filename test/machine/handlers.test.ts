/**
 * Handlers in one step against handlers as code: the same ends and the same
 * findings in every search, on random programs, and where handlers are code as
 * many executions by both reductions; and each condition under which they are
 * one step, left out, is noticed.
 */

import { describe, expect, it } from 'vitest';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import type { MachineMutation } from '../../src/machine/mutation.ts';
import { checkAgainstGraph } from '../explore/oracles.ts';
import { buildText, outcomes, type Search, settledFactory } from './build-system.ts';
import { type EndStates, endStates } from './end-states.ts';
import { randomHandlers } from './random-handlers.ts';

const SEED = Number(process.env.SHOOTDOWN_SEED ?? 1);
const COUNT = Number(process.env.SHOOTDOWN_PROGRAMS ?? 30);

const byPlainReduction: Search = (system, options) =>
  exploreStateless(system, { ...options, reduction: 'plain' });

const isComplete = (end: string): boolean => !end.endsWith(' stuck');

it.each(['sc', 'tso'] as const)('random programs, under %s', async (model) => {
  const { text, variants, names } = randomHandlers(SEED, COUNT);
  let [whole, split] = [0, 0];
  for (let variant = 0; variant < COUNT; variant++) {
    const options = { model, variants, variant };
    const plain = await buildText(text, { ...options, plainHandlers: true });
    const merged = await buildText(text, options);
    const expected = await endStates(plain, names, exploreGraph);
    const runs: EndStates[] = [];
    for (const search of [byPlainReduction, exploreStateless, exploreGraph])
      runs.push(await endStates(merged, names, search));
    const where = `program ${variant} of seed ${SEED}`;
    for (const found of runs) {
      // Who is stuck has done what is private before that, or not yet: that is another matter in the two machines.
      expect(found.ends.filter(isComplete), where).toEqual(expected.ends.filter(isComplete));
      expect(found.findings, where).toEqual(expected.findings);
    }
    for (const built of [plain, merged])
      expect(await checkAgainstGraph(await settledFactory(built)), where).toEqual([]);
    if (runs.at(-1)!.split.length === 0) whole++;
    else split++;
  }
  // Both ways must be met, or nothing is compared.
  expect(whole).toBeGreaterThan(COUNT / 5);
  expect(split).toBeGreaterThan(0);
});

interface Condition {
  readonly mutation: MachineMutation;
  readonly name: string;
  readonly text: string;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

const ONLY_0 = (name: string, body: string): string =>
  `static void ${name}(void *info) { (void)info; if (shootdown_cpu() == 0) { ${body} } }\n`;

const CONDITIONS: readonly Condition[] = [
  {
    mutation: 'two-noticed-in-one-step',
    name: 'at most one operation that others notice',
    text: `static int x, y, r0, r1;
      static void look(void *info) { (void)info; r0 = READ_ONCE(x); r1 = READ_ONCE(y); }
      void cpu0(void) { }
      void cpu1(void) { smp_call_function(look, NULL, 0); WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); }`,
    values: { r0: [0, 1], r1: [0, 1] },
  },
  {
    mutation: 'crowded-handlers-in-one-step',
    name: 'alone in the queue, if another notices',
    // The first sender goes on once it is answered, while the second handler has yet to look.
    text: `static int begun, flag, q, mine, seen;
      ${ONLY_0('count', 'WRITE_ONCE(mine, READ_ONCE(mine) + 1);')}
      ${ONLY_0('look', 'WRITE_ONCE(seen, READ_ONCE(q) + 2 * READ_ONCE(mine));')}
      void cpu0(void) { local_irq_disable(); begun = 1; shootdown_await(&flag, 1); local_irq_enable(); }
      void cpu1(void) { shootdown_await(&begun, 1); smp_call_function(count, NULL, 1); WRITE_ONCE(q, 1); }
      void cpu2(void) { shootdown_await(&begun, 1); smp_call_function(look, NULL, 0); WRITE_ONCE(flag, 1); }`,
    values: { seen: [0, 1, 2, 3] },
  },
  {
    mutation: 'loans-for-nothing',
    name: 'loans of senders that wait only',
    text: `static int info __aligned(8), seen;
      static void look(void *info) { WRITE_ONCE(seen, READ_ONCE(*(int *)info)); }
      void cpu0(void) { }
      void cpu1(void) { info = 1; smp_call_function(look, &info, 0); info = 2; }`,
    values: { seen: [0, 1, 2] },
  },
  {
    mutation: 'loans-written-unseen',
    name: 'a loan that its sender writes to while it waits is none',
    // Asked about CPU 1, the sender writes to what CPU 0 may be reading by then.
    text: `static int lent __aligned(8), seen;
      static struct cpumask everybody = { { 7 } };
      static bool only_0(int cpu, void *info) {
        (void)info;
        if (cpu == 1) WRITE_ONCE(lent, 1);
        return cpu == 0;
      }
      static void look(void *info) { (void)info; WRITE_ONCE(seen, 1 + READ_ONCE(lent)); }
      void cpu0(void) { }
      void cpu1(void) { }
      void cpu2(void) { on_each_cpu_cond_mask(only_0, look, NULL, true, &everybody); }`,
    values: { seen: [1, 2] },
  },
  {
    mutation: 'unmasked-is-private',
    name: "a CPU's own places are private with interrupts off only",
    text: `static int count, r0;
      static void add(void *info) { (void)info; count++; }
      void cpu0(void) { count++; r0 = count; }
      void cpu1(void) { smp_call_function(add, NULL, 1); }`,
    values: { r0: [0, 1, 2], count: [0, 1, 2] },
  },
];

describe('a condition left out is noticed', () => {
  it.each(CONDITIONS)('$name', async ({ mutation, text, values }) => {
    const right = await outcomes(text, values, { plainHandlers: true });
    expect(await outcomes(text, values)).toEqual(right);
    const wrong = await outcomes(text, values, { mutation }).catch(String);
    expect(wrong).not.toEqual(right);
  });
});
