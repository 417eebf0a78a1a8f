/** `matrix` from end to end, on small scenarios and the real machine. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { planSuite } from '../../src/cli/matrix/plan.ts';
import { findSuite, listSuites } from '../../src/cli/suite-files.ts';
import type { CheckResult } from '../../src/trace/format.ts';
import { problemsOfLine } from '../verdicts/schema.ts';
import { shootdown } from './run-shootdown.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'shootdown-matrix-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function scenario(name: string, expected: string): void {
  writeFileSync(
    join(FOLDER, `${name}.c`),
    `/*
 * @question Can the second CPU miss what the first has done?
 * @source this test
 * @cpu 0 writer: writes, and lets everybody know
 * @cpu 1 reader: looks once
 * @variant told: the other CPU is told
 * @variant untold: it is not
 * @arch x86_64 i386-pae
 * @platform native hyperv
 * @config PARAVIRT
 * @expect untold * * ${expected}
 * @expect told * * unsafe assertion
 */
#include <linux/smp.h>
#include <shootdown/scenario.h>

static int done;

static void hear(void *info)
{
	(void)info;
}

void cpu0(void)
{
	WRITE_ONCE(done, 1);
	if (variant(told))
		smp_call_function(hear, NULL, 1);
}

void cpu1(void)
{
	shootdown_require("assertion", READ_ONCE(done), "it is done");
}
`,
  );
}

function suite(name: string, ...lines: readonly string[]): string {
  const file = join(FOLDER, `${name}.txt`);
  writeFileSync(file, `@question Does the table work?\n${lines.join('\n')}\n`);
  return file;
}

scenario('right', 'unsafe assertion');
scenario('wrong', 'safe');

describe('a table whose cells are as expected', () => {
  const file = suite('good', './right.c untold told');

  test('is 0, though all are unsafe', async () => {
    const run = await shootdown(['matrix', file], { env: { COLUMNS: '80' } });
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toContain('8 cells: 8 unsafe; all as expected (');
    const rows = run.out.split('\n').filter((line) => /^ {2}(?:un)?told/.test(line));
    expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['untold', ...Array(4).fill('FALSE 0')],
      ['told', ...Array(4).fill('FALSE 1')],
    ]);
  });

  test('--json: a line for each cell, as check prints it', async () => {
    const run = await shootdown(['matrix', file, '--json', '--platform', 'native']);
    expect(run).toMatchObject({ code: 0, err: '' });
    const lines = run.out.trimEnd().split('\n');
    expect(lines.flatMap(problemsOfLine)).toEqual([]);
    const results = lines.map((line): CheckResult => JSON.parse(line));
    expect(results.map(({ variant, arch, ipiRounds }) => [variant, arch, ipiRounds])).toEqual([
      ['untold', 'x86_64', { total: 0, underPtl: 0, executions: 'all' }],
      ['untold', 'i386-pae', { total: 0, underPtl: 0, executions: 'all' }],
      ['told', 'x86_64', { total: 1, underPtl: 0, executions: 'all' }],
      ['told', 'i386-pae', { total: 1, underPtl: 0, executions: 'all' }],
    ]);
  });

  test('--md and --markdown are one', async () => {
    const [long, short] = await Promise.all(
      ['--markdown', '--md'].map((word) => shootdown(['matrix', file, word, '--arch', 'x86_64'])),
    );
    expect(long).toMatchObject({ code: 0, err: '' });
    expect(long!.out).toContain('| right | untold | **unsafe** assertion<br>no IPIs |');
    expect(short).toEqual(long);
  });

  test('the graph counts the rounds of one execution, and says so', async () => {
    const words = ['--search', 'graph', '--variant', 'told', '--arch', 'x86_64', '--json'];
    const run = await shootdown(['matrix', file, ...words, '--platform', 'native']);
    expect(JSON.parse(run.out).ipiRounds).toEqual({ total: 1, underPtl: 0, executions: 'one' });
  });
});

test('a cell that is not as expected is 1, and listed with the command that shows it', async () => {
  const file = suite('bad', './right.c', './wrong.c');
  const words = ['--arch', 'x86_64', '--platform', 'native'];
  const run = await shootdown(['matrix', file, ...words]);
  expect(run).toMatchObject({ code: 1, err: '' });
  expect(run.out).toContain(
    '! wrong untold on x86_64 native: unsafe assertion, but the scenario expects safe',
  );
  const command = /^ {2}shootdown (check .*--replay \S+)$/m.exec(run.out)![1]!;
  const replayed = await shootdown(command.split(' '));
  expect(replayed).toMatchObject({ code: 1, err: '' });
});

test('--html writes a page for a suite, and for a scenario', async () => {
  const file = suite('page', './right.c told');
  const place = ['--arch', 'x86_64', '--platform', 'native'];
  const [one, two] = [join(FOLDER, 'suite.html'), join(FOLDER, 'check.html')];
  expect(await shootdown(['matrix', file, ...place, '--html', one])).toMatchObject({ code: 0 });
  const words = ['check', join(FOLDER, 'right.c'), '--variant', 'told', ...place, '--html', two];
  expect(await shootdown(words)).toMatchObject({ code: 1, err: '' });
  for (const page of [one, two]) {
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('<a href="#x1">unsafe assertion</a>');
    expect(text).toContain('<article id="x1"');
    expect(text).toMatch(/<code>.*right\.c:\d+<\/code> cpu1/);
  }
});

test('the table marks what is in no kernel of that era, and says so', async () => {
  const lines = ['retract-vs-pte-map mainline', 'notifier-bugs no-notifier'];
  const words = ['--era', '6.1', '--arch', 'x86_64', '--platform', 'native'];
  const name = suite('old', ...lines);
  const run = await shootdown(['matrix', name, ...words]);
  expect(run).toMatchObject({ code: 0, err: '' });
  expect(run.out).toMatch(/^ {2}mainline +-$/m);
  expect(run.out).toMatch(/^- +no such code in Linux 6\.1: retract-vs-pte-map$/m);
  const markdown = await shootdown(['matrix', name, ...words, '--markdown']);
  expect(markdown.out).toContain('No such code in Linux 6.1: retract-vs-pte-map.');
});

test('a cell that was not decided is 3', async () => {
  const words = ['--timeout', '0.000001', '--platform', 'native', '--arch', 'x86_64'];
  const run = await shootdown(['matrix', suite('slow', 'retract-vs-pte-map mainline'), ...words]);
  expect(run).toMatchObject({ code: 3, err: '' });
  expect(run.out).toContain('inconclusive: retract-vs-pte-map mainline on x86_64 native: the time');
});

describe('what the command line asks for', () => {
  const cells = (selection: Parameters<typeof planSuite>[1], ...lines: string[]): string[] =>
    planSuite(findSuite(suite('some', ...lines)), selection, null).flatMap(({ configurations }) =>
      configurations.map(
        ({ scenario: name, variant, arch, platform, config }) =>
          `${name} ${variant} ${arch} ${platform}${config.PARAVIRT === false ? ' PARAVIRT=n' : ''}`,
      ),
    );

  test('leaves families out that have nothing of it', () => {
    const lines = ['irq-mask-is-not-a-store', 'retract-vs-pte-map mainline'];
    expect(cells({ platforms: ['invlpgb'] }, ...lines)).toEqual([
      'retract-vs-pte-map mainline x86_64 invlpgb',
    ]);
  });

  test('a symbol concerns those that have it', () => {
    const found = cells(
      { config: ['PARAVIRT=n'], arches: ['x86_64'], platforms: ['native'] },
      './right.c untold',
      'irq-mask-is-not-a-store no-ipi',
      './right.c untold PARAVIRT=n',
      './right.c untold PARAVIRT=y',
    );
    // The second line of `right` is the same cell again, the third asks for the opposite.
    expect(found).toEqual([
      'right untold x86_64 native PARAVIRT=n',
      'irq-mask-is-not-a-store no-ipi x86_64 native',
    ]);
  });

  test('rows without code in the era are there, without cells', () => {
    const lines = [
      'retract-vs-gup-fast no-sync mainline',
      'retract-vs-pte-map mainline',
      'retract-vs-pte-map mainline PARAVIRT=n',
    ];
    const plans = planSuite(
      findSuite(suite('eras', ...lines)),
      { era: '6.1', arches: ['x86_64'], platforms: ['native'] },
      null,
    );
    expect(
      plans.map(({ scenario: { name }, configurations, rows, absent }) => ({
        name,
        cells: configurations.map(({ variant }) => variant),
        rows,
        absent,
      })),
    ).toEqual([
      {
        name: 'retract-vs-gup-fast',
        cells: ['mainline'],
        rows: ['no-sync', 'mainline'],
        absent: ['no-sync'],
      },
      { name: 'retract-vs-pte-map', cells: [], rows: ['mainline'], absent: ['mainline'] },
    ]);
    expect(() => planSuite(findSuite(suite('none', lines[1])), { era: '6.1' }, null)).toThrow(
      'retract-vs-pte-map, mainline: no such code in Linux 6.1',
    );
  });

  test('rows stand in the order of the suite', () => {
    const found = cells(
      { arches: ['x86_64'], platforms: ['native'] },
      'retract-vs-pte-map no-sync mainline sync*',
    );
    expect(found.map((cell) => cell.split(' ')[1])).toEqual([
      'no-sync',
      'mainline',
      'sync-after-unlock',
      'sync-after-unlock+foreign-mm',
    ]);
  });
});

test('every suite that comes with it can be planned, and expects something of every cell', () => {
  for (const own of listSuites()) {
    const configurations = planSuite(own, {}, null).flatMap((plan) => plan.configurations);
    const silent = configurations.filter(({ expected }) => expected === null);
    expect(
      silent.map((one) => `${one.scenario} ${one.variant} ${one.arch} ${one.platform}`),
    ).toEqual([]);
  }
});
