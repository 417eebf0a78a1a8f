/**
 * The schedule string: which actor took which choice, step by step, in a
 * form that survives a mail and a shell without quotes. It names the
 * configuration that it belongs to, so that it cannot be replayed by
 * accident on another one, where it would show something else.
 *
 * Format, fields joined by `.`:
 *
 *     v1 . identity . count . run . run ...
 *
 * - `v1`: the version of this format.
 * - identity: 8 hexadecimal digits, FNV-1a over the configuration's fields
 *   (see `scheduleIdentity`).
 * - count: the number of steps, decimal. A string that lost its tail in a
 *   paste is recognised by it.
 * - run: `actor`, then `-choice` unless the choice is 0, then `xtimes`
 *   unless the step is taken once. Numbers are decimal.
 *
 * `v1.9d3c01aa.5.0x3.2-1.0`: actor 0 three times, actor 2 with choice 1,
 * actor 0 again.
 *
 * A system may split its steps further once it has seen that a place is
 * shared (a restart). Such splits are part of what the schedule means, so
 * the places are carried in one more field, directly after the count, where
 * there are any: `s` and the ascending numbers as differences, each to the
 * one before it (the first to 0), in base 32 (0-9, a-v), joined by `-`, with `xtimes`
 * (decimal) where one difference is repeated. `s34-1x3` is 100, 101, 102, 103.
 */

/** One step: an actor and the number of its choice. */
export interface ScheduleStep {
  readonly actor: number;
  readonly choice: number;
}

export interface Schedule {
  readonly identity: string;
  readonly steps: readonly ScheduleStep[];
  /** Places that were kept apart when it was found, ascending, each once. */
  readonly splits: readonly number[];
}

/** What a schedule belongs to. Everything that can change what a step number means. */
export interface ScheduleSubject {
  readonly scenario: string;
  readonly variant: string;
  readonly kernel: string;
  readonly arch: string;
  readonly platform: string;
  readonly memory: string;
  readonly era: string;
  readonly config: Readonly<Record<string, boolean>>;
  readonly without: string | null;
}

const VERSION = 'v1';

/** More steps than any counterexample has; a pasted number must not exhaust the memory. */
const MAX_STEPS = 1_000_000;

/** 8 hexadecimal digits that name a configuration. A build folder counts as one kernel wherever it lies. */
export function scheduleIdentity(subject: ScheduleSubject): string {
  const config = Object.entries(subject.config).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([
    subject.scenario,
    subject.variant,
    subject.kernel === 'builtin' ? 'builtin' : 'tree',
    subject.arch,
    subject.platform,
    subject.memory,
    subject.era,
    config,
    subject.without,
  ]);
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** The schedule as a string. */
export function formatSchedule(schedule: Schedule): string {
  const fields = [VERSION, schedule.identity, String(schedule.steps.length)];
  if (schedule.splits.length > 0) fields.push(formatSplits(schedule.splits));
  for (let at = 0; at < schedule.steps.length; ) {
    const { actor, choice } = schedule.steps[at];
    let end = at + 1;
    while (
      end < schedule.steps.length &&
      schedule.steps[end].actor === actor &&
      schedule.steps[end].choice === choice
    ) {
      end++;
    }
    fields.push(
      `${actor}${choice === 0 ? '' : `-${choice}`}${end - at === 1 ? '' : `x${end - at}`}`,
    );
    at = end;
  }
  return fields.join('.');
}

/** The schedule that `text` stands for, or what is wrong with it, for people. */
export function parseSchedule(text: string): Schedule | string {
  const fields = text.trim().split('.');
  if (!/^v\d+$/.test(fields[0]))
    return `'${text}' is not a schedule: expected it to begin with 'v1.'`;
  if (fields[0] !== VERSION) {
    return `the schedule has format ${fields[0]}; this version reads ${VERSION} only`;
  }
  const identity = fields[1] ?? '';
  if (!/^[0-9a-f]{8}$/.test(identity)) {
    return `'${identity}' is not the identity of a configuration: expected 8 hexadecimal digits`;
  }
  if (!/^\d{1,9}$/.test(fields[2] ?? '')) return 'the schedule does not say how many steps it has';
  const count = Number(fields[2]);
  if (count > MAX_STEPS) return `the schedule claims ${count} steps; at most ${MAX_STEPS} are read`;
  const splitField = fields[3]?.startsWith('s') ? fields[3] : null;
  const splits = splitField === null ? [] : parseSplits(splitField.slice(1));
  if (splits === null) return `'${splitField}' in the schedule is not a list of split places`;
  const steps: ScheduleStep[] = [];
  for (const field of fields.slice(splitField === null ? 3 : 4)) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?(?:x(\d{1,9}))?$/.exec(field);
    if (match === null) return `'${field}' in the schedule is not a step`;
    const times = match[3] === undefined ? 1 : Number(match[3]);
    if (times === 0 || steps.length + times > count) return wrongCount(count);
    const step = { actor: Number(match[1]), choice: Number(match[2] ?? 0) };
    for (let i = 0; i < times; i++) steps.push(step);
  }
  return steps.length === count ? { identity, steps, splits } : wrongCount(count);
}

/** Times `text` is repeated: `x3`, or nothing for once. */
function repeated(text: string, times: number): string {
  return times === 1 ? text : `${text}x${times}`;
}

function formatSplits(places: readonly number[]): string {
  const runs: { difference: number; times: number }[] = [];
  places.forEach((place, index) => {
    const difference = place - (index === 0 ? 0 : places[index - 1]);
    const run = runs.at(-1);
    if (run?.difference === difference) run.times++;
    else runs.push({ difference, times: 1 });
  });
  return `s${runs.map((run) => repeated(run.difference.toString(32), run.times)).join('-')}`;
}

function parseSplits(text: string): number[] | null {
  const places: number[] = [];
  let place = 0;
  for (const part of text.split('-')) {
    const run = /^([0-9a-v]{1,7})(?:x(\d{1,7}))?$/.exec(part);
    if (run === null) return null;
    const times = Number(run[2] ?? 1);
    if (times === 0 || places.length + times > MAX_STEPS) return null;
    for (let i = 0; i < times; i++) places.push((place += Number.parseInt(run[1], 32)));
  }
  return places;
}

function wrongCount(count: number): string {
  return `the schedule should have ${count} steps and has another number: was all of it copied?`;
}
