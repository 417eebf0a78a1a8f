/**
 * Scenarios, run cell by cell with the functions that `check` itself calls,
 * but in one process: each kernel is compiled and read once for all cells.
 */

import { basename, dirname } from 'node:path';
import { Compilations, openKernelFolder } from '../../src/cli/check/compile.ts';
import { openMachine } from '../../src/cli/check/machine.ts';
import { describeConfiguration, expand } from '../../src/cli/check/plan.ts';
import { runConfiguration } from '../../src/cli/check/run-configuration.ts';
import type { OpenSubject, Subject } from '../../src/cli/check/subject.ts';
import type { WithoutTrouble } from '../../src/cli/check/without.ts';
import { findScenario, listScenarios, type Scenario } from '../../src/cli/scenario-files.ts';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import type { SearchResult } from '../../src/explore/search.ts';
import type { Configuration, Selection } from '../../src/scenario/configurations.ts';
import { verdictWords } from '../../src/scenario/expectation.ts';
import type { CheckResult } from '../../src/trace/format.ts';

/** A scenario in one configuration. */
export interface Cell {
  /** `no-sync on i386-pae hyperv`. */
  readonly name: string;
  readonly scenario: Scenario;
  readonly configuration: Configuration;
}

/** What came of a search: `left out` where leaving a function out makes no difference. */
export type Judged =
  | { readonly kind: 'result'; readonly result: CheckResult; readonly verdict: string }
  | { readonly kind: 'left out'; readonly trouble: WithoutTrouble };

/** `property at file:line function`, sorted. */
export type Findings = readonly string[];

/** What a search came to: the same for every search that misses nothing. */
export interface SearchOutcome {
  readonly findings: Findings;
  /** Of each of these, how many steps the shortest way has. */
  readonly lengths: readonly string[];
  /** Keys of final states. */
  readonly finals: ReadonlySet<string>;
  /** Traces, from the stateless search. */
  readonly executions: number;
  readonly asleep: number;
}

/** What the searches of one cell came to. */
export interface Agreement {
  /** By the search that made the verdict, on a machine that no other search has taught anything. */
  readonly judged: Findings;
  /** These on one machine that knows all that is shared: the keys of its states can be compared. */
  readonly optimal: SearchOutcome;
  readonly plain: SearchOutcome;
  readonly graph: SearchOutcome | null;
}

type Search = (subject: Subject) => Promise<SearchResult>;

const OPTIMAL: Search = (subject) =>
  exploreStateless(subject, { collectFinals: true, doubts: true });
const PLAIN: Search = (subject) =>
  exploreStateless(subject, { collectFinals: true, reduction: 'plain' });
const GRAPH: Search = (subject) => exploreGraph(subject, { collectFinals: true });

/** All of them anew until none learns what the others did not know. */
async function searchAll(
  subject: Subject,
  searches: readonly Search[],
  name: string,
): Promise<SearchResult[]> {
  const results: SearchResult[] = [];
  while (results.length < searches.length) {
    const result = await searches[results.length]!(subject);
    if (result.kind === 'restart') {
      results.length = 0;
      continue;
    }
    if (result.kind !== 'complete') throw new Error(`a search of ${name} stopped`);
    if (result.cuts.length > 0) throw new Error(`a search of ${name} hit a limit`);
    results.push(result);
  }
  return results;
}

function outcomeOf(subject: Subject, result: SearchResult): SearchOutcome {
  const { violations, finals, executions, asleep } = result;
  const named = violations.map(({ property, site, schedule }) => ({
    property: subject.propertyName(property),
    site: subject.siteName(site),
    steps: schedule.length,
  }));
  return {
    findings: findingsOf(named),
    lengths: named.map(({ property, site, steps }) => `${property} at ${site}: ${steps}`).sort(),
    finals: finals!,
    executions,
    asleep,
  };
}

function findingsOf(violations: readonly { property: string; site: string }[]): Findings {
  return [...new Set(violations.map(({ property, site }) => `${property} at ${site}`))].sort();
}

/** The scenarios that come with the package, apart from those named. */
export function scenariosBut(...names: readonly string[]): Scenario[] {
  return listScenarios().filter(({ name }) => !names.includes(name));
}

