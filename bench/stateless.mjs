// The two reductions of the stateless search on the walkers of
// test/explore/toys/gup.ts, in user CPU seconds: the table of
// docs/explore.md, section 7.
//
//     node bench/stateless.mjs [rounds]

import { loadToys } from './explore/toys.mjs';

const ROUNDS = Number(process.argv[2] ?? 3);

const { exploreStateless, GupToy, GupPlainToy } = await loadToys();

const SYSTEMS = [
  ['gup, commuting adds, N = 4', () => new GupPlainToy(4, { commute: true })],
  ['gup, commuting adds, N = 5', () => new GupPlainToy(5, { commute: true })],
  ['gup, plain adds, N = 3', () => new GupPlainToy(3)],
  ['gup, plain adds, N = 4', () => new GupPlainToy(4)],
  ['gup with interrupts, N = 3', () => new GupToy(3)],
  ['gup with interrupts, N = 4', () => new GupToy(4)],
];

/** The last result, and the least user CPU time of all rounds. */
async function measure(make, reduction) {
  let seconds = Number.POSITIVE_INFINITY;
  let result = null;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    result = await exploreStateless(make(), { reduction });
    seconds = Math.min(seconds, process.cpuUsage(before).user / 1e6);
  }
  return { ...result, cpu: seconds };
}

const n = (value) => value.toLocaleString('en');

console.log(
  '| system | executions | steps | asleep | looks | most steps in trees (KB a step of depth) | optimal | plain: steps, asleep, time |',
);
console.log('|---|---|---|---|---|---|---|---|');
for (const [name, make] of SYSTEMS) {
  const one = await measure(make, 'optimal');
  const two = await measure(make, 'plain');
  const speed = `${one.cpu.toFixed(2)} s, ${n(Math.round(one.transitions / one.cpu / 1000))} k steps/s`;
  const { looks, peakSteps, bytes } = one.wakeup;
  const trees = `${n(peakSteps)} (${(bytes / 1024 / one.maxDepth).toFixed(1)})`;
  console.log(
    `| ${name} | ${n(one.executions)} | ${n(one.transitions)} | ${one.asleep} | ${n(looks)} | ${trees} | ${speed} | ${n(two.transitions)}, ${n(two.asleep)}, ${two.cpu.toFixed(2)} s |`,
  );
}
