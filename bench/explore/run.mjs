// `npm run bench:explore`: the explorer beside Spin and rumur in one run, on
// the protocol of test/explore/toys/gup.ts, and the flagship scenario. User
// time of the CPU, because other work may share the machine; every contender
// takes its turn in every round. Goals, never assertions; what is checked is
// that everybody finds what there is to find.
//
//   npm run bench:explore -- [rates|symmetry|bug|flagship|memory ...] [--rounds N] [--write] [--smoke]
//
// --write puts the tables into bench/explore/results.md; --smoke runs
// everything small and once.

import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { benchFlagship } from './flagship.mjs';
import { benchBug, benchMemory, benchRates, benchSymmetry } from './gup.mjs';

const BENCHES = {
  rates: benchRates,
  symmetry: benchSymmetry,
  bug: benchBug,
  flagship: benchFlagship,
  memory: benchMemory,
};

const words = process.argv.slice(2);
const smoke = words.includes('--smoke');
const roundsAt = words.indexOf('--rounds');
const rounds = smoke ? 1 : roundsAt >= 0 ? Number(words[roundsAt + 1]) : 3;
const named = words.filter((word, i) => !word.startsWith('--') && words[i - 1] !== '--rounds');
const unknown = [
  ...named.filter((name) => !Object.hasOwn(BENCHES, name)),
  ...words.filter((w) => w.startsWith('--') && !['--rounds', '--write', '--smoke'].includes(w)),
];
if (unknown.length > 0 || !(rounds >= 1)) {
  process.stderr.write(
    `bench:explore: cannot make sense of ${words.join(' ')}; there are ${Object.keys(BENCHES).join(', ')}, --rounds N, --write, --smoke\n`,
  );
  process.exit(2);
}

const text = [];
const say = (line) => {
  text.push(line);
  console.log(line);
};
const load = loadavg()[0].toFixed(1);
for (const [name, bench] of Object.entries(BENCHES)) {
  if (named.length === 0 || named.includes(name)) await bench({ smoke, rounds, say });
}
say(
  `${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.version}, load ${load} at the start.`,
);
if (words.includes('--write')) {
  const head =
    '# The explorer beside its peers\n\nWritten by `npm run bench:explore -- --write`. User time of the CPU; medians of interleaved rounds.\nThe loop is a fixed amount of integer work in Node, measured in the same rounds. Goals, not assertions.\n';
  writeFileSync(resolve(import.meta.dirname, 'results.md'), `${head}\n${text.join('\n')}\n`);
}
