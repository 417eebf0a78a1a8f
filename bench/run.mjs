// `npm run bench`: medians beside a calibration loop in the same run. Goals,
// never assertions: what is slow on one machine is fast on another.
//
//   npm run bench -- [check|searches|interpreter ...] [--write] [--smoke]
//
// --write puts the table into bench/results.md; --smoke runs everything once
// and small, which shows that it runs and nothing else. The explorer alone,
// beside Spin and rumur, is `npm run bench:explore`.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { benchCheck, benchSearches } from './check.mjs';
import { benchInterpreter } from './interpreter.mjs';

const BENCHES = {
  check: benchCheck,
  searches: benchSearches,
  interpreter: benchInterpreter,
};

function round(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en');
}

function row({ name, unit, value, low, high, count, ratio }) {
  const per = unit === 'ms' ? 'loops' : `${unit.replace('/s', '')} a loop`;
  return `| ${name} | ${round(value)} ${unit} | ${round(low)} to ${round(high)} (${count}) | ${round(ratio)} ${per} |`;
}

function commit() {
  try {
    const git = (...words) => execFileSync('git', words, { encoding: 'utf8' }).trim();
    return (
      git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') ? ' and changes' : '')
    );
  } catch {
    return 'unknown';
  }
}

const words = process.argv.slice(2);
const smoke = words.includes('--smoke');
const names = words.filter((word) => !word.startsWith('--'));
const unknown = words.filter(
  (word) => !['--smoke', '--write'].includes(word) && !Object.hasOwn(BENCHES, word),
);
if (unknown.length > 0) {
  process.stderr.write(
    `bench: unknown ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}, --write, --smoke\n`,
  );
  process.exit(2);
}

const lines = [
  '| what | median | range (samples) | to the calibration loop |',
  '|---|---|---|---|',
];
const load = loadavg()[0];
console.log(lines.join('\n'));
const loops = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for await (const result of bench({ smoke })) {
    loops.push(result.calibrationMs);
    lines.push(row(result));
    console.log(lines.at(-1));
  }
}
const range = `${round(Math.min(...loops))} to ${round(Math.max(...loops))} ms`;
const where = `${cpus().length} x ${cpus()[0].model}, Node ${process.version}, load ${load.toFixed(1)} at the start`;
const footer = `Calibration loop: ${range}. ${where}. Commit ${commit()}.`;
console.log(`\n${footer}`);
if (words.includes('--write')) {
  const head =
    '# Bench\n\nWritten by `npm run bench -- --write`. Goals, not assertions; compare the last column.\n';
  writeFileSync(
    resolve(import.meta.dirname, 'results.md'),
    `${head}\n${lines.join('\n')}\n\n${footer}\n`,
  );
}
