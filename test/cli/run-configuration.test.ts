import { expect, test } from 'vitest';
import { chooseSearch } from '../../src/cli/check/choose-search.ts';
import { type RunContext, runConfiguration } from '../../src/cli/check/run-configuration.ts';
import type { Configuration } from '../../src/scenario/configurations.ts';
import { recordExecution } from '../../src/trace/record.ts';
import { parseSchedule, scheduleIdentity } from '../../src/trace/schedule.ts';
import { type ToyOptions, ToySubject } from './toy-subject.ts';

const CONFIGURATION: Configuration = {
  scenario: 'toy',
  variant: 'plain',
  variantIndex: 0,
  kernel: 'builtin',
  config: {},
  era: '6.12',
  arch: 'x86_64',
  platform: 'native',
  memory: 'sc',
  preemptions: 0,
  expected: 'unsafe lost-store',
  platformCodeMissing: null,
  stackZeroed: false,
};
const CONTEXT: RunContext = {
  limits: {
    kind: 'stateless',
    maxExecutions: Number.POSITIVE_INFINITY,
    timeoutSeconds: Number.POSITIVE_INFINITY,
    first: false,
  },
  without: null,
  signal: new AbortController().signal,
  cpuNames: ['one', 'other'],
  onProgress: () => {},
  onShortening: () => {},
};
const run = async (toy: ToyOptions, change: Partial<RunContext> = {}) =>
  runConfiguration(CONFIGURATION, () => new ToySubject(toy), { ...CONTEXT, ...change });
const limited = (limits: Partial<RunContext['limits']>): Partial<RunContext> => ({
  limits: { ...CONTEXT.limits, ...limits },
});

test('safe: nothing was left out', async () => {
  const { result } = await run({ atomic: true });
  expect(result).toMatchObject({ verdict: 'safe', property: null, message: '', violations: [] });
  expect(result.counterexample).toBeNull();
  expect(result.executions).toBe(2);
});

test.each(['stateless', 'graph'] as const)('unsafe, by the %s search', async (kind) => {
  const { result } = await run({ cpus: 3 }, limited({ kind }));
  expect(result).toMatchObject({
    verdict: 'unsafe',
    expected: 'unsafe lost-store',
    property: 'lost-store',
    violations: [{ property: 'lost-store', site: 'toy.c:2 count' }],
  });
  expect(result.counterexample).toMatchObject({ shortest: true });
  expect(result.counterexample!.steps).toHaveLength(6);
  expect(result.message).toMatch(/^the counter is [12], not 3$/);
});

test('where a promise is broken the graph goes on, and the report says so', async () => {
  const toy = { breaksPromise: true };
  const { result } = await run(toy, limited({ kind: null }));
  expect(result).toMatchObject({ verdict: 'unsafe', property: 'lost-store' });
  expect(result.search).toMatchObject({ kind: 'graph' });
  expect(result.search!.why).toMatch(/^the stateless one failed, please report it: actor 1 /);
  await expect(run(toy)).rejects.toThrow('actor 1');
  await expect(run(toy, limited({ kind: null, maxExecutions: 9 }))).rejects.toThrow('actor 1');
});

test('the schedule leads a machine that knows nothing to the same violation', async () => {
  const { result } = await run({ learns: true });
  const schedule = parseSchedule(result.counterexample!.schedule);
  if (typeof schedule === 'string') throw new Error(schedule);
  expect(schedule.identity).toBe(scheduleIdentity({ ...CONFIGURATION, without: null }));
  expect(schedule.splits).toEqual([7]);
  const fresh = new ToySubject({ learns: true });
  expect(recordExecution(fresh, schedule.steps).failure).toContain('an access is shared');
  fresh.makeVisible(schedule.splits);
  const recording = recordExecution(fresh, schedule.steps);
  expect(recording).toMatchObject({ failure: null, ended: true, deadlocked: false });
  expect(recording.violations).toEqual([{ property: 3, site: 9, stepNumber: 5 }]);
  expect(recording.steps).toEqual(result.counterexample!.steps);
});

