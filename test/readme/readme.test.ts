/**
 * The README says what the commands print, and its scenario works as it
 * says. `npx vitest run test/readme --update` copies the output anew.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { shootdown } from '../cli/run-shootdown.ts';
import { describeLeftOut } from '../set-up/left-out.ts';
import { abridge, blockOf, type Excerpt, scenarioOf, withBlock } from './blocks.ts';

const PATH = resolve(import.meta.dirname, '..', '..', 'README.md');
const readme = readFileSync(PATH, 'utf8');
const FOLDER = mkdtempSync(join(tmpdir(), 'shootdown-readme-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** The table, the counterexample that the mail asks about, and what the verdicts rest on. */
const SHOWN: readonly Excerpt[] = [
  { from: /^retract-vs-pte-map: /, to: /^v3-reply on i386-pae hyperv: / },
  { from: /^sync-after-unlock on i386-pae hyperv: /, to: /^Replay: /, inclusive: true },
  { from: /^What these verdicts rest on /, to: /^ {2}memory model /, inclusive: true },
  { from: /^12 configurations: /, to: null },
];

test('the first command prints what the README shows', async () => {
  const words = ['check', 'retract-vs-pte-map', '--arch', 'i386-pae', '--platform', 'hyperv'];
  const env = { COLUMNS: '120', NO_COLOR: '1' };
  const { code, out, err } = await shootdown(words, { env });
  expect({ code, err }).toEqual({ code: 1, err: '' });
  const title = `output of: shootdown ${words.join(' ')}`;
  await expect(
    withBlock(readFileSync(PATH, 'utf8'), title, abridge(out, SHOWN)),
  ).toMatchFileSnapshot(PATH);
});

test('the table is what the README shows', async () => {
  const words = ['matrix', 'seeds'];
  const { code, out, err } = await shootdown(words, { env: { COLUMNS: '120', NO_COLOR: '1' } });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const title = `output of: shootdown ${words.join(' ')}`;
  await expect(withBlock(readFileSync(PATH, 'utf8'), title, out.trimEnd())).toMatchFileSnapshot(
    PATH,
  );
}, 600_000);

test('the second command ends as the README shows', () => {
  const names = ['a group (not run: SHOOTDOWN_KERNEL_IR is not set) > a test'];
  const numbersMasked = (text: string): string => text.replace(/\d+ tests?/, 'N tests');
  const block = blockOf(readme, 'end of: npm test');
  expect(block).toMatch(/^ *Test Files {2}\d+ passed/m);
  expect(numbersMasked(block)).toContain(numbersMasked(describeLeftOut(names).trimEnd()));
});

describe('the scenario', () => {
  test('gives the verdicts that it expects, from a folder of its own', async () => {
    writeFileSync(join(FOLDER, 'flag.c'), scenarioOf(readme));
    const run = await shootdown(['check', 'flag.c'], { cwd: FOLDER });
    expect(run).toMatchObject({ code: 1, err: '' });
    expect(run.out).toContain('4 configurations: 2 safe, 2 unsafe, as expected');
  });

  test('with a mistake, the compiler says where', async () => {
    const wrong = scenarioOf(readme).replace('static int data, flag;', '');
    writeFileSync(join(FOLDER, 'wrong.c'), wrong);
    const run = await shootdown(['check', 'wrong.c'], { cwd: FOLDER });
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toContain("error: use of undeclared identifier 'data'");
  });
});

describe('copying', () => {
  const output = 'a\nb\n\nc took 1.5 s\nd\ne\n';
  const page = (block: string): string => `x\n<!-- out -->\n\`\`\`\n${block}\n\`\`\`\ny\n`;

  test('excerpts, with gaps where lines are left out', () => {
    expect(abridge(output, [{ from: /^a/, to: /^c/ }])).toBe('a\nb\n[...]');
    expect(
      abridge(output, [
        { from: /^a/, to: /^b/ },
        { from: /^c/, to: /^d/, inclusive: true },
      ]),
    ).toBe('a\n[...]\nc took 1.5 s\nd\n[...]');
    expect(abridge(output, [{ from: /^d/, to: null }])).toBe('[...]\nd\ne');
    expect(() => abridge(output, [{ from: /^z/, to: null }])).toThrow('no line like /^z/');
    expect(() => abridge(output, [{ from: /^c/, to: /^b/ }])).toThrow('no line like /^b/');
  });

  test('only a difference that counts changes the page', () => {
    expect(withBlock(page('c took 1 s'), 'out', 'c took 20 s')).toBe(page('c took 1 s'));
    expect(withBlock(page('c took 1 s'), 'out', 'd took 1 s')).toBe(page('d took 1 s'));
    expect(() => withBlock('', 'out', '')).toThrow('no block <!-- out -->');
  });
});
