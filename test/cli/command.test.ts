import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeFailure, OwnFault } from '../../src/cli/failure.ts';
import { openStatusLine } from '../../src/cli/status-line.ts';
import { pageWidth, wantsColour } from '../../src/cli/terminal.ts';
import { InputError, inputError } from '../../src/scenario/input-error.ts';
import { shootdown } from './run-shootdown.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const VERSION = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')).version;

test('--version and --help are no mistakes', async () => {
  expect(await shootdown(['--version'])).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
  const help = await shootdown(['--help']);
  expect(help).toMatchObject({ code: 0, err: '' });
  for (const word of ['list', 'check', 'matrix', 'kernel', 'Exit codes'])
    expect(help.out).toContain(word);
  for (const later of ['cost', 'patch', 'serve']) expect(help.out).not.toContain(later);
});

describe('list', () => {
  test('a line each', async () => {
    const { code, out, err } = await shootdown(['list']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const names = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(names).toContain('retract-vs-pte-map');
    expect(names).toContain('collapse-vs-gup-fast');
  });

  test('everything, as JSON lines', async () => {
    const { out } = await shootdown(['list', '--json']);
    const all = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const flagship = all.find((one) => one.scenario === 'retract-vs-pte-map');
    expect(Object.keys(flagship)).toEqual([
      ...['scenario', 'question', 'source', 'cpus', 'variants', 'configurations', 'expectations'],
    ]);
    expect(flagship.configurations).toContainEqual({
      variant: 'sync-after-unlock',
      arch: 'i386-pae',
      platform: 'hyperv',
      memory: 'tso',
      era: '6.12',
      config: { HIGHPTE: true, PARAVIRT: true },
      preemptions: 0,
      expected: 'unsafe torn-entry',
    });
  });
});

test('a reader that goes away early is no error', async () => {
  const script = `"${process.execPath}" bin/shootdown.js list --json | head -c 10`;
  const child = spawn('bash', ['-o', 'pipefail', '-c', script], { cwd: ROOT });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise((done) => child.on('close', done));
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

describe('failures', () => {
  test('bad input is told plainly, every problem on its line', () => {
    const problem = { file: 's.c', line: 3, message: 'wrong', hint: 'right' };
    const error = new InputError([problem, { ...problem, line: 4, hint: null }]);
    expect(describeFailure(error, [])).toEqual({
      text: 'shootdown: s.c:3: wrong\n  right\ns.c:4: wrong\n',
      exitCode: 2,
    });
    expect(describeFailure(inputError('no'), []).text).toBe('shootdown: no\n');
  });

  test.each(['LinkError', 'UnsupportedError', 'IrError'])('%s is about the input', (name) => {
    const error = Object.assign(new Error('what and where'), { name });
    expect(describeFailure(error, [])).toEqual({
      text: 'shootdown: what and where\n',
      exitCode: 2,
    });
  });

  test('our own fault says so, with what a report needs, and no stack unless asked', () => {
    const { text, exitCode } = describeFailure(new TypeError('x is not a function'), [
      'check',
      'a',
    ]);
    expect(exitCode).toBe(4);
    expect(text).toContain("sorry, this is a fault of Shootdown's own");
    expect(text).toContain('TypeError: x is not a function');
    expect(text).toContain(`shootdown ${VERSION}, Node.js ${process.version}`);
    expect(text).toContain('shootdown check a');
    expect(text).not.toMatch(/^ {4}at /m);
    process.env.SHOOTDOWN_DEBUG = '1';
    try {
      expect(describeFailure(new TypeError('x'), []).text).toMatch(/^ {4}at /m);
    } finally {
      delete process.env.SHOOTDOWN_DEBUG;
    }
  });
});

test('our own fault in a check says what was under way, and after which steps', () => {
  const steps = [0, 0, 1].map((actor) => ({ actor, choice: 0 }));
  const cause = Object.assign(new Error('actor 1 is blocked'), { schedule: steps });
  const { text } = describeFailure(new OwnFault(cause, 'checking a, b on x86_64 kvm'), ['check']);
  expect(text).toContain('not of your input: Error: actor 1 is blocked\n');
  expect(text).toContain(
    '\n  checking a, b on x86_64 kvm\n  after the steps v1.00000000.3.0x2.1\n',
  );
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ TERM: 'dumb' }, true, false],
])('colours with %j, terminal %s: %s', (environment, isTty, wanted) => {
  expect(wantsColour(environment, isTty)).toBe(wanted);
});

describe('the status line', () => {
  const draw = (isTTY: boolean): string => {
    let written = '';
    const status = openStatusLine({ isTTY, columns: 10, write: (text) => (written += text) });
    status.show('0123456789');
    status.clear();
    status.clear();
    return written;
  };

  test('is drawn over itself, and never wraps', () => {
    expect(draw(true)).toBe('\r\u001b[K01234567…\r\u001b[K');
  });

  test('is silence where nobody looks', () => {
    expect(draw(false)).toBe('');
  });
});

test.each([
  [{}, undefined, 100],
  [{ COLUMNS: '72' }, undefined, 72],
  [{ COLUMNS: 'wide' }, undefined, 100],
  [{ COLUMNS: '72' }, 90, 90],
  [{}, 300, 160],
  [{}, 0, 100],
])('the page with %j in a terminal of %s columns is %i wide', (environment, columns, wanted) => {
  expect(pageWidth(environment, columns)).toBe(wanted);
});