test('the report of a search: what was visited, learnt and merged', async () => {
  const made = { commutingAdds: false, compilingSeconds: 1.23456 };
  const { search } = (await run({ learns: true }, { made })).result;
  // Two read before either writes, or one after the other: two orders of each.
  expect(search).toMatchObject({
    kind: 'stateless',
    why: 'asked for',
    order: null,
    symmetric: false,
    commutingAdds: false,
    executions: 4,
    traces: 4,
    asleep: 0,
    deepest: 4,
    madeVisible: 1,
    restarts: 1,
    bytesPerState: null,
    bytesPerStep: expect.any(Number),
  });
  expect(search?.seconds.compiling).toBe(1.235);
  expect(search?.instructions).toEqual({
    visible: (search?.transitions ?? 0) + (search?.looks ?? 0),
    merged: 10 * ((search?.transitions ?? 0) + (search?.looks ?? 0)),
  });
  const graph = (await run({ learns: true }, limited({ kind: 'graph' }))).result.search;
  expect(graph).toMatchObject({ kind: 'graph', order: 'breadth', traces: null, asleep: 0 });
  expect(graph?.bytesPerState).toBeGreaterThan(8);
});

test('which search is chosen where none is asked for', () => {
  const { limits } = CONTEXT;
  const open = { ...limits, kind: null };
  const plain = new ToySubject();
  const alike = Object.assign(new ToySubject(), { alike: [[0, 1]], orbitKey: () => 0 });
  expect(chooseSearch(limits, alike)).toEqual({ kind: 'stateless', why: 'asked for' });
  expect(chooseSearch({ ...limits, kind: 'graph' }, plain).kind).toBe('graph');
  expect(chooseSearch(open, plain).kind).toBe('stateless');
  expect(chooseSearch(open, alike)).toEqual({ kind: 'graph', why: 'CPUs are alike' });
  expect(chooseSearch({ ...open, maxExecutions: 5 }, alike).kind).toBe('stateless');
  const unkeyed = Object.assign(new ToySubject(), { alike: [[0, 1]] });
  expect(chooseSearch(open, unkeyed).kind).toBe('stateless');
});

test('a replay that shows something else is our own fault', async () => {
  let opened = 0;
  const open = () => new ToySubject({ blind: opened++ > 0 });
  await expect(runConfiguration(CONFIGURATION, open, CONTEXT)).rejects.toThrow(
    'the search found lost-store at toy.c:2 count, but replaying it showed no violation',
  );
});

test.each([
  ['--max-executions', limited({ maxExecutions: 1 })],
  ['--timeout', limited({ timeoutSeconds: 1e-9 })],
  ['interrupted', { signal: AbortSignal.abort() }],
])('inconclusive with its reason: %s', async (reason, change) => {
  const { result } = await run({ atomic: true, cpus: 5 }, change);
  expect(result).toMatchObject({ verdict: 'inconclusive', property: null, counterexample: null });
  expect(result.message).toContain(reason);
  expect(result.assumptions.bounds.cuts).toEqual([result.message]);
});

test('--first stops early, and the verdict is still unsafe', async () => {
  const all = await run({ cpus: 3 });
  const first = await run({ cpus: 3 }, limited({ first: true }));
  expect(first.result.verdict).toBe('unsafe');
  expect(first.result.executions).toBeLessThan(all.result.executions);
  expect(first.result.assumptions.bounds.cuts).toEqual([
    'stopped at the first violation (--first)',
  ]);
});

test('a function left out matters only if it was called', async () => {
  expect((await run({}, { without: 'count' })).withoutMattered).toBe(true);
  expect((await run({}, { without: 'other' })).withoutMattered).toBe(false);
  // Of a search that did not end nobody knows.
  const stopped = await run({}, { without: 'other', ...limited({ maxExecutions: 1 }) });
  expect(stopped.withoutMattered).toBe(true);
  expect((await run({}, { without: 'count' })).result.expected).toBeNull();
});

test('a schedule that cannot be followed says at which step', () => {
  const subject = new ToySubject();
  const steps = [0, 0, 0].map((actor) => ({ actor, choice: 0 }));
  expect(recordExecution(subject, steps).failure).toBe('step 3: actor 0 has no further step');
  expect(recordExecution(subject, [{ actor: 1, choice: 4 }]).failure).toBe(
    'step 1: actor 1 has 1 choices, not choice 4',
  );
  expect(recordExecution(subject, [{ actor: 9, choice: 0 }]).failure).toBe(
    'step 1: actor 9 has no further step',
  );
});
