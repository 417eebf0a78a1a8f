/**
 * `shootdown matrix`: every cell of a suite, then the table. JSON lines are
 * printed as they come; the other forms when all cells are known.
 */

import { writeFileSync } from 'node:fs';
import { renderMatrixPage } from '../../report/html/page.ts';
import { renderJson } from '../../report/json.ts';
import { renderMarkdown } from '../../report/matrix/markdown.ts';
import type { Matrix, MatrixFamily } from '../../report/matrix/matrix.ts';
import { renderMatrix } from '../../report/matrix/text.ts';
import { inputError } from '../../scenario/input-error.ts';
import type { CheckResult } from '../../trace/format.ts';
import { openKernelFolder } from '../check/compile.ts';
import { type Check, checkConfiguration, openCompilations } from '../check/driver.ts';
import { listenForInterrupt } from '../check/interrupt.ts';
import type { NumberedJob } from '../check/jobs.ts';
import { numberedJobs, openJobs } from '../check/open-jobs.ts';
import { checkOptions, type RawCheckOptions } from '../check/options.ts';
import { LeftOut } from '../check/without.ts';
import { EXIT, matrixExitCode } from '../exit-codes.ts';
import { openStatusLine } from '../status-line.ts';
import { findSuite } from '../suite-files.ts';
import { outputPage, print } from '../terminal.ts';
import { type FamilyPlan, planSuite } from './plan.ts';

/** As commander gives them. */
export interface RawMatrixOptions
  extends Omit<RawCheckOptions, 'commutingAdds' | 'replay' | 'without' | 'maxExecutions'> {
  readonly markdown?: boolean;
}

/** The command. Sets the exit code. Fails: InputError; anything else thrown is our own fault. */
export async function matrixCommand(target: string, raw: RawMatrixOptions): Promise<void> {
  if (raw.json === true && raw.markdown === true) {
    throw inputError('--json and --markdown both want standard output', 'ask for one of them');
  }
  const options = checkOptions({ ...raw, commutingAdds: 'on' });
  const kernel = options.kernelFolder === null ? null : openKernelFolder(options.kernelFolder);
  const suite = findSuite(target);
  const plans = planSuite(suite, options.selection, kernel);
  const status = openStatusLine();
  // Until all is known nothing is, whatever ends the process.
  process.exitCode = EXIT.inconclusive;
  const interrupt = listenForInterrupt(() => {
    status.clear();
    process.stderr.write('stopping; once more ends at once\n');
  });
  const numbered = numberedJobs(plans);
  const compilations = openCompilations(kernel, status);
  const jobs = openJobs(numbered.flat(), options, compilations, status, interrupt.signal);
  const check: Check = { options, status, leftOut: new LeftOut(null), jobs };
  try {
    const families: MatrixFamily[] = [];
    for (const [i, plan] of plans.entries())
      families.push(await runFamily(check, plan, numbered[i]));
    const { name, question, source } = suite;
    const matrix: Matrix = { name, question, source, families };
    status.clear();
    if (options.htmlFile !== null) writeFileSync(options.htmlFile, renderMatrixPage(matrix));
    if (raw.markdown === true) await print(renderMarkdown(matrix));
    else if (!options.json) await print(renderMatrix(matrix, outputPage()));
    process.exitCode = matrixExitCode(families.flatMap((family) => family.results));
  } finally {
    await jobs.close();
    status.clear();
    interrupt.dispose();
  }
}

async function runFamily(
  check: Check,
  { scenario, rows, absent }: FamilyPlan,
  jobs: readonly NumberedJob[],
): Promise<MatrixFamily> {
  const results: CheckResult[] = [];
  for (const job of jobs) {
    const run = await checkConfiguration(check, job);
    // Only where a function is left out can a configuration come to nothing.
    results.push(run!.result);
    check.status.clear();
    if (check.options.json) await print(renderJson(run!.result));
  }
  return {
    scenario: scenario.name,
    target: scenario.target,
    question: scenario.header.question,
    cpuNames: scenario.header.cpus.map((cpu) => cpu.name),
    without: null,
    results,
    rows,
    absent,
  };
}
