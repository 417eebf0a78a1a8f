/**
 * `shootdown check`: plans, has the configurations checked, prints in order.
 * JSON lines are printed as they come, the report for people at the end of
 * each scenario.
 */

import { writeFileSync } from 'node:fs';
import type { KernelDir } from '../../clang/kernel-dir.ts';
import { renderMatrixPage } from '../../report/html/page.ts';
import { renderJson } from '../../report/json.ts';
import { renderReport, type ScenarioReport } from '../../report/text.ts';
import { InputError, inputError } from '../../scenario/input-error.ts';
import type { CheckResult } from '../../trace/format.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { isInputError, OwnFault } from '../failure.ts';
import { openStatusLine, type StatusLine } from '../status-line.ts';
import { outputPage, print } from '../terminal.ts';
import { Compilations, openKernelFolder } from './compile.ts';
import { listenForInterrupt } from './interrupt.ts';
import type { Jobs, NumberedJob } from './jobs.ts';
import { numberedJobs, openJobs } from './open-jobs.ts';
import { type CheckOptions, checkOptions, type RawCheckOptions } from './options.ts';
import { describeConfiguration, makePlans } from './plan.ts';
import { replay } from './replay.ts';
import type { Run } from './run-configuration.ts';
import { LeftOut } from './without.ts';

/** Everything that lasts for one command. */
export interface Check {
  readonly options: CheckOptions;
  readonly status: StatusLine;
  readonly leftOut: LeftOut;
  readonly jobs: Jobs;
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
  const leftOut = new LeftOut(options.without);
  const numbered = numberedJobs(plans);
  const jobs = openJobs(numbered.flat(), options, compilations, status, interrupt.signal);
  const check: Check = { options, status, leftOut, jobs };
  try {
    const reports: ScenarioReport[] = [];
    for (const ofPlan of numbered) reports.push(await checkScenario(check, ofPlan));
    const results = reports.flatMap((report) => report.results);
    leftOut.finish(results.length, (line) => process.stderr.write(line));
    process.exitCode = exitCodeOf(results);
    if (options.htmlFile !== null && results.length > 0) writePage(options.htmlFile, reports);
  } finally {
    await jobs.close();
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

/** Checks one scenario, the jobs of one plan, and prints it. Returns its results, those left out not among them. */
async function checkScenario(check: Check, jobs: readonly NumberedJob[]): Promise<ScenarioReport> {
  const { options, status } = check;
  const { scenario } = jobs[0];
  const results: CheckResult[] = [];
  for (const job of jobs) {
    const run = await checkConfiguration(check, job);
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
  { jobs, leftOut }: Check,
  job: NumberedJob,
): Promise<Run | null> {
  const { scenario, configuration } = job;
  const name = describeConfiguration(configuration);
  try {
    const checked = await jobs.outcome(job);
    if (!('result' in checked)) {
      leftOut.note(configuration, checked.trouble);
      return null;
    }
    const trouble = checked.withoutMattered ? null : 'never-called';
    return leftOut.note(configuration, trouble) ? null : checked;
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (isInputError(error)) throw inputError(`${scenario.name}, ${name}: ${error.message}`);
    throw new OwnFault(error, `checking ${scenario.name}, ${name}`);
  }
}
