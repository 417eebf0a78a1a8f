// The walkers and the collapse: rates without symmetry, time with it, states
// to the bug, and memory.

import { HAS_RUMUR, HAS_SPIN, rumur, spin } from './peers.mjs';
import { race, sayTable, userSeconds } from './rounds.mjs';
import { loadToys } from './toys.mjs';

const STATES = { 2: 695, 3: 9_024, 4: 129_505, 5: 1_947_142 };
const ORBITS = { 2: 384, 3: 1_921, 4: 8_333, 5: 31_837, 6: 108_946 };
/** Without reduction Spin needs 40 s and 2 GB for N = 5. */
const MAX_UNREDUCED_SPIN = 4;

let toys = null;

/** A search of ours as a contender; fails where it finds something else than there is. */
function ours(name, n, options, toy, expected) {
  return {
    name,
    run: async () => {
      let result = null;
      const { exploreGraph, GupToy } = toys;
      const seconds = await userSeconds(async () => {
        result = await exploreGraph(new GupToy(n, toy), options);
      });
      if (result.states !== expected || result.violations.length > 0) {
        throw new Error(`${result.states} states, ${result.violations.length} violations`);
      }
      return { states: result.states, seconds };
    },
  };
}

async function withPeers(contenders, peers, rounds, use) {
  try {
    use(await race([...contenders, ...peers], rounds));
  } finally {
    for (const { dispose } of peers) dispose();
  }
}

function sayMissing(say) {
  if (!HAS_SPIN) say('No Spin: it needs the programs spin and cc.\n');
  if (!HAS_RUMUR) say('No rumur: it needs the programs rumur and cc.\n');
}

export async function benchRates({ smoke, rounds, say }) {
  toys ??= await loadToys();
  sayMissing(say);
  for (const n of smoke ? [2] : [4, 5]) {
    const contenders = [
      ours('Shootdown, breadth first', n, {}, {}, STATES[n]),
      ours('Shootdown, depth first', n, { order: 'depth' }, {}, STATES[n]),
    ];
    const peers = [];
    if (HAS_SPIN) {
      peers.push({ name: 'Spin, partial orders reduced', ...spin({ n }) });
      if (n <= MAX_UNREDUCED_SPIN) {
        peers.push({ name: 'Spin, unreduced', ...spin({ n, defines: ['NOREDUCE'] }) });
      }
    }
    if (HAS_RUMUR) {
      const options = ['--symmetry-reduction', 'off'];
      peers.push({ name: 'rumur, no symmetry', ...rumur({ n, options }) });
    }
    await withPeers(contenders, peers, rounds, (rows) => {
      sayTable(say, `N = ${n}, no symmetry`, rows);
    });
  }
}

export async function benchSymmetry({ smoke, rounds, say }) {
  toys ??= await loadToys();
  const n = smoke ? 3 : 6;
  const alike = { alike: true };
  const contenders = [
    ours('Shootdown, breadth first', n, {}, alike, ORBITS[n]),
    ours('Shootdown, depth first', n, { order: 'depth' }, alike, ORBITS[n]),
  ];
  const heuristic = ['--symmetry-reduction', 'heuristic'];
  const quick = [...heuristic, '--scalarset-schedules', 'off'];
  const peers = HAS_RUMUR
    ? [
        { name: 'rumur, symmetry', ...rumur({ n, options: heuristic }) },
        { name: 'rumur, symmetry, no names kept for traces', ...rumur({ n, options: quick }) },
      ]
    : [];
  await withPeers(contenders, peers, rounds, (rows) => {
    sayTable(say, `N = ${n} with symmetry`, rows);
  });
}

/** Without the interrupt that waits: how many states until the first violation, and how long its story. */
export async function benchBug({ smoke, say }) {
  toys ??= await loadToys();
  const { exploreGraph, exploreStateless, GupToy } = toys;
  const n = smoke ? 3 : 4;
  const rows = [];
  const add = async (name, search, options, alike) => {
    let result = null;
    const seconds = await userSeconds(async () => {
      result = await search(new GupToy(n, { sync: false, alike }), {
        stopAtFirst: true,
        ...options,
      });
    });
    rows.push([name, result.states, result.violations[0].schedule.length, seconds]);
  };
  await add('Shootdown, breadth first, symmetry', exploreGraph, {}, true);
  await add('Shootdown, breadth first', exploreGraph, {}, false);
  await add('Shootdown, depth first', exploreGraph, { order: 'depth' }, false);
  await add('Shootdown, stateless', exploreStateless, {}, false);
  const peers = [];
  if (HAS_RUMUR) {
    const options = ['--symmetry-reduction', 'heuristic'];
    peers.push({ name: 'rumur, symmetry', ...rumur({ n, sync: false, options }) });
  }
  if (HAS_SPIN) {
    peers.push({ name: 'Spin, breadth first', ...spin({ n, sync: false, defines: ['BFS'] }) });
    peers.push({ name: 'Spin, depth first', ...spin({ n, sync: false }) });
  }
  for (const { name, run, dispose } of peers) {
    const { states, seconds } = run();
    rows.push([name, states, null, seconds]);
    dispose();
  }
  say(`## N = ${n} without the sync: up to the first violation\n`);
  say('| | states | steps of the violation | user s |\n|---|---|---|---|');
  for (const [name, states, steps, seconds] of rows) {
    say(`| ${name} | ${states.toLocaleString('en')} | ${steps ?? ''} | ${seconds.toFixed(2)} |`);
  }
  say('');
}

/** Bytes that a state takes; and, where there is time, all states of the walkers that fit into 10 million. */
export async function benchMemory({ smoke, say }) {
  toys ??= await loadToys();
  const { exploreGraph, GupToy } = toys;
  const limit = smoke ? 1_000 : 10_000_000;
  say(`## Memory, N = 6 without symmetry, stopped at ${limit.toLocaleString('en')} states\n`);
  say('| | bytes/state | MB of the process, most | user s |\n|---|---|---|---|');
  for (const order of ['depth', 'breadth']) {
    let result = null;
    let most = 0;
    const onProgress = () => {
      most = Math.max(most, process.memoryUsage.rss());
    };
    const options = { order, maxStates: limit, onProgress };
    const seconds = await userSeconds(async () => {
      result = await exploreGraph(new GupToy(6), options);
    });
    if (result.states !== limit) throw new Error(`${result.states} states`);
    onProgress();
    const bytes = (result.graph.memoryBytes / result.states).toFixed(0);
    say(`| ${order} first | ${bytes} | ${(most / 1e6).toFixed(0)} | ${seconds.toFixed(1)} |`);
  }
  say('');
}
