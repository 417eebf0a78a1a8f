/** Both searches from outside: limits, stopping, restarting, deadlocks, replay and minimising. */

import { describe, expect, it } from 'vitest';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import { minimise } from '../../src/explore/minimise.ts';
import { replay } from '../../src/explore/replay.ts';
import type { SearchProgress } from '../../src/explore/search.ts';
import type { Outcome, System } from '../../src/explore/system.ts';
import { checkAgainstGraph, checkTraces } from './oracles.ts';
import { DEADLOCK, PetersonToy, PhilosophersToy, TicketToy } from './toys/classics.ts';
import { GupPlainToy, GupToy, USE_AFTER_FREE } from './toys/gup.ts';
import type { Instruction } from './toys/instructions.ts';
import { ProgramToy } from './toys/program.ts';
import { PROPERTY } from './toys/program-parts.ts';
import { OK, Toy } from './toys/toy.ts';

const SEARCHES = [
  ['stateless', exploreStateless],
  ['graph', exploreGraph],
  ['graph, depth first', (system, options) => exploreGraph(system, { ...options, order: 'depth' })],
] as const satisfies readonly (readonly [string, typeof exploreGraph])[];

describe.each(SEARCHES)('%s search', (name, search) => {
  it('stops at a time-out, and lets timers run meanwhile', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    const result = await search(new GupToy(5), { timeoutMs: 400 });
    clearInterval(timer);
    expect([result.kind, result.stopReason]).toEqual(['stopped', 'timeout']);
    expect(result.seconds).toBeLessThan(2);
    expect(ticks).toBeGreaterThan(1);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const result = await search(new GupToy(5), { signal: stop.signal });
    expect([result.kind, result.stopReason]).toEqual(['stopped', 'aborted']);
    const before = await search(new GupToy(2), { signal: AbortSignal.abort() });
    expect([before.kind, before.stopReason]).toEqual(['stopped', 'aborted']);
  });

  it('reports progress that only grows', async () => {
    const seen: SearchProgress[] = [];
    await search(new GupToy(5), { timeoutMs: 500, onProgress: (p) => seen.push({ ...p }) });
    expect(seen.length).toBeGreaterThan(2);
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i].transitions).toBeGreaterThan(seen[i - 1].transitions);
      expect(seen[i].states).toBeGreaterThanOrEqual(seen[i - 1].states);
    }
  });

  it('stops at a number of states, and is complete when it needs no more', async () => {
    const few = await search(new GupToy(2), { maxStates: 100 });
    expect([few.kind, few.stopReason, few.states]).toEqual(['stopped', 'max-states', 100]);
    const { states } = await search(new GupToy(2));
    expect((await search(new GupToy(2), { maxStates: states })).kind).toBe('complete');
  });

  it('stops at the first violation, or at the first of the kind asked for', async () => {
    const check: Instruction = { op: 'check', register: 0, not: 0 };
    const make = () => new ProgramToy({ cpus: [[check], [check], [check]], locations: 1 });
    const first = await search(make(), { stopAtFirst: true });
    expect(first.violations.length).toBe(1);
    expect([first.kind, first.stopReason]).toEqual(['stopped', 'first-violation']);
    const all = await search(make());
    expect(all.violations.length).toBe(3);
    const last = all.violations.at(-1);
    const chosen = await search(make(), { stopAtFirst: ({ site }) => site === last?.site });
    expect(chosen.stopReason).toBe('first-violation');
    expect(chosen.violations.some(({ site }) => site === last?.site)).toBe(true);
    const none = await search(make(), { stopAtFirst: () => false });
    expect(none.kind).toBe('complete');
  });

  it('finds philosophers who hold one fork each', async () => {
    const good = await search(new PhilosophersToy(3, { meals: 1 }));
    expect([good.kind, good.violations]).toEqual(['complete', []]);
    const bad = await search(new PhilosophersToy(3, { meals: 1, greedy: true }));
    expect(bad.violations.map(({ property }) => property)).toEqual([DEADLOCK]);
    const { end, failure } = replay(
      new PhilosophersToy(3, { meals: 1, greedy: true }),
      bad.violations[0].schedule,
    );
    expect([failure, end?.deadlocked]).toEqual([null, true]);
  });

  it('starts over when the system asks for it', async () => {
    const result = await search(new RestartingToy());
    expect(result.kind).toBe('restart');
  });

  it('comes to the same twice', async () => {
    const make = () => new GupToy(2, { sync: false });
    const { seconds: _1, ...one } = await search(make(), { collectFinals: true });
    const { seconds: _2, ...two } = await search(make(), { collectFinals: true });
    expect(two).toEqual(one);
    // A system that has been used starts from `reset` as a new one does.
    const used = make();
    await search(used, { maxStates: 50 });
    const { seconds: _3, ...three } = await search(used, { collectFinals: true });
    expect(three).toEqual(one);
    expect(name).not.toBe('');
  });
});

