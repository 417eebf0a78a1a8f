/** Several configurations at one time: nothing that is printed depends on how many. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Compilations } from '../../src/cli/check/compile.ts';
import { jobsInWorkers } from '../../src/cli/check/jobs.ts';
import { expand } from '../../src/cli/check/plan.ts';
import { errorOf, failureOf } from '../../src/cli/check/worker.ts';
import { isInputError } from '../../src/cli/failure.ts';
import { findScenario } from '../../src/cli/scenario-files.ts';
import { UnsupportedError } from '../../src/machine/violation.ts';
import { inputError } from '../../src/scenario/input-error.ts';
import type { CheckResult } from '../../src/trace/format.ts';
import { shootdown } from './run-shootdown.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'shootdown-workers-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** The variants take longer the earlier they come; the third may do something else. */
function scenario(name: string, third: string): string {
  const file = join(FOLDER, `${name}.c`);
  writeFileSync(
    file,
    `// SPDX-License-Identifier: Apache-2.0
/*
 * @question Which of these is done first?
 * @source this test
 * @cpu 0 one: adds
 * @cpu 1 other: adds
 * @variant long: three times
 * @variant short: twice
 * @variant third: what the test says
 * @variant last: once
 * @arch x86_64
 * @platform native kvm
 */
#include <shootdown/scenario.h>
static int count;
void other_than_all(void);
static void work(void)
{
	int i;

	for (i = 0; i < (variant(long) ? 3 : variant(short) ? 2 : 1); i++)
		WRITE_ONCE(count, READ_ONCE(count) + 1);
}
void cpu0(void) { work(); }
void cpu1(void)
{
	if (variant(third))
		${third};
	work();
}
void finish(void) { shootdown_require("lost-store", count != 1, "both count"); }
`,
  );
  return file;
}

/** Lines of JSON without what takes time. */
function lines(out: string): unknown[] {
  const parsed = out.split('\n').filter((line) => line !== '');
  return parsed.map((line) => {
    const { seconds: _, search, ...result } = JSON.parse(line) as CheckResult;
    return { ...result, search: search && { ...search, seconds: null } };
  });
}

test('as many as there are or fewer: the same lines in the same order', async () => {
  const file = scenario('same', 'work()');
  const one = await shootdown(['check', file, '--json', '--workers', '1']);
  expect(one).toMatchObject({ code: 1, err: '' });
  expect(lines(one.out)).toHaveLength(8);
  for (const workers of ['3', '100']) {
    const several = await shootdown(['check', file, '--json', '--workers', workers]);
    expect(several).toMatchObject({ code: 1, err: '' });
    expect(lines(several.out)).toEqual(lines(one.out));
  }
});

test.each([
  ['what nothing provides', 'other_than_all()', 'calls other_than_all, which nothing provides'],
  ['C that does not compile', 'this is no C', 'does not compile'],
])('%s ends the command in its turn', async (_, third, message) => {
  const file = scenario('wrong', third);
  const one = await shootdown(['check', file, '--json', '--workers', '1']);
  const several = await shootdown(['check', file, '--json', '--workers', '3']);
  expect(one.err).toContain(message);
  expect(several).toMatchObject({ code: 2, err: one.err });
  expect(lines(several.out)).toEqual(lines(one.out));
});

describe('jobs', () => {
  const file = findScenario(scenario('jobs', 'work()'));
  const jobs = expand(file, {}, null).map((configuration, i) => ({
    scenario: file,
    configuration,
    number: i + 1,
  }));
  const context = (signal: AbortSignal) => ({
    settings: {
      kernelFolder: null,
      without: null,
      commutingAdds: true,
      limits: {
        kind: null,
        maxExecutions: Number.POSITIVE_INFINITY,
        timeoutSeconds: Number.POSITIVE_INFINITY,
        first: false,
      },
    },
    compilations: new Compilations(null, () => {}),
    signal,
    watched: false,
    onCompiling: () => {},
    watcherOf: () => ({ onProgress: () => {}, onShortening: () => {} }),
  });

  test('that were not begun when the user interrupted are inconclusive', async () => {
    const all = jobsInWorkers(jobs, 2, context(AbortSignal.abort()));
    for (const job of jobs) {
      const checked = await all.outcome(job);
      expect(checked).toMatchObject({
        result: { verdict: 'inconclusive', message: 'interrupted before it was searched' },
      });
    }
    await all.close();
  });

  test('whose thread ends are a fault, no verdict', async () => {
    const all = jobsInWorkers(jobs, 1, context(new AbortController().signal));
    const first = all.outcome(jobs[0]);
    await all.close();
    await expect(first).rejects.toThrow('a worker ended');
  });
});

test('errors keep their kind on the way between threads', () => {
  const there = (error: Error): Error => errorOf(structuredClone(failureOf(error)));
  const input = inputError('no such thing', 'try another');
  expect(there(input)).toEqual(input);
  expect(isInputError(there(new UnsupportedError('not built yet')))).toBe(true);
  const fault = Object.assign(new Error('wrong'), { schedule: [{ actor: 1, choice: 0 }] });
  expect(isInputError(there(fault))).toBe(false);
  expect(there(fault)).toMatchObject({ message: 'wrong', schedule: fault.schedule });
});
