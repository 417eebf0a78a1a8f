/** From plans to jobs, and whoever does them. */

import type { SearchProgress } from '../../explore/search.ts';
import { renderProgress, renderShortening } from '../../report/progress.ts';
import type { StatusLine } from '../status-line.ts';
import type { Compilations } from './compile.ts';
import { type Jobs, jobsInTurn, jobsInWorkers, type NumberedJob } from './jobs.ts';
import type { CheckOptions } from './options.ts';
import { describeConfiguration, type Plan } from './plan.ts';

/** The jobs of each plan, numbered through. */
export function numberedJobs(plans: readonly Plan[]): NumberedJob[][] {
  let number = 0;
  return plans.map(({ scenario, configurations }) =>
    configurations.map((configuration) => ({ scenario, configuration, number: ++number })),
  );
}

/** Workers, where several are wanted and there is more than one job; else the main thread. */
export function openJobs(
  jobs: readonly NumberedJob[],
  { kernelFolder, without, commutingAdds, limits, workers }: CheckOptions,
  compilations: Compilations,
  status: StatusLine,
  signal: AbortSignal,
): Jobs {
  // Several scenarios are under way: variants alone do not say which.
  const namesScenarios = new Set(jobs.map(({ scenario }) => scenario.path)).size > 1;
  const positionOf = ({ number, scenario, configuration }: NumberedJob) => {
    const name = describeConfiguration(configuration);
    const shown = namesScenarios ? `${scenario.name} ${name}` : name;
    return { number, of: jobs.length, configuration: shown };
  };
  const context = {
    settings: { kernelFolder, without, commutingAdds, limits },
    compilations,
    signal,
    watched: status.visible,
    onCompiling: (job: NumberedJob) => {
      const { number, of, configuration } = positionOf(job);
      status.show(`${number}/${of} ${configuration}: compiling`);
    },
    watcherOf: (job: NumberedJob) => ({
      onProgress: (progress: SearchProgress) => {
        if (status.visible) status.show(renderProgress({ ...positionOf(job), ...progress }));
      },
      onShortening: (states: number) => {
        if (status.visible) status.show(renderShortening({ ...positionOf(job), states }));
      },
    }),
  };
  const count = Math.min(workers, jobs.length);
  return count > 1 ? jobsInWorkers(jobs, count, context) : jobsInTurn(context);
}