/** Asks to start over as soon as actor 1 sees what actor 0 wrote. */
class RestartingToy extends Toy {
  constructor() {
    super(3, 2);
  }
  protected override init(): void {}
  protected override has(actor: number): boolean {
    return this.vars[1 + actor] === 0;
  }
  protected override allowed(): boolean {
    return true;
  }
  protected override step(actor: number): Outcome {
    this.setLocal(1 + actor, 1);
    if (actor === 0) this.set(0, 1);
    else if (this.get(0) === 1) return { kind: 'restart' };
    return OK;
  }
}

it('a number of executions is a limit of the stateless search', async () => {
  const result = await exploreStateless(new GupPlainToy(3), { maxExecutions: 10 });
  expect([result.kind, result.stopReason]).toEqual(['stopped', 'max-executions']);
  expect(result.executions).toBe(10);
  const exact = await exploreStateless(new GupPlainToy(2), { maxExecutions: 57 });
  expect(exact.kind).toBe('complete');
});

describe('loops without an end', () => {
  // CPU 0 goes round until it finds 2; CPU 1 stores 1, or 2 as it chooses.
  class SpinningToy extends Toy {
    constructor() {
      super(3, 2);
    }
    protected override init(): void {}
    protected override has(actor: number): boolean {
      return this.vars[1 + actor] === 0;
    }
    protected override allowed(): boolean {
      return true;
    }
    protected override choices(actor: number): number {
      return actor === 1 ? 2 : 1;
    }
    protected override step(actor: number, choice: number): Outcome {
      if (actor === 1) this.set(0, 1 + choice);
      if (actor === 1 || this.get(0) === 2) this.setLocal(1 + actor, 1);
      return OK;
    }
  }

  it('are found in the state graph', async () => {
    const result = await exploreGraph(new SpinningToy());
    expect([result.kind, result.executions]).toEqual(['complete', 1]);
    expect(result.endless).toEqual([{ actor: 1, choice: 0 }]);
    expect((await exploreGraph(new PetersonToy(2))).endless).toEqual([]);
    expect((await exploreGraph(new TicketToy(2, 1))).endless).toBe(null);
  });

  it('stop the stateless search before the memory is full', async () => {
    const result = await exploreStateless(new SpinningToy(), { maxDepth: 500 });
    expect([result.kind, result.stopReason, result.maxDepth]).toEqual([
      'stopped',
      'max-depth',
      500,
    ]);
  });
});

it('two classics hold of the stateless search too', async () => {
  // As many traces as orders in which the tickets can be drawn.
  expect((await exploreStateless(new TicketToy(3, 1))).executions).toBe(6);
  expect((await exploreStateless(new TicketToy(4, 1))).executions).toBe(24);
  const peterson = await exploreStateless(new PetersonToy(2), { maxExecutions: 1, timeoutMs: 200 });
  expect(peterson.kind).toBe('stopped');
});

