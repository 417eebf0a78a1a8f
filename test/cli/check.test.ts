/** `check` from end to end, on the real machine: verdicts, exit codes, replay, and stopping. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CheckResult } from '../../src/trace/format.ts';
import { type Finished, shootdown } from './run-shootdown.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'shootdown-check-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const FLAGSHIP = 'retract-vs-pte-map';
const CELL = ['check', FLAGSHIP, '--arch', 'i386-pae', '--platform', 'hyperv'];
const UNSAFE = [...CELL, '--variant', 'sync-after-unlock'];

function results({ out }: Finished): CheckResult[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** A scenario in which two CPUs store to one place and read it, `rounds` times each. */
function busyScenario(name: string, rounds: number): string {
  const file = join(FOLDER, `${name}.c`);
  const text = `// SPDX-License-Identifier: Apache-2.0
/*
 * @question How many ways are there?
 * @source this test
 * @cpu 0 one: stores and reads
 * @cpu 1 other: stores and reads
 * @variant once: one round
 * @variant often: ${rounds} rounds
 * @arch x86_64
 * @platform native
 */
#include <shootdown/scenario.h>
static int shared;
void setup(void) {}
static void work(void)
{
	int i;

	for (i = 0; i < (variant(often) ? ${rounds} : 1); i++) {
		WRITE_ONCE(shared, i);
		(void)READ_ONCE(shared);
	}
}
void cpu0(void) { work(); }
void cpu1(void) { work(); }
`;
  writeFileSync(file, text);
  return file;
}

/** The flagship's unsafe cell, checked once for all tests. */
const unsafeRun = shootdown([...UNSAFE, '--json']);

describe('verdicts and exit codes', () => {
  test('unsafe is 1, and its JSON has a counterexample that replays', async () => {
    const run = await unsafeRun;
    expect(run).toMatchObject({ code: 1, err: '' });
    const [result, ...others] = results(run);
    expect(others).toEqual([]);
    expect(result).toMatchObject({
      formatVersion: 1,
      scenario: FLAGSHIP,
      variant: 'sync-after-unlock',
      kernel: 'builtin',
      config: { HIGHPTE: true, PARAVIRT: true },
      era: '6.12',
      arch: 'i386-pae',
      platform: 'hyperv',
      memory: 'tso',
      verdict: 'unsafe',
      expected: 'unsafe torn-entry',
      property: 'torn-entry',
    });
    expect(result.assumptions.fromTree).toContain('pmdp_get_lockless');
    expect(result.assumptions.fromTree).toContain('flush_tlb_mm_range');
    expect(result.assumptions.intrinsics).toContain('alloc_pages_noprof');
    expect(Object.keys(result.assumptions.bounds.scope)).toEqual(
      expect.arrayContaining([
        ...['cpus', 'calls', 'frames', 'preemptions', 'nmis', 'preemptModel', 'stackZeroed'],
      ]),
    );
    const { schedule, steps } = result.counterexample!;
    const again = await shootdown([...UNSAFE, '--json', '--replay', schedule]);
    expect(again).toMatchObject({ code: 1, err: '' });
    expect(results(again)[0]).toMatchObject({
      verdict: 'unsafe',
      property: 'torn-entry',
      message: result.message,
      violations: [result.violations[0]],
    });
    expect(results(again)[0].counterexample!.steps).toEqual(steps);
  });

  test('safe is 0', async () => {
    const run = await shootdown([...CELL, '--variant', 'mainline', '--json']);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(results(run)).toMatchObject([
      { verdict: 'safe', property: null, counterexample: null, message: '', violations: [] },
    ]);
  });

  test('unsafe wins over safe, and the report says what it rests on', async () => {
    const run = await shootdown([...CELL, '--variant', 'mainline,sync-after-unlock']);
    expect(run).toMatchObject({ code: 1, err: '' });
    for (const words of [
      'mainline           safe\n',
      'sync-after-unlock  unsafe torn-entry\n',
      'CPU 0 retract',
      'What went wrong: CPU 1 (reader), at ',
      'Replay: shootdown check retract-vs-pte-map --variant sync-after-unlock',
      'What these verdicts rest on (the built-in kernel)',
      '2 configurations: 1 safe, 1 unsafe, as expected',
    ]) {
      expect(run.out).toContain(words);
    }
    expect(run.out).not.toContain('\u001b[');
  });

  test('a verdict that differs from the expectation is said', async () => {
    const file = busyScenario('differs', 1);
    const text = ` * @expect once * * unsafe deadlock\n */`;
    writeFileSync(file, readFileSync(file, 'utf8').replace(' */', text));
    const run = await shootdown(['check', file]);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toContain(
      '! once on x86_64 native: safe, but the scenario expects unsafe deadlock',
    );
    expect(run.out).toContain('1 verdict not as expected');
  });
});

