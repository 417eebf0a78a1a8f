/** The benches still run: everything small and once, with nothing measured that anybody relies on. */

import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const RUN = resolve(import.meta.dirname, '../../bench/explore/run.mjs');

it('bench:explore, small', { timeout: 300_000 }, () => {
  // With its own checks of counts and verdicts: it fails where they differ.
  const out = execFileSync(process.execPath, [RUN, '--smoke'], { encoding: 'utf8' });
  for (const title of ['no symmetry', 'with symmetry', 'without the sync', 'flagship', 'Memory']) {
    expect(out).toMatch(new RegExp(`^## .*${title}`, 'm'));
  }
  expect(out).toMatch(/\| Shootdown, breadth first \| 695 \|/);
});

it('bench:explore refuses words that it does not know', () => {
  expect(() => execFileSync(process.execPath, [RUN, 'fast'], { stdio: 'pipe' })).toThrow(
    /cannot make sense of fast/,
  );
});
