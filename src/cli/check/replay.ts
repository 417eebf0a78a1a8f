/**
 * `--replay SCHEDULE`: one execution, step by step, in the configuration
 * that the schedule belongs to. On any other one it would show something
 * else, so there it is refused.
 */

import type { KernelDir } from '../../clang/kernel-dir.ts';
import { renderJson } from '../../report/json.ts';
import { renderReplay } from '../../report/replay.ts';
import type { Configuration } from '../../scenario/configurations.ts';
import { inputError } from '../../scenario/input-error.ts';
import type { CheckResult } from '../../trace/format.ts';
import { recordExecution } from '../../trace/record.ts';
import { formatSchedule, type Schedule, scheduleIdentity } from '../../trace/schedule.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { outputPage, print } from '../terminal.ts';
import type { Compilations } from './compile.ts';
import { messageOf } from './counterexample.ts';
import { openMachine } from './machine.ts';
import type { CheckOptions } from './options.ts';
import { describeConfiguration, expand, type Plan } from './plan.ts';
import { notSearched } from './run-configuration.ts';
import type { Subject } from './subject.ts';

interface ReplayContext {
  readonly options: CheckOptions;
  readonly kernel: KernelDir | null;
  readonly compilations: Compilations;
}

/** The configuration that the schedule belongs to, with its plan. Fails: InputError. */
function findConfiguration(
  schedule: Schedule,
  plans: readonly Plan[],
  { options, kernel }: ReplayContext,
): { readonly plan: Plan; readonly configuration: Configuration } {
  const { without } = options;
  const belongs = (configuration: Configuration): boolean =>
    scheduleIdentity({ ...configuration, without }) === schedule.identity;
  for (const plan of plans) {
    const configuration = plan.configurations.find(belongs);
    if (configuration !== undefined) return { plan, configuration };
  }
  for (const { scenario } of plans) {
    const other = expand(scenario, {}, kernel).find(belongs);
    if (other === undefined) continue;
    const where = describeConfiguration(other);
    throw inputError(
      `--replay: the schedule belongs to ${scenario.name}, ${where}`,
      'ask for that',
    );
  }
  const asked = plans.map((plan) => plan.scenario.name).join(', ');
  throw inputError(
    `--replay: the schedule belongs to no configuration of ${asked} that these options select`,
    'repeat the command line that it was printed with: scenario, --config, --kernel, --era and --without count',
  );
}

function resultOf(
  subject: Subject,
  schedule: Schedule,
  configuration: Configuration,
  without: string | null,
  cpuNames: readonly string[],
): CheckResult {
  subject.makeVisible(schedule.splits);
  const started = performance.now();
  const recording = recordExecution(subject, schedule.steps);
  if (recording.failure !== null) {
    throw inputError(
      `--replay: the schedule does not fit: ${recording.failure}`,
      'has the scenario or the kernel changed since it was printed?',
    );
  }
  const violations = recording.violations.map(({ property, site }) => ({
    property: subject.propertyName(property),
    site: subject.siteName(site),
  }));
  const nothing = recording.ended ? 'a whole execution' : 'the beginning of an execution';
  const [first] = recording.violations;
  const shown = first !== undefined;
  return {
    ...notSearched(configuration, without, `${nothing}, and it shows no violation`),
    expected: null,
    verdict: shown ? 'unsafe' : 'inconclusive',
    property: shown ? violations[0].property : null,
    ...(shown ? { message: messageOf(recording, first, subject, cpuNames) } : {}),
    executions: recording.ended ? 1 : 0,
    transitions: recording.steps.length,
    seconds: Number(((performance.now() - started) / 1000).toFixed(3)),
    violations,
    assumptions: subject.assumptions(),
    counterexample: {
      schedule: formatSchedule(schedule),
      shortest: false,
      steps: recording.steps,
    },
  };
}

/** Replays and prints. Sets the exit code: unsafe where the execution shows a violation, else inconclusive. */
export async function replay(
  schedule: Schedule,
  plans: readonly Plan[],
  context: ReplayContext,
): Promise<void> {
  const { plan, configuration } = findConfiguration(schedule, plans, context);
  const { options, compilations } = context;
  const { header } = plan.scenario;
  const modules = await compilations.modules(plan.scenario, configuration);
  const machine = openMachine(modules, configuration, plan.scenario, options.without);
  const cpuNames = header.cpus.map((cpu) => cpu.name);
  const result = resultOf(machine.open(), schedule, configuration, options.without, cpuNames);
  await print(options.json ? renderJson(result) : renderReplay(result, cpuNames, outputPage()));
  process.exitCode = exitCodeOf([result]);
}
