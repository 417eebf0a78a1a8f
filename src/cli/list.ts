/** `shootdown list`: the scenarios, a line each, or everything about them as JSON lines. */

import { clip } from '../report/ink.ts';
import { expandBuiltin } from '../scenario/configurations.ts';
import { listScenarios, type Scenario } from './scenario-files.ts';
import { listSuites, type SuiteFile } from './suite-files.ts';
import { outputPage, print } from './terminal.ts';

function asJson({ name, header }: Scenario): string {
  const configurations = expandBuiltin(name, header, {}).map((one) => ({
    variant: one.variant,
    arch: one.arch,
    platform: one.platform,
    memory: one.memory,
    era: one.era,
    config: one.config,
    preemptions: one.preemptions,
    expected: one.expected,
  }));
  const { question, source, cpus, variants, expectations } = header;
  const object = { scenario: name, question, source, cpus, variants, configurations, expectations };
  return `${JSON.stringify(object)}\n`;
}

function suiteAsJson({ name, question, source, lines }: SuiteFile): string {
  return `${JSON.stringify({ suite: name, question, source, lines })}\n`;
}

export async function listCommand(options: { readonly json: boolean }): Promise<void> {
  const scenarios = listScenarios();
  const suites = listSuites();
  if (options.json) {
    await print([...scenarios.map(asJson), ...suites.map(suiteAsJson)].join(''));
    return;
  }
  const page = outputPage();
  const entries = [
    ...scenarios.map(({ name, header }) => ({ name, question: header.question })),
    ...suites.map(({ name, question }) => ({ name, question })),
  ];
  const width = Math.max(...entries.map(({ name }) => name.length));
  const lines = entries.map(({ name, question }) => {
    // One line each, for a terminal; a file takes the whole question.
    const room = process.stdout.isTTY ? page.width - width - 2 : Number.POSITIVE_INFINITY;
    const label = page.ink('bold', name) + ' '.repeat(width - name.length);
    return `${label}  ${clip(question, room)}\n`;
  });
  const heading = page.ink('dim', 'suites, for `shootdown matrix`:');
  lines.splice(scenarios.length, 0, `${heading}\n`);
  await print(lines.join(''));
}
