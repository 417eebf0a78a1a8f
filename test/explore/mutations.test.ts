/**
 * Tests of the tests (explorer rules, C9): the searches and the toy machine
 * broken on purpose, one way at a time. Each must be noticed by the oracle
 * that is there for it. A mutation that stays unnoticed means that the suite
 * would not notice the same mistake either.
 */

import { describe, expect, it } from 'vitest';
import type { DporMutation, Reduction } from '../../src/explore/dpor.ts';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { ExplorerError } from '../../src/explore/search.ts';
import type { ActorId, Outcome } from '../../src/explore/system.ts';
import { checkCommutation, checkFootprints, checkTraces } from './oracles.ts';
import { Random, randomProgram } from './random-program.ts';
import type { Program } from './toys/instructions.ts';
import { expectation, findings, INTERRUPTS, WIDE } from './toys/litmus.ts';
import type { ProgramMutation } from './toys/program.ts';
import { ProgramToy } from './toys/program.ts';
import { OK, Toy, violation } from './toys/toy.ts';

/** Fixed: a mutation must be noticed in every run, not in most. */
const SEED = 20_261;
const PROGRAMS = 1500;

const BOTH: readonly DporMutation[] = [
  'last-dependent-only',
  'no-look-past',
  'last-close-only',
  'sleepers-not-woken',
  'no-races-at-end',
  'first-choice-only',
  'visited-set',
  'always-one-enough',
];

const SEARCH_MUTATIONS: readonly (readonly [Reduction, DporMutation])[] = [
  ...BOTH.map((mutation) => ['optimal', mutation] as const),
  ['optimal', 'no-initials-check'],
  ['optimal', 'not-looked-at'],
  ['optimal', 'away-for-good'],
  ['optimal', 'tree-dropped-where-blocked'],
  ...BOTH.map((mutation) => ['plain', mutation] as const),
  ['plain', 'sleep-by-actor'],
];

/** The number of random programs until an oracle notices; null where none does. */
async function noticedAfter(
  notices: (random: Random) => Promise<readonly string[] | null>,
): Promise<number | null> {
  const random = new Random(SEED);
  for (let n = 1; n <= PROGRAMS; n++) {
    const wrong = await notices(random);
    if (wrong !== null && wrong.length > 0) return n;
  }
  return null;
}

describe('a broken search loses or repeats executions', () => {
  it.each(SEARCH_MUTATIONS)('%s: %s', async (reduction, mutation) => {
    const noticed = await noticedAfter(async (random) => {
      const program = randomProgram(random);
      const options = { limit: 300, reductions: [reduction], mutation };
      try {
        return await checkTraces(() => new ProgramToy(program), options);
      } catch (error) {
        // A step that turns out to be impossible is a notice too.
        if (error instanceof ExplorerError) return [error.message];
        throw error;
      }
    });
    expect(noticed).not.toBeNull();
  });
});

/**
 * A step that touches different places in different states, and sleeps. CPU
 * numbers are actors; `x` waits for `z`.
 *
 *     actor 0             actor 1     actor 2
 *     if (!b) c = 1       z = 1       x: await z, read c
 *                         b = 1
 *
 * Actor 0's step is explored first and sleeps while `z = 1` is explored. Then
 * `b = 1` comes first; after it actor 0 no longer touches c, so nothing shows
 * that `x` could have come before it.
 */
class ShiftyToy extends Toy {
  constructor() {
    super(6, 3);
  }
  protected override init(): void {}
  protected override has(actor: ActorId): boolean {
    return this.vars[3 + actor] < (actor === 1 ? 2 : 1);
  }
  protected override allowed(actor: ActorId): boolean {
    return actor !== 2 || this.pass(0) === 1;
  }
  protected override step(actor: ActorId): Outcome {
    if (actor === 0 && this.get(1) === 0) this.set(2, 1);
    if (actor === 1) this.set(this.vars[4] === 0 ? 0 : 1, 1);
    if (actor === 2 && this.get(2) === 1) return violation(1);
    this.setLocal(3 + actor, this.vars[3 + actor] + 1);
    return OK;
  }
}

describe('a sleeper stands for what it did then', () => {
  it('and is not trusted when it does something else by now', async () => {
    expect(await checkTraces(() => new ShiftyToy())).toEqual([]);
    for (const reduction of ['optimal', 'plain'] as const) {
      const options = { reductions: [reduction], mutation: 'sleep-trusted' } as const;
      expect(await checkTraces(() => new ShiftyToy(), options)).not.toEqual([]);
    }
  });
});

/**
 * Two gates that are shut for good, by two actors who have nothing to do with
 * each other; actor 2 must pass both. It comes first or never: where one of
 * the two is undone, the other still forbids it.
 */
class TwoGatesToy extends Toy {
  constructor() {
    super(5, 3);
  }
  protected override init(): void {}
  protected override has(actor: ActorId): boolean {
    return this.vars[2 + actor] === 0;
  }
  protected override allowed(actor: ActorId): boolean {
    if (actor < 2) return true;
    const shut = this.pass(0) + this.pass(1);
    return shut === 0;
  }
  protected override step(actor: ActorId): Outcome {
    if (actor < 2) this.close(actor, 1);
    this.setLocal(2 + actor, 1);
    return OK;
  }
}

describe('a step that several others forbid', () => {
  it('comes before all of them', async () => {
    expect(await checkTraces(() => new TwoGatesToy())).toEqual([]);
    const options = { reductions: ['optimal'], mutation: 'no-variations' } as const;
    expect(await checkTraces(() => new TwoGatesToy(), options)).not.toEqual([]);
  });
});

