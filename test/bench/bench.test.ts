/** The benches run; how fast is nobody's business here. */

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
const bench = (...words: string[]) =>
  promisify(execFile)(process.execPath, ['bench/run.mjs', ...words], { cwd: ROOT });

test('every bench runs, small', async () => {
  const { stdout } = await bench('--smoke');
  const rows = stdout.split('\n').filter((line) => /^\| .* \| [\d.,]+ (?:ms|\S+\/s) \|/.test(line));
  const names = ['cold check', 'stateless search', 'graph search', 'reference interpreter'];
  for (const name of names)
    expect(
      rows.some((row) => row.includes(name)),
      name,
    ).toBe(true);
  expect(stdout).toMatch(/^Calibration loop: [\d.,]+ to [\d.,]+ ms\./m);
});

test('an unknown bench is refused', async () => {
  await expect(bench('serches')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('bench: unknown serches'),
  });
});