describe('a replay', () => {
  const replayed = async (words: readonly string[]): Promise<Finished> => {
    const [result] = results(await unsafeRun);
    return shootdown([...words, '--replay', result.counterexample!.schedule]);
  };

  test('finds its configuration among those asked for, and is shown', async () => {
    const run = await replayed(['check', FLAGSHIP]);
    expect(run).toMatchObject({ code: 1, err: '' });
    expect(run.out).toContain('sync-after-unlock on i386-pae hyperv, replayed, ');
    expect(run.out).toContain('\ntorn-entry: CPU 1 (reader), at ');
  });

  test('is refused on another configuration, which names its own', async () => {
    const run = await replayed([...CELL, '--variant', 'mainline']);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toContain(
      `the schedule belongs to ${FLAGSHIP}, sync-after-unlock on i386-pae hyperv`,
    );
  });

  test('is refused with another function left out, or for another scenario', async () => {
    const without = await replayed([...UNSAFE, '--without', 'tlb_remove_table_sync_one']);
    expect(without).toMatchObject({ code: 2, out: '' });
    const other = await replayed(['check', 'collapse-vs-gup-fast']);
    expect(other).toMatchObject({ code: 2, out: '' });
    expect(other.err).toContain('belongs to no configuration of collapse-vs-gup-fast');
  });

  test('of a schedule that does not fit is refused with the step', async () => {
    const [result] = results(await unsafeRun);
    const [version, identity] = result.counterexample!.schedule.split('.');
    const run = await shootdown([...UNSAFE, '--replay', `${version}.${identity}.1.3`]);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toContain('the schedule does not fit: step 1: actor 3 has no further step');
  });

  test('of the beginning of an execution shows no violation, and decides nothing', async () => {
    const [result] = results(await unsafeRun);
    const [version, identity] = result.counterexample!.schedule.split('.');
    const run = await shootdown([...UNSAFE, '--replay', `${version}.${identity}.1.0`]);
    expect(run).toMatchObject({ code: 3, err: '' });
    expect(run.out).toContain('no violation: the beginning of an execution');
  });
});

describe('--without', () => {
  test('the sync makes mainline unsafe', async () => {
    const words = ['--variant', 'mainline', '--without', 'tlb_remove_table_sync_one', '--json'];
    const run = await shootdown([...CELL, ...words]);
    expect(run.code).toBe(1);
    expect(results(run)).toMatchObject([{ verdict: 'unsafe', expected: null }]);
  });

  test('leaves out where it changes nothing, and says so', async () => {
    const words = ['--variant', 'mainline,no-sync', '--without', 'tlb_remove_table_sync_one'];
    const run = await shootdown([...CELL, ...words, '--json']);
    expect(results(run).map((one) => one.variant)).toEqual(['mainline']);
    expect(run.err).toBe(
      'left out: no-sync on i386-pae hyperv: there tlb_remove_table_sync_one is never called\n',
    );
  });

  test.each([
    ['tlb_remove_table_sync_one', ['--variant', 'no-sync'], 'is never called'],
    ['no_such_function', [], 'is no function (misspelt, or a macro?)'],
    [
      'tlb_remove_table_sync_one',
      ['--platform', 'native', '--config', 'PARAVIRT=n', '--variant', 'mainline'],
      'is empty',
    ],
  ])('%s %j is refused: it %s', async (name, words, why) => {
    const cell = words.includes('--platform') ? CELL.slice(0, 4) : CELL;
    const run = await shootdown([...cell, ...words, '--without', name]);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toContain(`--without ${name}: in every configuration asked for it ${why}`);
  });
});

describe('a search that does not end', () => {
  const file = busyScenario('busy', 12);

  test.each([
    ['--timeout', '0.2'],
    ['--max-executions', '10'],
  ])('%s %s makes it inconclusive', async (option, value) => {
    const run = await shootdown(['check', file, '--variant', 'often', option, value, '--json']);
    expect(run).toMatchObject({ code: 3, err: '' });
    const [result] = results(run);
    expect(result).toMatchObject({ verdict: 'inconclusive', property: null, expected: null });
    expect(result.message).toContain(option);
    expect(result.assumptions.bounds.cuts).toEqual([result.message]);
  });

  test('Ctrl-C ends it cleanly, with what is known', async () => {
    let sent = false;
    const run = await shootdown(['check', file, '--json'], {
      onOutput: (_, kill) => {
        if (!sent) kill('SIGINT');
        sent = true;
      },
    });
    expect(run.code).toBe(3);
    expect(results(run)).toMatchObject([
      { variant: 'once', verdict: 'safe' },
      { variant: 'often', verdict: 'inconclusive' },
    ]);
    expect(results(run)[1].message).toMatch(/^interrupted/);
    expect(run.err).toContain('once more ends at once');
  });
});

test('code asks for a variant, for what it is based on, and for what is added', async () => {
  const file = join(FOLDER, 'added.c');
  writeFileSync(
    file,
    `/*
 * @question Which of its variants is this?
 * @source this test
 * @cpu 0 asks: requires what the variant has not
 * @variant plain: nothing added
 * @variant plain+extra-care: something added
 * @variant other+extra-care: the same to another
 * @arch x86_64 i386-pae
 * @platform native
 * @expect plain * * unsafe assertion
 * @expect *+extra-care * * safe
 */
#include <shootdown/scenario.h>

void cpu0(void)
{
	shootdown_require("assertion", variant_with(extra_care), "care");
	shootdown_require("assertion", variant_of(plain) || variant(other_extra_care), "a base");
	shootdown_require("assertion", variant_of(plain) != variant_of(other), "one base");
}
`,
  );
  const run = await shootdown(['check', file]);
  expect(run.out).toContain('6 configurations: 4 safe, 2 unsafe, as expected');
});
