/** One configuration from scenario to verdict: compiled, linked, searched. Runs in the main thread or in a worker's. */

import type { SearchProgress } from '../../explore/search.ts';
import type { Configuration } from '../../scenario/configurations.ts';
import type { Scenario } from '../scenario-files.ts';
import type { Compilations } from './compile.ts';
import { openMachine } from './machine.ts';
import type { SearchLimits } from './options.ts';
import { type Run, runConfiguration } from './run-configuration.ts';
import type { WithoutTrouble } from './without.ts';

/** What is to be checked. Plain data: it is sent to workers. */
export interface Job {
  readonly scenario: Scenario;
  readonly configuration: Configuration;
}

/** What is the same for all jobs of one command. Plain data. */
export interface Settings {
  /** Null for the built-in kernel. */
  readonly kernelFolder: string | null;
  readonly without: string | null;
  readonly commutingAdds: boolean;
  readonly limits: SearchLimits;
}

/** How a job is going, for whoever watches. */
export interface Watcher {
  readonly onProgress: (progress: SearchProgress) => void;
  readonly onShortening: (states: number) => void;
}

/** What came of a job. Plain data. `trouble`: leaving the function out would change nothing, so nothing was searched. */
export type Checked = Run | { readonly trouble: WithoutTrouble };

/** Fails: InputError and others that are about the input; anything else is our own fault. */
export async function checkOne(
  { scenario, configuration }: Job,
  { without, commutingAdds, limits }: Settings,
  compilations: Compilations,
  signal: AbortSignal,
  watcher: Watcher,
): Promise<Checked> {
  const started = performance.now();
  const modules = await compilations.modules(scenario, configuration);
  const machine = openMachine(modules, configuration, scenario, without, commutingAdds);
  const compilingSeconds = (performance.now() - started) / 1000;
  if (machine.withoutTrouble !== null) return { trouble: machine.withoutTrouble };
  return runConfiguration(configuration, machine.open, {
    limits,
    without,
    made: { commutingAdds, compilingSeconds },
    signal,
    cpuNames: scenario.header.cpus.map((cpu) => cpu.name),
    ...watcher,
  });
}
