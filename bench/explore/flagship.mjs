// The flagship scenario, every variant and platform on both architectures:
// what the searches take, compiling apart. Opened with the functions that
// `check` calls.

import { Compilations } from '../../dist/cli/check/compile.js';
import { openMachine } from '../../dist/cli/check/machine.js';
import { describeConfiguration, expand } from '../../dist/cli/check/plan.js';
import { runConfiguration } from '../../dist/cli/check/run-configuration.js';
import { findScenario } from '../../dist/cli/scenario-files.js';
import { median, userSeconds } from './rounds.mjs';

const LIMITS = {
  kind: null,
  maxExecutions: Number.POSITIVE_INFINITY,
  timeoutSeconds: Number.POSITIVE_INFINITY,
  first: false,
};

export async function benchFlagship({ smoke, rounds, say }) {
  const scenario = findScenario('retract-vs-pte-map');
  const selection = { arches: ['i386-pae', 'x86_64'] };
  const cells = expand(scenario, selection, null).slice(0, smoke ? 1 : undefined);
  const compilations = new Compilations(null, () => {});
  const opened = [];
  const compiling = await userSeconds(async () => {
    for (const cell of cells) {
      const modules = await compilations.modules(scenario, cell);
      opened.push({ cell, open: openMachine(modules, cell, scenario, null).open });
    }
  });
  const context = {
    limits: LIMITS,
    without: null,
    signal: new AbortController().signal,
    cpuNames: [],
    onProgress: () => {},
    onShortening: () => {},
  };
  const totals = [];
  let reports = [];
  let slowest = null;
  for (let round = 0; round < rounds; round++) {
    reports = [];
    const seconds = await userSeconds(async () => {
      for (const { cell, open } of opened) {
        const { result } = await runConfiguration(cell, open, context);
        if (result.verdict === 'inconclusive')
          throw new Error(`${cell.variant}: ${result.message}`);
        reports.push(result.search);
        const spent = result.search.seconds.exploring + result.search.seconds.shortening;
        if (slowest === null || spent > slowest.spent) {
          slowest = { spent, name: describeConfiguration(cell) };
        }
      }
    });
    totals.push(seconds);
  }
  const sum = (of) => reports.reduce((total, report) => total + of(report), 0);
  const exploring = sum((report) => report.seconds.exploring);
  const shortening = sum((report) => report.seconds.shortening);
  say(`## The flagship, ${cells.length} configurations, compiling apart\n`);
  say(
    '| executions | steps | user s, median | wall s exploring | wall s shortening | compiling, user s |',
  );
  say('|---|---|---|---|---|---|');
  const cellsOfRow = [
    sum((report) => report.executions).toLocaleString('en'),
    sum((report) => report.transitions).toLocaleString('en'),
    median(totals).toFixed(1),
    exploring.toFixed(1),
    shortening.toFixed(1),
    compiling.toFixed(1),
  ];
  say(`| ${cellsOfRow.join(' | ')} |\n`);
  say(`Slowest: ${slowest.name}, ${slowest.spent.toFixed(1)} s.\n`);
}
