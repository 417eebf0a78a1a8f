import { expect, test } from 'vitest';
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
