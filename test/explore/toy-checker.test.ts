/** The toy checker of the documentation does what it says, and the real one agrees with it. */

import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Step, Program as ToyProgram } from '../../docs/toy-checker.ts';
import { explore } from '../../docs/toy-checker.ts';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { allInterleavings } from './oracles.ts';
import { Random, seedOfRun } from './random-program.ts';
import type { Instruction } from './toys/instructions.ts';
import { ProgramToy } from './toys/program.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const PLACES = ['x', 'y'] as const;

const store = (place: string, value = 1): Step => ({ op: 'store', place, value });
const load = (place: string): Step => ({ op: 'load', place });

/** The same program for the toy multiprocessor. */
function asToy(program: ToyProgram): ProgramToy {
  const cpus = program.map((steps) =>
    steps.map((step): Instruction => {
      const at = step.place === 'x' ? 0 : 1;
      if (step.op === 'load') return { op: 'load', from: at, register: 0 };
      return { op: 'store', to: at, value: step.value };
    }),
  );
  return new ProgramToy({ cpus, locations: 2 });
}

describe('docs/toy-checker.ts', () => {
  it('compiles under the strictest settings that the project has', { timeout: 120_000 }, () => {
    const options = ['--noEmit', '--strict', '--noUnusedLocals', '--noUnusedParameters'];
    const modern = ['--target', 'ES2023', '--module', 'NodeNext', '--ignoreConfig'];
    const tsc = resolve(ROOT, 'node_modules/.bin/tsc');
    execFileSync(tsc, [...options, ...modern, 'docs/toy-checker.ts'], { cwd: ROOT });
  });

  it('store buffering: three traces, and as many outcomes of the loads', () => {
    const { executions, asleep, outcomes } = explore([
      [store('x'), load('y')],
      [store('y'), load('x')],
    ]);
    // Each load before or after the other's store: 2 x 2, less the two that go round in a circle.
    expect([executions, asleep]).toEqual([3, 0]);
    const loads = [...outcomes].map((text) => JSON.stringify(JSON.parse(text)[0]));
    expect(loads.sort()).toEqual(['[[0],[1]]', '[[1],[0]]', '[[1],[1]]']);
  });

  it('threads that have nothing to do with each other: one execution', () => {
    expect(explore([[store('x')], [store('y')], [load('z')]]).executions).toBe(1);
  });

  it('n stores to one place: n! executions', () => {
    const stores = (n: number) => Array.from({ length: n }, (_, i) => [store('x', i)]);
    expect([2, 3, 4, 5].map((n) => explore(stores(n)).executions)).toEqual([2, 6, 24, 120]);
  });

  it('as many executions as traces, as many as the explorer has, none asleep', async () => {
    const random = new Random(seedOfRun());
    for (let n = 0; n < 300; n++) {
      const threads = 2 + random.below(3);
      const length = threads === 2 ? 4 : threads === 3 ? 3 : 2;
      const program = Array.from({ length: threads }, () =>
        Array.from({ length: 1 + random.below(length) }, () =>
          random.chance(50)
            ? load(random.pick(PLACES))
            : store(random.pick(PLACES), random.below(3)),
        ),
      );
      const toy = explore(program);
      const real = await exploreStateless(asToy(program));
      const all = allInterleavings(asToy(program), 3000);
      const what = JSON.stringify(program);
      expect([toy.executions, toy.asleep], what).toEqual([real.executions, 0]);
      if (all !== null) expect(toy.executions, what).toBe(all.traces.size);
    }
  });
});
