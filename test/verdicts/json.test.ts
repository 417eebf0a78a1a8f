/** Lines of `check --json`, as the command prints them, against the format's written shape. */

import { expect, test } from 'vitest';
import { shootdown } from '../cli/run-shootdown.ts';
import { problemsOfLine } from './schema.ts';

const HYPERV = ['check', 'retract-vs-pte-map', '--arch', 'i386-pae', '--platform', 'hyperv'];

test.each([
  [
    'safe and unsafe',
    HYPERV,
    [
      ...Array(2).fill('safe'),
      ...Array(4).fill('unsafe'),
      ...Array(2).fill('safe'),
      ...Array(4).fill('unsafe'),
    ],
    1,
  ],
  ['safe', [...HYPERV, '--variant', 'mainline'], ['safe'], 0],
  [
    'unsafe, with a deadlock, which has no site in the code of one CPU',
    ['check', 'ipi-wait-under-lock', '--variant', 'spinner-off', '--platform', 'native'],
    // On each of six architectures.
    Array(6).fill('unsafe'),
    1,
  ],
  [
    'inconclusive',
    [...HYPERV, '--variant', 'mainline', '--max-executions', '3'],
    ['inconclusive'],
    3,
  ],
  [
    'without a function, of which the header expects nothing',
    [...HYPERV, '--variant', 'mainline', '--without', 'tlb_remove_table_sync_one'],
    ['unsafe'],
    1,
  ],
])('%s', async (_, words, verdicts, code) => {
  const run = await shootdown([...words, '--json']);
  expect(run).toMatchObject({ code, err: '' });
  expect(run.out.endsWith('\n')).toBe(true);
  const lines = run.out.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).verdict)).toEqual(verdicts);
  expect(lines.flatMap(problemsOfLine)).toEqual([]);
});

test('the shape is strict', async () => {
  const run = await shootdown([...HYPERV, '--variant', 'sync-after-unlock', '--json']);
  const good = JSON.parse(run.out);
  const changed = (change: object): string[] =>
    problemsOfLine(JSON.stringify({ ...good, ...change }));
  expect(changed({})).toEqual([]);
  expect(changed({ site: 'x' })[0]).toMatch(/^line.site: wanted no such field/);
  expect(changed({ seconds: '1' })[0]).toMatch(/^line.seconds: wanted a number/);
  expect(changed({ property: 'torn' })[0]).toMatch(/^line.property: wanted/);
  expect(changed({ verdict: 'safe' })).toContain('so does a counterexample');
  expect(changed({ scenario: undefined })[0]).toBe('line.scenario: wanted a text, found nothing');
  expect(problemsOfLine('safe')[0]).toMatch(/^no JSON/);
});
