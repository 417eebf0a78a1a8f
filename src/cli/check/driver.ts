/**
 * `shootdown check`: plans, runs one configuration after the other, prints.
 * JSON lines are printed as they come, the report for people at the end of
 * each scenario.
 */

import { writeFileSync } from 'node:fs';
import type { KernelDir } from '../../clang/kernel-dir.ts';
import { renderMatrixPage } from '../../report/html/page.ts';
import { renderJson } from '../../report/json.ts';
import { renderProgress, renderShortening } from '../../report/progress.ts';
import { renderReport, type ScenarioReport } from '../../report/text.ts';
import type { Configuration } from '../../scenario/configurations.ts';
import { InputError, inputError } from '../../scenario/input-error.ts';
import type { CheckResult } from '../../trace/format.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { isInputError, OwnFault } from '../failure.ts';
import { openStatusLine, type StatusLine } from '../status-line.ts';
import { outputPage, print } from '../terminal.ts';
import { Compilations, openKernelFolder } from './compile.ts';
import { listenForInterrupt } from './interrupt.ts';
import { openMachine } from './machine.ts';
import { type CheckOptions, checkOptions, type RawCheckOptions } from './options.ts';
import { describeConfiguration, makePlans, type Plan } from './plan.ts';
import { replay } from './replay.ts';
import { notSearched, type Run, runConfiguration } from './run-configuration.ts';
import { LeftOut } from './without.ts';

/** Everything that lasts for one command. */
export interface Check {
  readonly options: CheckOptions;
  readonly compilations: Compilations;
  readonly status: StatusLine;
  readonly signal: AbortSignal;
  readonly leftOut: LeftOut;
  /** How many configurations there are in all, and how many are behind us. */
  readonly total: number;
  done: number;
  /** Several scenarios are under way, so that variants alone do not say which. */
  readonly namesScenarios: boolean;
}

/** The command. Sets the exit code. Fails: InputError; anything else thrown is our own fault. */
export async function checkCommand(
  targets: readonly string[],
  raw: RawCheckOptions,
): Promise<void> {
  const options = checkOptions(raw);
  const kernel = options.kernelFolder === null ? null : openKernelFolder(options.kernelFolder);
  const plans = makePlans(targets, options.selection, kernel);
  const status = openStatusLine();
  const compilations = openCompilations(kernel, status);
  if (options.replay !== null) {
    await replay(options.replay, plans, { options, kernel, compilations });
    return;
  }
  // Until there is a verdict there is none, whatever ends the process.
  process.exitCode = EXIT.inconclusive;
  const interrupt = listenForInterrupt(() => {
    status.clear();
    process.stderr.write('stopping; once more ends at once\n');
  });
  const total = plans.reduce((sum, plan) => sum + plan.configurations.length, 0);
  const leftOut = new LeftOut(options.without);
  const { signal } = interrupt;
  const namesScenarios = plans.length > 1;
  const check: Check = {
    ...{ options, compilations, status, signal, leftOut, total, done: 0, namesScenarios },
  };
  try {
    const reports: ScenarioReport[] = [];
    for (const plan of plans) reports.push(await checkScenario(check, plan));
    const results = reports.flatMap((report) => report.results);
    leftOut.finish(results.length, (line) => process.stderr.write(line));
    process.exitCode = exitCodeOf(results);
    if (options.htmlFile !== null && results.length > 0) writePage(options.htmlFile, reports);
  } finally {
    status.clear();
    interrupt.dispose();
  }
}

/** The page of `--html`: what a suite of these scenarios would show. */
function writePage(file: string, reports: readonly ScenarioReport[]): void {
  const families = reports.filter(({ results }) => results.length > 0);
  const name = families.map(({ scenario }) => scenario).join(', ');
  const without = families[0].without;
  const question = without === null ? '' : `Without ${without}: its calls do nothing.`;
  writeFileSync(file, renderMatrixPage({ name, question, source: '', families }));
}

export function openCompilations(kernel: KernelDir | null, status: StatusLine): Compilations {
  return new Compilations(kernel, (warning) => {
    status.clear();
    process.stderr.write(`${warning}\n`);
  });
}

/** Checks one scenario and prints it. Returns its results, those left out not among them. */
async function checkScenario(check: Check, plan: Plan): Promise<ScenarioReport> {
  const { options, status } = check;
  const { scenario } = plan;
  const results: CheckResult[] = [];
  for (const configuration of plan.configurations) {
    const run = await checkConfiguration(check, plan, configuration);
    check.done++;
    if (run === null) continue;
    results.push(run.result);
    status.clear();
    if (options.json) await print(renderJson(run.result));
  }
  status.clear();
  const report = {
    scenario: scenario.name,
    target: scenario.target,
    question: scenario.header.question,
    cpuNames: scenario.header.cpus.map((cpu) => cpu.name),
    without: options.without,
    results,
  };
  if (!options.json && results.length > 0) await print(renderReport(report, outputPage()));
  return report;
}

/** One configuration, searched. Null where leaving the function out makes no difference. */
export async function checkConfiguration(
  check: Check,
  { scenario }: Plan,
  configuration: Configuration,
): Promise<Run | null> {
  const { options, compilations, status, signal, leftOut } = check;
  const { without, limits } = options;
  const name = describeConfiguration(configuration);
  if (signal.aborted) {
    const result = notSearched(configuration, without, 'interrupted before it was searched');
    return { result, withoutMattered: true };
  }
  const shown = check.namesScenarios ? `${scenario.name} ${name}` : name;
  const position = { number: check.done + 1, of: check.total, configuration: shown };
  status.show(`${position.number}/${position.of} ${shown}: compiling`);
  try {
    const started = performance.now();
    const modules = await compilations.modules(scenario, configuration);
    const machine = openMachine(modules, configuration, scenario, without, options.commutingAdds);
    const compilingSeconds = (performance.now() - started) / 1000;
    if (leftOut.note(configuration, machine.withoutTrouble)) return null;
    const run = await runConfiguration(configuration, machine.open, {
      limits,
      without,
      made: { commutingAdds: options.commutingAdds, compilingSeconds },
      signal,
      cpuNames: scenario.header.cpus.map((cpu) => cpu.name),
      onProgress: (progress) => {
        if (status.visible) status.show(renderProgress({ ...position, ...progress }));
      },
      onShortening: (states) => {
        if (status.visible) status.show(renderShortening({ ...position, states }));
      },
    });
    const trouble = run.withoutMattered ? null : 'never-called';
    return leftOut.note(configuration, trouble) ? null : run;
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (isInputError(error)) throw inputError(`${scenario.name}, ${name}: ${error.message}`);
    throw new OwnFault(error, `checking ${scenario.name}, ${name}`);
  }
}
