// Flagship cells on the machine, opened with the functions that `check` calls.

import { Compilations } from '../dist/cli/check/compile.js';
import { openMachine } from '../dist/cli/check/machine.js';
import { describeConfiguration, expand } from '../dist/cli/check/plan.js';
import { findScenario } from '../dist/cli/scenario-files.js';

const compilations = new Compilations(null, () => {});

/** Cells of a scenario on the built-in kernel, ready to be searched. */
export async function openCells(scenarioName, selection) {
  const scenario = findScenario(scenarioName);
  const cells = [];
  for (const configuration of expand(scenario, selection, null)) {
    const modules = await compilations.modules(scenario, configuration);
    const { open } = openMachine(modules, configuration, scenario, null);
    cells.push({ name: describeConfiguration(configuration), open });
  }
  return cells;
}

/** Searches to the end, as often as the machine asks to start again. */
export async function explore(search, subject) {
  for (;;) {
    const result = await search(subject, {});
    if (result.kind === 'restart') continue;
    if (result.kind !== 'complete') throw new Error(`the search stopped: ${result.stopReason}`);
    return result;
  }
}
