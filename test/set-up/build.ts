/** Builds before the tests run, because they run what the compiler made: see vitest.config.ts. */

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..');
const TSC = resolve(ROOT, 'node_modules', '.bin', 'tsc');

export default function build(): void {
  const { error, stdout } = spawnSync(TSC, ['-b'], { cwd: ROOT, encoding: 'utf8' });
  if (error !== undefined) throw error;
  // It writes JavaScript all the same; whoever runs one test of a half-done
  // change wants its result. `npm test` has refused such a tree before.
  if (stdout !== '') process.stderr.write(`tsc -b:\n${stdout}\n`);
}
