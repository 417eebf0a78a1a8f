import { expect, it } from 'vitest';
import { Edges } from './edges.ts';

/** The lowest state from which no end can be reached, the plain way. */
function expected(targets: readonly (readonly number[])[], ends: readonly number[]): number {
  const reaches = (from: number): boolean => {
    const seen = new Set([from]);
    for (const state of seen) for (const to of targets[state]) seen.add(to);
    return ends.some((end) => seen.has(end));
  };
  return targets.findIndex((_, state) => !reaches(state));
}

it('finds what a plain search finds, in random graphs', async () => {
  let random = 1;
  const below = (count: number): number => {
    random = (Math.imul(random, 48_271) >>> 0) % 0x7fff_ffff;
    return random % count;
  };
  for (let graph = 0; graph < 2000; graph++) {
    const count = 1 + below(graph % 10 === 0 ? 500 : 12);
    // As a breadth-first search numbers them: every state but the first has a parent below it.
    const parents = Array.from({ length: count }, (_, state) => (state === 0 ? 0 : below(state)));
    const targets: number[][] = Array.from({ length: count }, () => []);
    const edges = new Edges();
    for (let state = 0; state < count; state++) {
      for (let n = below(4); n > 0; n--) {
        const to = below(count);
        edges.add(state, to);
        targets[state].push(to);
      }
      if (state > 0) targets[parents[state]].push(state);
    }
    const ends = Array.from({ length: below(3) }, () => below(count));
    const found = await edges.firstWithoutEnd(count, ends, (state) => parents[state]);
    expect(found, JSON.stringify({ targets, ends })).toBe(expected(targets, ends));
  }
});

it('takes a few bytes for an edge, also over long distances', async () => {
  const edges = new Edges();
  const far = 300_000_000;
  edges.add(0, far);
  edges.add(1, 1);
  edges.add(1, 0);
  // State 0 reaches no end but by the edge, whose other side is beyond this graph.
  expect(await edges.firstWithoutEnd(2, [1], () => 0)).toBe(-1);
  for (let state = 2; state < 100_000; state++) edges.add(state, state - (state % 1000));
  expect(edges.bytes).toBeLessThan(100_000 * 4);
});