describe('an execution with a halted actor has no deadlock', () => {
  // CPU 0 is halted with the lock held; CPU 1 then waits for it for ever.
  const program = {
    cpus: [
      [
        { op: 'lock', lock: 0 },
        { op: 'check', register: 0, not: 0 },
        { op: 'unlock', lock: 0 },
      ],
      [
        { op: 'lock', lock: 0 },
        { op: 'unlock', lock: 0 },
      ],
    ],
    locations: 1,
    locks: 1,
  } as const;
  it.each(SEARCHES)('%s', async (_name, search) => {
    const result = await search(new ProgramToy(program));
    expect(result.violations.map(({ property }) => property)).toEqual([PROPERTY.check]);
  });
});

describe('steps that may stay away', () => {
  const program = {
    cpus: [
      [{ op: 'load', from: 0, register: 0 }],
      [{ op: 'store', to: 0, value: 1 }],
      [{ op: 'store', to: 1, value: 1 }],
    ],
    locations: 2,
    optional: [1, 2],
  } as const;
  it('are taken and left out', async () => {
    // CPU 1: before the load, after it, or never; CPU 2: or never.
    const result = await exploreStateless(new ProgramToy(program), { collectFinals: true });
    expect(result.executions).toBe(6);
    expect(await checkTraces(() => new ProgramToy(program))).toEqual([]);
    expect(await checkAgainstGraph(() => new ProgramToy(program))).toEqual([]);
  });
});

describe('replay', () => {
  it('says which step is not possible', () => {
    const toy = new GupToy(2);
    const collapse = { actor: 2, choice: 0 };
    expect(replay(toy, [collapse, collapse, collapse]).failure).toMatch(
      /^step 3: actor 2 is blocked: /,
    );
    expect(replay(toy, [{ actor: 4, choice: 0 }]).failure).toBe(
      'step 1: actor 4 has no further step',
    );
    expect(replay(toy, [{ actor: 0, choice: 1 }]).failure).toBe(
      'step 1: actor 0 has 1 choices, not choice 1',
    );
    expect(replay(toy, [{ actor: 0, choice: 0 }]).end).toBe(null);
  });
});

describe('minimise', () => {
  const systems: readonly (readonly [string, () => System])[] = [
    ['walkers without a sync', () => new GupToy(3, { sync: false })],
    ['philosophers', () => new PhilosophersToy(3, { meals: 2, greedy: true })],
  ];
  it.each(systems)('%s: shorter, still true, and close to the shortest', async (_name, make) => {
    const found = await exploreStateless(make(), { stopAtFirst: true });
    const [violation] = found.violations;
    const short = await minimise(make(), violation);
    if (short === 'restart') throw new Error('nothing asks to start over here');
    const again = replay(make(), short);
    const last = again.steps.at(-1)?.outcome;
    const seen = last?.kind === 'violation' ? [last] : (again.end?.violations ?? []);
    expect(seen.map(({ property, site }) => [property, site])).toContainEqual([
      violation.property,
      violation.site,
    ]);
    const graph = await exploreGraph(make(), {
      stopAtFirst: ({ property, site }) =>
        property === violation.property && site === violation.site,
    });
    const shortest = graph.violations.at(-1)?.schedule.length ?? 0;
    expect(short.length).toBeGreaterThanOrEqual(shortest);
    expect(short.length).toBeLessThanOrEqual(Math.min(violation.schedule.length, shortest + 2));
  });

  it('the graph finds a shortest one: clear, free, and a walker in between', async () => {
    const { violations } = await exploreGraph(new GupToy(2, { sync: false }));
    const first = violations.find(({ property }) => property === USE_AFTER_FREE);
    // Irq off and read pmd; then clear, test, clear pte, huge, free; then read pte.
    expect(first?.schedule.length).toBe(8);
  });
});