/** Scenarios that call the built-in khugepaged's own retractions: by themselves, for they take as long as all the others. */
export const KHUGEPAGED_SCENARIOS = [
  'retract-vs-gup-fast',
  'pte-mapped-collapse-vs-gup-fast',
] as const;

/** Whether it is one of the corpus of past bugs, which has a test of its own. */
export function isPastBug({ path }: Scenario): boolean {
  return basename(dirname(path)) === 'bugs';
}

/** Cells on one kernel: the built-in one, or a build folder. */
export class Cells {
  readonly #kernel: ReturnType<typeof openKernelFolder> | null;
  readonly #compilations: Compilations;
  readonly #judged: Map<string, Promise<Judged>> = new Map();

  constructor(kernelFolder: string | null = null) {
    this.#kernel = kernelFolder === null ? null : openKernelFolder(kernelFolder);
    this.#compilations = new Compilations(this.#kernel, (warning) => {
      throw new Error(`a warning of the compiler: ${warning}`);
    });
  }

  /** The cells that `selection` allows. Fails: InputError, as on the command line. */
  of(scenario: Scenario | string, selection: Selection = {}): Cell[] {
    const found = typeof scenario === 'string' ? findScenario(scenario) : scenario;
    return expand(found, selection, this.#kernel).map((configuration) => ({
      name: describeConfiguration(configuration),
      scenario: found,
      configuration,
    }));
  }

  /** The verdict by the stateless search, its counterexample replayed. Each cell is searched once. */
  judge(cell: Cell, without: string | null = null): Promise<Judged> {
    const key = JSON.stringify([cell.scenario.path, cell.configuration, without]);
    const known = this.#judged.get(key);
    if (known !== undefined) return known;
    const judged = this.#judge(cell, without);
    this.#judged.set(key, judged);
    return judged;
  }

  /** The verdict in the words of an expectation. Fails: an error where there is none. */
  async verdict(cell: Cell): Promise<string> {
    const judged = await this.judge(cell);
    if (judged.kind === 'left out') throw new Error(`${cell.name} was left out`);
    return judged.verdict;
  }

  async #judge(cell: Cell, without: string | null): Promise<Judged> {
    const { open, trouble } = await this.#open(cell, without);
    if (trouble !== null) return { kind: 'left out', trouble };
    const { result, withoutMattered } = await runConfiguration(cell.configuration, open, {
      limits: {
        kind: 'stateless',
        maxExecutions: Number.POSITIVE_INFINITY,
        timeoutSeconds: Number.POSITIVE_INFINITY,
        first: false,
      },
      without,
      signal: new AbortController().signal,
      cpuNames: cell.scenario.header.cpus.map(({ name }) => name),
      onProgress: () => {},
      onShortening: () => {},
    });
    if (!withoutMattered) return { kind: 'left out', trouble: 'never-called' };
    return { kind: 'result', result, verdict: verdictWords(result.verdict, result.property) };
  }

  async #open(
    { scenario, configuration }: Cell,
    without: string | null,
  ): Promise<{ readonly open: OpenSubject; readonly trouble: WithoutTrouble | null }> {
    const modules = await this.#compilations.modules(scenario, configuration);
    const machine = openMachine(modules, configuration, scenario, without);
    return { open: machine.open, trouble: machine.withoutTrouble };
  }

  /** What made the verdict. */
  async findings(cell: Cell): Promise<Findings> {
    const judged = await this.judge(cell);
    if (judged.kind === 'left out') throw new Error(`${cell.name} was left out`);
    return findingsOf(judged.result.violations);
  }

  /** What came of the searches. Fails: an error where one of them stopped or hit a limit. */
  async agreement(cell: Cell, { graph = true } = {}): Promise<Agreement> {
    const judged = await this.findings(cell);
    const subject = (await this.#open(cell, null)).open();
    const searches = graph ? [OPTIMAL, PLAIN, GRAPH] : [OPTIMAL, PLAIN];
    const [optimal, ...others] = await searchAll(subject, searches, cell.name);
    return {
      judged,
      optimal: outcomeOf(subject, optimal!),
      plain: outcomeOf(subject, others[0]!),
      graph: graph ? outcomeOf(subject, others[1]!) : null,
    };
  }
}
