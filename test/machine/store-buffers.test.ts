/** x86-TSO on the machine, by the oracles: random programs with store buffers, and drains that nobody observes. */

import { describe, expect, it } from 'vitest';
import {
  checkAgainstGraph,
  checkCommutation,
  checkFootprints,
  checkRestoring,
  checkTraces,
} from '../explore/oracles.ts';
import {
  type Built,
  buildScenario,
  buildText,
  configurationsOf,
  outcomes,
  searchToEnd,
  settledFactory,
} from './build-system.ts';
import { PARTS, randomStores } from './random-stores.ts';

const SEED = Number(process.env.SHOOTDOWN_SEED ?? 1);
const COUNT = Number(process.env.SHOOTDOWN_PROGRAMS ?? 60);
const STATES = 3000;

/** What the oracles find wrong. */
async function wrongWith(built: Built): Promise<string[]> {
  const make = await settledFactory(built);
  return [
    ...(await checkAgainstGraph(make)),
    ...((await checkTraces(make, { limit: 20_000 })) ?? []),
    ...checkCommutation(make, STATES),
    ...checkFootprints(make, STATES),
    ...checkRestoring(make, STATES / 4),
  ];
}

describe('random programs', () => {
  it.each(['x86_64', 'i386-pae'] as const)('keep every promise on %s', async (arch) => {
    const { text, variants } = randomStores(SEED, COUNT, PARTS[arch]);
    for (let variant = 0; variant < COUNT; variant++) {
      const built = await buildText(text, { arch, model: 'tso', variants, variant });
      expect(await wrongWith(built), `program ${variant} of seed ${SEED}`).toEqual([]);
    }
  });
});

const OWN = `static int x, r0;
  void cpu0(void) { WRITE_ONCE(x, 1); r0 = READ_ONCE(x); }
  void cpu1(void) { WRITE_ONCE(x, 2); }`;

describe('a load that its own store may answer', () => {
  const values = { r0: [0, 1, 2], x: [0, 1, 2] };
  const right = ['r0=1 x=1', 'r0=1 x=2', 'r0=2 x=2'];

  it('finds what came in between as well', async () => {
    expect(await outcomes(OWN, values, { model: 'tso' })).toEqual(right);
  });

  it('breaks a promise, where it touches nothing in memory', async () => {
    expect(await wrongWith(await buildText(OWN, { model: 'tso' }))).toEqual([]);
    const mutation = 'forwarded-unseen';
    expect(await wrongWith(await buildText(OWN, { model: 'tso', mutation }))).not.toEqual([]);
  });
});

describe('drains that nobody observes do not multiply executions', () => {
  const cells = configurationsOf('munmap-vs-gup-fast').filter(
    ({ variant, arch }) => variant === 'mainline' && arch === 'x86_64',
  );

  it.each(cells)('munmap-vs-gup-fast on $arch $platform', async (configuration) => {
    const [sc, tso] = await Promise.all(
      (['sc', 'tso'] as const).map(async (model) => {
        const system = (await buildScenario(configuration, { model })).open();
        return searchToEnd(system);
      }),
    );
    expect(tso!.executions).toBe(sc!.executions);
    expect(tso!.transitions).toBeGreaterThan(sc!.transitions);
  });
});
