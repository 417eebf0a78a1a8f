/**
 * What holds of every system, on the real machine: scenarios in a few cells
 * that between them use every space of footprints. Each cell's searches are
 * run to their end first, so that nothing turns out to be shared meanwhile.
 */

import { describe, expect, it } from 'vitest';
import { listScenarios } from '../../src/cli/scenario-files.ts';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import type { Configuration } from '../../src/scenario/configurations.ts';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkRenamed,
  checkRestoring,
  checkTraces,
} from '../explore/oracles.ts';
import {
  buildScenario,
  configurationsOf,
  findings,
  searchToEnd,
  settled,
  settledFactory,
} from './build-system.ts';
import { checkSwaps } from './swaps.ts';

function cell(scenario: string, variant: string, arch: string, platform: string): Configuration {
  const found = configurationsOf(scenario).find(
    (one) => one.variant === variant && one.arch === arch && one.platform === platform,
  );
  if (!found) throw new Error(`no ${variant} on ${arch} ${platform} in ${scenario}`);
  return found;
}

/** States that the slow oracles look at, in the order of a depth-first walk. */
const STATES = Number(process.env.STATES ?? 300);

const CELLS: readonly (readonly [string, string, string, string])[] = [
  ['retract-vs-pte-map', 'mainline', 'i386-pae', 'native'],
  ['retract-vs-pte-map', 'sync-after-unlock', 'i386-pae', 'hyperv'],
  ['retract-vs-pte-map', 'unconditional-sync', 'x86_64', 'kvm'],
  ['collapse-vs-gup-fast', 'mainline', 'x86_64', 'native'],
  ['collapse-vs-gup-fast', 'no-sync', 'x86_64', 'invlpgb'],
  ['collapse-vs-gup-fast', 'no-sync-no-recheck', 'i386-pae', 'hyperv'],
  ['retract-bugs', 'free-twice', 'i386-pae', 'kvm'],
  ['retract-bugs', 'free-at-once', 'x86_64', 'xen'],
  ['irq-mask-is-not-a-store', 'no-ipi', 'x86_64', 'native'],
  ['ipi-wait-under-lock', 'spinner-off', 'i386-pae', 'native'],
  ['tlb-remove-table-single', 'before', 'x86_64', 'native'],
];

describe.each(CELLS)('%s %s on %s %s', (...names) => {
  const factory = buildScenario(cell(...names)).then(settledFactory);

  it('steps without conflict commute', async () => {
    expect(checkCommutation(await factory, STATES)).toEqual([]);
  });

  it('neighbouring steps that do not conflict can change places', async () => {
    expect(checkSwaps(await factory, STATES / 2)).toEqual([]);
  });

  it('footprints hold all that a step touches and all that forbids it', async () => {
    expect(checkFootprints(await factory, STATES)).toEqual([]);
  });

  it('undo, save and load restore every state', async () => {
    expect(checkRestoring(await factory, STATES / 2)).toEqual([]);
  });

  it('the reduced search finds what the state graph finds', async () => {
    expect(await checkAgainstGraph(await factory)).toEqual([]);
  });
});

describe('as many executions as traces', () => {
  it.each([
    ['free-before-sync', 'free-then-sync', 'x86_64', 'kvm'],
    ['free-before-sync', 'sync-then-free', 'x86_64', 'native'],
    ['free-before-sync', 'free-then-sync', 'i386-pae', 'hyperv'],
    ['ipi-wait-under-lock', 'interrupts-on', 'x86_64', 'native'],
    ['ipi-wait-under-lock', 'spinner-off', 'x86_64', 'native'],
    ['ipi-wait-under-lock', 'sender-off', 'i386-pae', 'native'],
  ])('%s %s on %s %s', async (...names) => {
    const make = await buildScenario(cell(...names)).then(settledFactory);
    expect(await checkTraces(make, { limit: 60_000 })).toEqual([]);
  });
});

it('other names of the actors change no count and no finding', async () => {
  const make = await buildScenario(
    cell('collapse-vs-gup-fast', 'no-sync', 'x86_64', 'hyperv'),
  ).then(settledFactory);
  // Three CPUs, their deliveries, two callbacks each.
  const reversed = Array.from({ length: 12 }, (_, actor) => 11 - actor);
  expect(await checkRenamed(make, reversed)).toEqual([]);
});

/** Scenarios whose cells are all small; the others are in `CELLS`. */
const SMALL = [
  'free-before-sync',
  'ipi-wait-under-lock',
  'irq-mask-is-not-a-store',
  'retract-bugs',
];

describe('both searches find the same, whatever the order in which they learn', () => {
  it.each(
    listScenarios()
      .map(({ name }) => name)
      .filter((name) => SMALL.includes(name)),
  )('%s in every cell', async (name) => {
    for (const configuration of configurationsOf(name)) {
      const { arch, platform, variant } = configuration;
      const built = await buildScenario(configuration);
      const [first, second] = [built.open(), built.open()];
      const reduced = findings(first, await searchToEnd(first, exploreStateless));
      const graph = findings(second, await searchToEnd(second, exploreGraph));
      expect(reduced, `${variant} on ${arch} ${platform}`).toEqual(graph);
    }
  });
});

describe('which CPU does what changes no finding', () => {
  // Scenarios in which no CPU's number is in the program, only in the machine.
  it.each([
    ['retract-vs-pte-map', 'no-sync', 'i386-pae', 'hyperv'],
    ['retract-bugs', 'free-at-once', 'x86_64', 'kvm'],
  ])('%s %s on %s %s', async (...names) => {
    const orders = [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
      [2, 1, 0],
    ];
    const found: string[][] = [];
    for (const order of orders) {
      const system = (await buildScenario(cell(...names), { order })).open();
      found.push(findings(system, await searchToEnd(system)));
    }
    expect(found[0]).not.toEqual([]);
    for (const other of found) expect(other).toEqual(found[0]);
  });
});

it('a system that has learnt all there is never asks to start again', async () => {
  const system = await settled(
    await buildScenario(cell('collapse-vs-gup-fast', 'mainline', 'x86_64', 'kvm')),
  );
  expect((await exploreStateless(system)).kind).toBe('complete');
  expect((await exploreGraph(system)).kind).toBe('complete');
});
