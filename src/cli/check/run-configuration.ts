/**
 * One configuration from search to result. The search starts again as often
 * as the machine finds a place to be shared. A counterexample is shortened,
 * and then shown only if a fresh machine, which knows nothing but the
 * schedule, comes to the same violation.
 */

import { exploreStateless, type StatelessResult } from '../../explore/dpor.ts';
import { exploreGraph } from '../../explore/graph.ts';
import { rehearse } from '../../explore/rehearse.ts';
import { runOneByOne } from '../../explore/replay.ts';
import type {
  FoundViolation,
  SearchOptions,
  SearchProgress,
  SearchResult,
} from '../../explore/search.ts';
import type { Configuration } from '../../scenario/configurations.ts';
import {
  type CheckResult,
  FORMAT_VERSION,
  type IpiRounds,
  PROPERTIES,
  type Property,
  type SearchReport,
  type Verdict,
} from '../../trace/format.ts';
import { scheduleIdentity } from '../../trace/schedule.ts';
import { type ChosenSearch, chooseSearch, insteadOf } from './choose-search.ts';
import { type Confirmed, confirm, shorten } from './counterexample.ts';
import type { SearchKind, SearchLimits } from './options.ts';
import type { OpenSubject, Subject } from './subject.ts';

/** What a run is told besides the configuration. */
export interface RunContext {
  readonly limits: SearchLimits;
  /** The function whose calls do nothing, or null. */
  readonly without: string | null;
  /** How the subject was made, for the report; where missing, in the usual way and in no time. */
  readonly made?: { readonly commutingAdds: boolean; readonly compilingSeconds: number };
  readonly signal: AbortSignal;
  /** What the CPUs play, by number. */
  readonly cpuNames: readonly string[];
  readonly onProgress: (progress: SearchProgress) => void;
  /** A violation is known, and so many states were searched for a shorter way to it. */
  readonly onShortening: (states: number) => void;
}

export interface Run {
  readonly result: CheckResult;
  /** False where every execution was covered and none called the function left out. */
  readonly withoutMattered: boolean;
}

/** The search of one configuration so far: its last start, and all its starts together. */
interface Search {
  chosen: ChosenSearch;
  /** Of the last start. */
  instructions: { readonly visible: number; readonly merged: number };
  seconds: number;
  shorteningSeconds: number;
  restarts: number;
}

const STOPPED: Readonly<Record<NonNullable<SearchResult['stopReason']>, string>> = {
  timeout: 'the time ran out (--timeout)',
  'max-executions': 'as many executions as allowed were explored (--max-executions)',
  'max-states': 'the limit of states was reached',
  'max-depth': 'the limit of depth was reached',
  'first-violation': 'stopped at the first violation (--first)',
  aborted: 'interrupted',
};

/** Searches until nothing new turns out to be shared. */
async function search(subject: Subject, context: RunContext, so: Search): Promise<SearchResult> {
  const { limits, signal } = context;
  for (;;) {
    const explore = so.chosen.kind === 'graph' ? exploreGraph : exploreStateless;
    const { seconds } = so;
    const options: SearchOptions = {
      timeoutMs: finite((limits.timeoutSeconds - seconds) * 1000),
      maxExecutions: finite(limits.maxExecutions),
      stopAtFirst: limits.first,
      signal,
      onProgress: (progress) =>
        context.onProgress({ ...progress, seconds: seconds + progress.seconds }),
    };
    const before = subject.instructionsRun();
    const started = performance.now();
    let result: SearchResult;
    try {
      result = await explore(subject, options);
    } catch (error) {
      so.chosen = insteadOf(so.chosen, limits, error);
      so.seconds += (performance.now() - started) / 1000;
      continue;
    }
    const after = subject.instructionsRun();
    so.seconds += result.seconds;
    so.instructions = {
      visible: after.visible - before.visible,
      merged: after.merged - before.merged,
    };
    if (result.kind !== 'restart') return result;
    so.restarts++;
  }
}

/** Most of what is shared shows in any execution; a search would begin again for each of it. */
function learn(subject: Subject, so: Search): void {
  const started = performance.now();
  so.restarts += rehearse(subject);
  so.seconds += (performance.now() - started) / 1000;
}

function finite(limit: number): number | undefined {
  return Number.isFinite(limit) ? Math.max(0, limit) : undefined;
}

/** The violations of the property that names the verdict. */
function foremost(subject: Subject, violations: readonly FoundViolation[]): FoundViolation[] {
  const rank = (one: FoundViolation): number =>
    PROPERTIES.indexOf(subject.propertyName(one.property));
  const first = Math.min(...violations.map(rank));
  return violations.filter((one) => rank(one) === first);
}

/** Runs one configuration. Fails: an error where a counterexample is not confirmed: that is our own fault. */
export async function runConfiguration(
  configuration: Configuration,
  open: OpenSubject,
  context: RunContext,
): Promise<Run> {
  const subject = open();
  const so: Search = {
    chosen: chooseSearch(context.limits, subject),
    instructions: { visible: 0, merged: 0 },
    seconds: 0,
    shorteningSeconds: 0,
    restarts: 0,
  };
  learn(subject, so);
  for (;;) {
    const result = await search(subject, context, so);
    if (result.violations.length === 0) {
      return runOf(configuration, subject, context, so, result, null);
    }
    const started = performance.now();
    const candidates = foremost(subject, result.violations);
    const complete = result.kind === 'complete';
    const short = await shorten(subject, candidates, {
      ...context,
      kind: so.chosen.kind,
      complete,
    });
    so.shorteningSeconds += (performance.now() - started) / 1000;
    // What is shared was not all known: the numbers of steps mean
    // something else now, so the search has to be repeated as well.
    if (short === 'restart') {
      so.restarts++;
      continue;
    }
    const confirmed = confirm(subject, open, short, context.cpuNames);
    return runOf(configuration, subject, context, so, result, confirmed);
  }
}

