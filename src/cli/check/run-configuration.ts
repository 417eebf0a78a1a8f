/**
 * One configuration from search to result. The search starts again as often
 * as the machine finds a place to be shared. A counterexample is shortened,
 * and then shown only if a fresh machine, which knows nothing but the
 * schedule, comes to the same violation.
 */

import { exploreStateless } from '../../explore/dpor.ts';
import { exploreGraph } from '../../explore/graph.ts';
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
  PROPERTIES,
  type Property,
  type Verdict,
} from '../../trace/format.ts';
import { scheduleIdentity } from '../../trace/schedule.ts';
import { type Confirmed, confirm, shorten } from './counterexample.ts';
import type { SearchLimits } from './options.ts';
import type { OpenSubject, Subject } from './subject.ts';

/** What a run is told besides the configuration. */
export interface RunContext {
  readonly limits: SearchLimits;
  /** The function whose calls do nothing, or null. */
  readonly without: string | null;
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

/** A search from its last start, and the time of all its starts together. */
interface Search {
  readonly result: SearchResult;
  readonly seconds: number;
  readonly restarts: number;
}

const STOPPED: Readonly<Record<NonNullable<SearchResult['stopReason']>, string>> = {
  timeout: 'the time ran out (--timeout)',
  'max-executions': 'as many executions as allowed were explored (--max-executions)',
  'max-states': 'the limit of states was reached',
  'max-depth': 'the limit of depth was reached',
  'first-violation': 'stopped at the first violation (--first)',
  aborted: 'interrupted',
};

async function search(subject: Subject, context: RunContext): Promise<Search> {
  const { limits, signal } = context;
  const explore = limits.kind === 'graph' ? exploreGraph : exploreStateless;
  let seconds = 0;
  for (let restarts = 0; ; restarts++) {
    const before = seconds;
    const options: SearchOptions = {
      timeoutMs: finite((limits.timeoutSeconds - before) * 1000),
      maxExecutions: finite(limits.maxExecutions),
      stopAtFirst: limits.first,
      signal,
      onProgress: (progress) =>
        context.onProgress({ ...progress, seconds: before + progress.seconds }),
    };
    const result = await explore(subject, options);
    seconds += result.seconds;
    if (result.kind !== 'restart') return { result, seconds, restarts };
  }
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
  for (;;) {
    const found = await search(subject, context);
    const { violations } = found.result;
    if (violations.length === 0) return runOf(configuration, subject, context, found, null);
    const candidates = foremost(subject, violations);
    const short = await shorten(subject, candidates, context);
    // What is shared was not all known: the numbers of steps mean
    // something else now, so the search has to be repeated as well.
    if (short === 'restart') continue;
    const confirmed = confirm(subject, open, short, context.cpuNames);
    return runOf(configuration, subject, context, found, confirmed);
  }
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
  { result, seconds }: Search,
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
    seconds: Number(seconds.toFixed(3)),
    violations: named(subject, result.violations),
    assumptions: { ...assumptions, bounds: { ...assumptions.bounds, cuts } },
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
    assumptions: {
      fromTree: [],
      intrinsics: [],
      stubs: [],
      bounds: { scope: {}, cuts: [reason] },
    },
    counterexample: null,
  };
}
