// States per second of the graph search on a protocol without a machine, and
// beside it Spin's on the same protocol, where Spin and a C compiler are
// installed. Spin's verifier is compiled C without reduction: a yardstick.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exploreGraph } from '../dist/explore/graph.js';
import { explore } from './cells.mjs';
import { GupSystem } from './gup-system.mjs';
import { measure, timed } from './measure.mjs';

const STATES = { 2: 695, 3: 9_024, 4: 129_505 };

function run(folder, program, words) {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    cwd: folder,
    encoding: 'utf8',
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
  }
  return stdout;
}

function has(program) {
  return spawnSync(program, ['-V'], { encoding: 'utf8' }).error === undefined;
}

async function* benchSpin(n, count) {
  const folder = mkdtempSync(join(tmpdir(), 'shootdown-spin-'));
  try {
    run(folder, 'spin', ['-a', `-DN=${n}`, resolve(import.meta.dirname, 'gup.pml')]);
    run(folder, 'cc', ['-O2', '-w', '-DSAFETY', '-DNOREDUCE', '-o', 'pan', 'pan.c']);
    let states = 0;
    const result = await measure({
      name: `Spin, the same protocol, N = ${n}`,
      unit: 'states/s',
      count,
      sample: async () => {
        let out = '';
        const ms = await timed(() => {
          out = run(folder, join(folder, 'pan'), ['-m100000']);
        });
        if (!/errors: 0/.test(out)) throw new Error(`Spin found something:\n${out}`);
        states = Number(/(\d+) states, stored/.exec(out)[1]);
        return (states / ms) * 1000;
      },
    });
    yield { ...result, name: `${result.name}, ${states.toLocaleString('en')} states` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function* benchGup({ smoke }) {
  const n = smoke ? 2 : 4;
  const count = smoke ? 1 : 5;
  const states = STATES[n];
  yield await measure({
    name: `graph search of a GUP-fast protocol, N = ${n}, ${states.toLocaleString('en')} states`,
    unit: 'states/s',
    count,
    sample: async () => {
      const ms = await timed(async () => {
        const result = await explore(exploreGraph, new GupSystem(n));
        if (result.states !== states || result.violations.length > 0) {
          throw new Error(`${result.states} states, ${result.violations.length} violations`);
        }
      });
      return (states / ms) * 1000;
    },
  });
  if (has('spin') && has('cc')) yield* benchSpin(n, count);
  else process.stderr.write('no Spin: it needs the programs spin and cc\n');
}
