/**
 * From a violation that a search found to a counterexample that may be
 * shown: shortened as far as a bounded effort allows, and confirmed by a
 * fresh machine.
 */

import { exploreGraph } from '../../explore/graph.ts';
import { inFewTurns, minimise } from '../../explore/minimise.ts';
import type { FoundViolation } from '../../explore/search.ts';
import type { Counterexample, Property } from '../../trace/format.ts';
import { type RecordedViolation, type Recording, recordExecution } from '../../trace/record.ts';
import { formatSchedule, type ScheduleStep } from '../../trace/schedule.ts';
import type { SearchKind } from './options.ts';
import type { OpenSubject, Subject } from './subject.ts';

/**
 * States that the search for a shortest counterexample may visit. A number,
 * not a time: whether `none is shorter` is printed must not depend on how
 * fast the machine is.
 */
const SHORTEST_MAX_STATES = 60_000;

/** A violation and a short way to it. */
export interface Short {
  readonly violation: FoundViolation;
  readonly steps: readonly ScheduleStep[];
  /** A search that met every execution, or all states nearer than this, proved that none is shorter. */
  readonly shortest: boolean;
}

/** A counterexample that a fresh machine has come to as well. */
export interface Confirmed {
  readonly property: Property;
  readonly site: string;
  readonly message: string;
  counterexample(identity: string): Counterexample;
}

function shortestOf(candidates: readonly FoundViolation[]): FoundViolation {
  return candidates.reduce((best, one) =>
    one.schedule.length < best.schedule.length ? one : best,
  );
}

/**
 * A short way to a violation of the property that all `candidates` share.
 * `restart`: a place turned out to be shared that the search did not know.
 */
export async function shorten(
  subject: Subject,
  candidates: readonly FoundViolation[],
  context: {
    /** The search that found them, and whether it came to its end. */
    readonly kind: SearchKind;
    readonly complete: boolean;
    readonly signal: AbortSignal;
    readonly onShortening: (states: number) => void;
  },
): Promise<Short | 'restart'> {
  const known = shortestOf(candidates);
  // The graph search went breadth-first already, if it was not stopped by
  // something else: the first of a property that it met is a shortest one.
  if (context.kind === 'graph') {
    return { violation: known, steps: known.schedule, shortest: true };
  }
  // So did the stateless search: it keeps the shortest of all that it met.
  if (context.complete) {
    const steps = inFewTurns(subject, known);
    return steps === 'restart' ? steps : { violation: known, steps, shortest: true };
  }
  const graph = await exploreGraph(subject, {
    maxStates: SHORTEST_MAX_STATES,
    stopAtFirst: ({ property }) => property === known.property,
    signal: context.signal,
    onProgress: ({ states }) => context.onShortening(states),
  });
  if (graph.kind === 'restart') return 'restart';
  const found = graph.violations.find(({ property }) => property === known.property);
  if (found !== undefined) return { violation: found, steps: found.schedule, shortest: true };
  return shortenByHand(subject, known);
}

async function shortenByHand(subject: Subject, known: FoundViolation): Promise<Short | 'restart'> {
  const steps = await minimise(subject, known);
  return steps === 'restart' ? steps : { violation: known, steps, shortest: false };
}

/** A violation in words. Numbers of properties and sites belong to one machine; words can be compared. */
interface Named {
  readonly property: Property;
  readonly site: string;
}

function nameOf(subject: Subject, one: { property: number; site: number }): Named {
  return { property: subject.propertyName(one.property), site: subject.siteName(one.site) };
}

/**
 * Replays on a fresh machine. Fails: an error where that machine does not
 * come to the same property at the same site. A verdict that cannot be
 * repeated is no verdict, so nothing is printed then.
 */
export function confirm(
  searched: Subject,
  open: OpenSubject,
  short: Short,
  cpuNames: readonly string[],
): Confirmed {
  const expected = nameOf(searched, short.violation);
  const places = searched.visiblePlaces();
  const subject = open();
  subject.makeVisible(places);
  const recording = recordExecution(subject, short.steps);
  const { violations } = recording;
  const shown = violations.find((one) => {
    const { property, site } = nameOf(subject, one);
    return property === expected.property && site === expected.site;
  });
  if (shown === undefined) {
    const seen = violations.map((one) => nameOf(subject, one));
    const found = seen.map((one) => `${one.property} at ${one.site}`).join(', ');
    const what = recording.failure ?? (found === '' ? 'no violation' : found);
    throw new Error(
      `the search found ${expected.property} at ${expected.site}, but replaying it showed ${what}`,
    );
  }
  const { steps } = recording;
  const counterexample = (identity: string): Counterexample => ({
    schedule: formatSchedule({ identity, steps: short.steps, splits: places }),
    shortest: short.shortest,
    steps,
  });
  const message = messageOf(recording, shown, subject, cpuNames);
  return { ...expected, message, counterexample };
}

/** What went wrong, with who and where if it was one CPU's step rather than the end of the whole. */
export function messageOf(
  recording: Recording,
  violation: RecordedViolation,
  subject: Subject,
  cpuNames: readonly string[],
): string {
  const detail = subject.explain(violation.property, violation.site);
  const step = recording.steps.at(violation.stepNumber - 1);
  if (step === undefined) return detail;
  const role = cpuNames[step.cpu] === undefined ? '' : ` (${cpuNames[step.cpu]})`;
  const who = step.cpu < 0 ? 'a callback' : `CPU ${step.cpu}${role}`;
  return `${who}, at ${subject.siteName(violation.site)}: ${detail}`;
}