/**
 * An interrupt that runs code, as actors: 3 delivers and shuts gate 2, which
 * the return opens; 4 is what it runs, and comes into being anew by each
 * delivery. It waits for the word 0 to be 1, then chooses.
 *
 *     actor 0     actor 1     actor 2     actor 4, twice
 *     w = 1       send        send        await w = 1
 *                 w = 2                   sum += 0 or 1, return
 */
class RebornToy extends Toy {
  constructor() {
    super(8, 5);
  }
  protected override init(): void {}
  protected override has(actor: ActorId): boolean {
    if (actor === 3) return this.vars[1] > 0;
    if (actor === 4) return this.vars[6] > 0;
    return this.vars[3 + actor] < (actor === 1 ? 2 : 1);
  }
  protected override allowed(actor: ActorId): boolean {
    if (actor === 3) return this.pass(2) === 0;
    return actor !== 4 || this.vars[6] === 2 || this.pass(0) === 1;
  }
  protected override choices(actor: ActorId): number {
    return actor === 4 && this.vars[6] === 2 ? 2 : 1;
  }
  protected override step(actor: ActorId, choice: number): Outcome {
    if (actor === 3) {
      this.set(1, this.vars[1] - 1);
      this.close(2, 1);
      this.setLocal(6, 1);
      return OK;
    }
    if (actor === 4) {
      this.get(2);
      const ends = this.vars[6] === 2;
      if (ends) this.setLocal(7, this.vars[7] + choice);
      this.setLocal(6, ends ? 0 : 2);
      if (ends) this.open(2, 0);
      return OK;
    }
    if (actor === 0) this.set(0, 1);
    else if (actor === 1 && this.vars[4] === 1) this.set(0, 2);
    else this.set(1, this.vars[1] + 1);
    this.setLocal(3 + actor, this.vars[3 + actor] + 1);
    return OK;
  }
}

describe('an actor that has ended', () => {
  it('may be brought back', async () => {
    const make = (): RebornToy => new RebornToy();
    expect(checkCommutation(make)).toEqual([]);
    expect(checkFootprints(make)).toEqual([]);
    expect(await checkTraces(make, { limit: 1_000_000 })).toEqual([]);
    const options = {
      limit: 1_000_000,
      reductions: ['optimal'],
      mutation: 'ended-for-good',
    } as const;
    expect(await checkTraces(make, options)).not.toEqual([]);
  });
});

/**
 * CPU 1's call makes CPU 0 run code whose store touches the same in every
 * state, where there is a delivery that runs it. CPU 0's own call stores to
 * the same place, which looks as if it could bring that code into being.
 */
const FIXED_BUT_NOT_THERE: Program = {
  cpus: [
    [
      { op: 'send', targets: [1], handler: { do: 'store', to: 1, value: 1 }, waited: true },
      { op: 'wait-acks' },
    ],
    [
      {
        op: 'send',
        targets: [0],
        handler: { do: 'run', code: [{ op: 'store', to: 1, value: 1 }] },
        waited: false,
      },
    ],
  ],
  locations: 2,
};

describe('a step that touches the same in every state', () => {
  it('is possible only where its actor is there', async () => {
    const make = (): ProgramToy => new ProgramToy(FIXED_BUT_NOT_THERE);
    expect(await checkTraces(make)).toEqual([]);
    const options = { reductions: ['optimal'], mutation: 'fixed-from-nowhere' } as const;
    await expect(checkTraces(make, options)).rejects.toThrow('cannot take a step');
  });
});

const FOOTPRINT_MUTATIONS: readonly ProgramMutation[] = [
  'no-irq-guard',
  'no-control',
  'no-life',
  'read-only-locks',
];

/** Where a step is only ever forbidden while the other can be taken, both orders never exist: commutation cannot see it. */
const GUARD_MUTATIONS: readonly ProgramMutation[] = [
  'no-irq-guard',
  'no-reader-guard',
  'no-lock-guard',
  'no-await-guard',
  'no-ack-guard',
  'interrupted-goes-on',
  'birth-unseen',
];

describe('a footprint that leaves something out does not commute', () => {
  it.each(FOOTPRINT_MUTATIONS)('%s', async (mutation) => {
    const noticed = await noticedAfter(async (random) => {
      const program = randomProgram(random);
      return checkCommutation(() => new ProgramToy(program, mutation), 200);
    });
    expect(noticed).not.toBeNull();
  });
});

describe('a guard that is left out: what forbids a step is not passed', () => {
  it.each(GUARD_MUTATIONS)('%s', async (mutation) => {
    const noticed = await noticedAfter(async (random) => {
      const program = randomProgram(random);
      return checkFootprints(() => new ProgramToy(program, mutation), 200);
    });
    expect(noticed).not.toBeNull();
  });
});

const MACHINE_MUTATIONS: readonly ProgramMutation[] = [
  'grace-waits-for-nobody',
  'grace-waits-for-everybody',
  'whole-loads',
  'send-skips-a-target',
];

describe('a machine that is built wrongly has other litmus outcomes', () => {
  it.each(MACHINE_MUTATIONS)('%s', async (mutation) => {
    const different: string[] = [];
    for (const litmus of [...WIDE, ...INTERRUPTS]) {
      const found = await findings(litmus, exploreStateless, mutation);
      if (found !== expectation(litmus)) different.push(litmus.name);
    }
    expect(different).not.toEqual([]);
  });
});