function searchReport(
  subject: Subject,
  context: RunContext,
  so: Search,
  result: StatelessResult,
): SearchReport {
  const { executions, asleep, states, transitions, maxDepth, graph } = result;
  const stateless = so.chosen.kind === 'stateless';
  return {
    ...so.chosen,
    order: graph?.order ?? null,
    symmetric: graph?.symmetric ?? false,
    commutingAdds: context.made?.commutingAdds ?? true,
    executions,
    traces: stateless ? executions : null,
    asleep,
    states,
    transitions,
    looks: result.wakeup?.looks ?? 0,
    deepest: maxDepth,
    instructions: so.instructions,
    madeVisible: subject.visiblePlaces().length,
    restarts: so.restarts,
    seconds: {
      compiling: rounded(context.made?.compilingSeconds ?? 0),
      exploring: rounded(so.seconds),
      shortening: rounded(so.shorteningSeconds),
    },
    bytesPerState: graph === undefined ? null : Math.round(graph.memoryBytes / states),
    bytesPerStep:
      result.pathBytes === undefined ? null : Math.round(result.pathBytes / Math.max(maxDepth, 1)),
  };
}

/**
 * The stateless search has seen every execution, up to equivalence, and
 * equivalent ones have the same rounds. The graph is a way to each state, not
 * every way: so one execution that anybody can repeat speaks for it.
 */
function ipiRoundsOf(subject: Subject, kind: SearchKind): IpiRounds {
  if (kind === 'stateless') return { ...subject.ipiRounds(), executions: 'all' };
  subject.forgetIpiRounds();
  runOneByOne(subject);
  return { ...subject.ipiRounds(), executions: 'one' };
}

function rounded(seconds: number): number {
  return Number(seconds.toFixed(3));
}

function verdictOf({ kind, cuts, violations, endless }: SearchResult): Verdict {
  if (violations.length > 0) return 'unsafe';
  const covered = kind === 'complete' && cuts.length === 0 && endless === null;
  return covered ? 'safe' : 'inconclusive';
}

function runOf(
  configuration: Configuration,
  subject: Subject,
  context: RunContext,
  so: Search,
  result: SearchResult,
  confirmed: Confirmed | null,
): Run {
  const assumptions = subject.assumptions();
  const limits = [
    ...assumptions.bounds.cuts,
    ...result.cuts.map((cut) => subject.cutName(cut.bound)),
    ...(result.stopReason === null ? [] : [STOPPED[result.stopReason]]),
    ...(result.endless === null ? [] : ['there is a state from which no execution ends']),
  ];
  const cuts = [...new Set(limits)];
  const verdict = verdictOf(result);
  const subjectOf = { ...configuration, without: context.without };
  const identity = scheduleIdentity(subjectOf);
  const complete = result.kind === 'complete';
  const checked: CheckResult = {
    formatVersion: FORMAT_VERSION,
    ...coordinates(configuration, context.without),
    verdict,
    property: confirmed?.property ?? null,
    message: confirmed?.message ?? cuts.join('; '),
    executions: result.executions,
    states: result.states,
    transitions: result.transitions,
    seconds: rounded(so.seconds),
    violations: named(subject, result.violations),
    ipiRounds: ipiRoundsOf(subject, so.chosen.kind),
    assumptions: { ...assumptions, bounds: { ...assumptions.bounds, cuts } },
    search: searchReport(subject, context, so, result),
    counterexample: confirmed?.counterexample(identity) ?? null,
  };
  const { without } = context;
  return {
    result: checked,
    withoutMattered: without === null || !complete || subject.wasCalled(without),
  };
}

/** The fields of a result that name its configuration. Without a function the author's expectation says nothing. */
function coordinates(
  configuration: Configuration,
  without: string | null,
): Pick<
  CheckResult,
  'scenario' | 'variant' | 'kernel' | 'config' | 'era' | 'arch' | 'platform' | 'memory' | 'expected'
> {
  const { scenario, variant, kernel, config, era, arch, platform, memory } = configuration;
  const expected = without === null ? configuration.expected : null;
  return { scenario, variant, kernel, config, era, arch, platform, memory, expected };
}

function named(
  subject: Subject,
  violations: readonly FoundViolation[],
): { property: Property; site: string }[] {
  return violations
    .map(({ property, site }) => ({
      property: subject.propertyName(property),
      site: subject.siteName(site),
    }))
    .sort(
      (a, b) =>
        PROPERTIES.indexOf(a.property) - PROPERTIES.indexOf(b.property) ||
        (a.site < b.site ? -1 : a.site > b.site ? 1 : 0),
    );
}

/** The result of a configuration that was never searched. */
export function notSearched(
  configuration: Configuration,
  without: string | null,
  reason: string,
): CheckResult {
  return {
    formatVersion: FORMAT_VERSION,
    ...coordinates(configuration, without),
    verdict: 'inconclusive',
    property: null,
    message: reason,
    executions: 0,
    states: 0,
    transitions: 0,
    seconds: 0,
    violations: [],
    ipiRounds: null,
    assumptions: {
      fromTree: [],
      intrinsics: [],
      stubs: [],
      bounds: { scope: {}, cuts: [reason] },
    },
    search: null,
    counterexample: null,
  };
}
