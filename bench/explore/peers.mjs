// Spin and rumur on the protocol of the toy, where they and a C compiler are
// installed. Spin's steps are a little finer, so its rates compare, not its
// counts; rumur's are the same, and so are its counts.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

function has(program, word) {
  return spawnSync(program, [word], { stdio: 'ignore' }).error === undefined;
}

export const HAS_SPIN = has('spin', '-V') && has('cc', '--version');
export const HAS_RUMUR = has('rumur', '--version') && has('cc', '--version');

function run(folder, program, words) {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
  }
  return stdout;
}

/** Runs a verifier; returns what it printed and the seconds of CPU time it took, by the shell's own account. */
function runTimed(folder, command) {
  const { stdout } = spawnSync('sh', ['-c', `${command}; times`], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const lines = stdout.trimEnd().split('\n');
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s/.exec(lines.at(-1));
  return { out: stdout, seconds: 60 * Number(minutes) + Number(seconds) };
}

/** A verifier that was made once and can be run again and again. */
function verifier(make, command, judge) {
  const folder = mkdtempSync(join(tmpdir(), 'shootdown-bench-'));
  try {
    make(folder);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  return {
    run: () => {
      const { out, seconds } = runTimed(folder, command);
      return { states: judge(out), seconds };
    },
    dispose: () => rmSync(folder, { recursive: true }),
  };
}

/** `defines` as Spin's verifier takes them, such as NOREDUCE or BFS. */
export function spin({ n, sync = true, defines = [] }) {
  const make = (folder) => {
    const model = resolve(import.meta.dirname, 'gup.pml');
    run(folder, 'spin', ['-a', `-DN=${n}`, `-DSYNC=${sync ? 1 : 0}`, model]);
    const words = ['SAFETY', ...defines].map((define) => `-D${define}`);
    run(folder, 'cc', ['-O2', '-w', ...words, '-o', 'pan', 'pan.c']);
  };
  const depth = defines.includes('BFS') ? '' : ' -m1000000';
  return verifier(make, `./pan${depth}`, (out) => {
    if (/errors: 0/.test(out) !== sync) throw new Error(`Spin: not what was expected:\n${out}`);
    return Number(/(\d+) states, stored/.exec(out)[1]);
  });
}

/** `options`: words of rumur's own. */
export function rumur({ n, sync = true, options }) {
  const make = (folder) => {
    const text = readFileSync(resolve(import.meta.dirname, 'gup.m'), 'utf8');
    const model = text.replace('COUNT;', `${n};`).replace('SYNC;', `${sync};`);
    writeFileSync(join(folder, 'gup.m'), model);
    const fixed = ['--threads', '1', '--deadlock-detection', 'stuck'];
    run(folder, 'rumur', [...fixed, ...options, '-o', 'gup.c', 'gup.m']);
    const flags = ['-O3', '-w', ...(process.arch === 'x64' ? ['-mcx16'] : [])];
    run(folder, 'cc', [...flags, '-o', 'gup', 'gup.c', '-lpthread', '-latomic']);
  };
  return verifier(make, './gup', (out) => {
    if (/error\(s\) found/.test(out) === sync) {
      throw new Error(`rumur: not what was expected:\n${out}`);
    }
    return Number(/(\d+) states, \d+ rules fired/.exec(out)[1]);
  });
}
