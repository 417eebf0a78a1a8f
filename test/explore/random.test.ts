/**
 * The oracles on thousands of random programs. Set SEED to repeat a run,
 * PROGRAMS for more of them, INTERLEAVINGS for smaller or larger ones.
 */

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkRenamed,
  checkRestoring,
  checkTraces,
} from './oracles.ts';
import { Random, randomProgram, seedOfRun } from './random-program.ts';
import type { Program } from './toys/instructions.ts';
import { ProgramToy } from './toys/program.ts';
import { actorCount } from './toys/program-parts.ts';

const seed = seedOfRun();
const programs = Number(process.env.PROGRAMS ?? 2000);
/** A program with more is passed over: all of them are counted one by one. */
const limit = Number(process.env.INTERLEAVINGS ?? 2000);

/** Long runs tell how far they are; the usual one is over before. */
const PROGRAMS_PER_LINE = 10_000;

/** Units: milliseconds. Some seeds have many large programs, and the machine may be busy. */
const PATIENCE_MS = 600_000 + 100 * programs;

/** The program, so that a failure can be repeated by hand. */
function report(program: Program, wrong: readonly string[]): string {
  return `SEED=${seed}\n${JSON.stringify(program)}\n${wrong.join('\n')}`;
}

describe(`random programs, SEED=${seed}`, () => {
  it(
    'as many executions as traces, the same violations and final states',
    async () => {
      const random = new Random(seed);
      let checked = 0;
      for (let tries = 0; checked < programs && tries < programs * 4; tries++) {
        const program = randomProgram(random);
        const wrong = await checkTraces(() => new ProgramToy(program), { limit });
        if (wrong === null) continue;
        checked++;
        if (wrong.length > 0) expect(wrong, report(program, wrong)).toEqual([]);
        if (checked % PROGRAMS_PER_LINE !== 0) continue;
        console.log(`${checked} programs checked, ${tries + 1} drawn, nothing wrong`);
        // The runner gives up a test that never lets it have a word.
        await turn();
      }
      expect(checked).toBe(programs);
    },
    PATIENCE_MS,
  );

  it(
    'what holds of every system holds of these',
    async () => {
      const random = new Random(seed + 1);
      for (let n = 0; n < programs; n++) {
        const program = randomProgram(random);
        const make = () => new ProgramToy(program);
        const actors = actorCount(program);
        const names = Array.from({ length: actors }, (_, a) => (a * 7 + 3) % actors);
        const distinct = new Set(names).size === actors;
        const reversed = distinct ? names : names.map((_, a) => actors - 1 - a);
        const wrong = [
          ...checkCommutation(make, 500),
          ...checkFootprints(make, 500),
          ...checkRestoring(make, 500),
          ...(await checkAgainstGraph(make)),
          ...(await checkRenamed(make, reversed)),
        ];
        expect(wrong, report(program, wrong)).toEqual([]);
      }
    },
    PATIENCE_MS,
  );
});
