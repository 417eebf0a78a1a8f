/**
 * What must hold of every system and every search, as functions over a
 * factory of systems, so that toys, random programs and the real machine
 * are held to the same. Each returns what it found wrong, in words; nothing
 * wrong is an empty list. They share no code with the searches they judge:
 * dependence, interleavings and the walk over the states are written here
 * again, slowly and plainly.
 */

import { footprintCovers } from '../../src/explore/conflict.ts';
import type { DporMutation } from '../../src/explore/dpor.ts';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import { executionEnd, listActors, replay } from '../../src/explore/replay.ts';
import type { SearchResult } from '../../src/explore/search.ts';
import type { ActorId, Footprint, Outcome, System } from '../../src/explore/system.ts';
import {
  BLOCKED,
  COMMUTE,
  ENABLED,
  FOOTPRINT_STRIDE,
  newFootprint,
  OPEN,
  PASS,
  READ,
} from '../../src/explore/system.ts';

export type Factory = () => System;

/** One record of a footprint, unpacked. */
interface Access {
  readonly space: number;
  readonly mode: number;
  readonly low: number;
  readonly high: number;
}

function accesses(footprint: Footprint): Access[] {
  const list: Access[] = [];
  for (let i = 0; i < footprint.count; i++) {
    const at = i * FOOTPRINT_STRIDE;
    const head = footprint.data[at];
    const low = footprint.data[at + 1];
    list.push({ space: head >>> 8, mode: head & 0xff, low, high: footprint.data[at + 2] });
  }
  return list;
}

/** Dependence as the rules put it, once more. */
export function dependent(a: readonly Access[], b: readonly Access[]): boolean {
  const looks = (mode: number): boolean => mode === READ || mode === PASS;
  return a.some((x) =>
    b.some((y) => {
      if (x.space !== y.space || x.high <= y.low || y.high <= x.low) return false;
      if (looks(x.mode) && looks(y.mode)) return false;
      const sameClass = x.mode >= COMMUTE && x.mode === y.mode;
      return !(sameClass && x.low === y.low && x.high === y.high);
    }),
  );
}

function textOf(list: readonly Access[]): string {
  const names = list.map(({ space, mode, low, high }) => `${space}/${mode}/${low}-${high}`);
  return [...new Set(names)].sort().join(' ');
}

/** The state as a string. */
export function keyOf(system: System): string {
  for (let size = 1 << 12; ; size *= 2) {
    try {
      const out = new Uint8Array(size);
      return Buffer.from(out.subarray(0, system.stateKey(out))).toString('latin1');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

function take(system: System, actor: ActorId, choice: number): [Outcome, Access[]] {
  const footprint = newFootprint();
  const outcome = system.take(actor, choice, footprint);
  return [outcome, accesses(footprint)];
}

function next(system: System, actor: ActorId): { choices: number; promise: Footprint } {
  const promise = newFootprint();
  const choices = system.next(actor, promise);
  return { choices, promise };
}

function enabledActors(system: System): ActorId[] {
  return listActors(system).filter((actor) => system.status(actor) === ENABLED);
}

// ---- Traces -------------------------------------------------------------

interface TakenStep {
  readonly actor: ActorId;
  readonly touched: readonly Access[];
  /** What it was and what it touched, as text. */
  readonly name: string;
  /** Number of its layer in the Foata normal form: one more than the last layer that has a step it depends on. */
  readonly layer: number;
}

function layerAfter(
  steps: readonly TakenStep[],
  actor: ActorId,
  touched: readonly Access[],
): number {
  let layer = 0;
  for (const other of steps) {
    if (other.layer < layer) continue;
    if (other.actor === actor || dependent(other.touched, touched)) layer = other.layer + 1;
  }
  return layer;
}

/**
 * The trace of an execution by its Foata normal form: the steps in layers,
 * each layer as early as dependence allows, sorted inside. Two executions
 * are equivalent exactly when these are equal.
 */
function foata(steps: readonly TakenStep[]): string {
  const layers: string[][] = [];
  for (const { layer, name } of steps) (layers[layer] ??= []).push(name);
  return layers.map((layer) => layer.sort().join(' , ')).join(' | ');
}

export interface Interleavings {
  readonly traces: Set<string>;
  readonly interleavings: number;
  readonly finals: Set<string>;
  readonly violations: Set<string>;
}

/** Every interleaving, one by one; null where there are more than `limit`. */
export function allInterleavings(system: System, limit: number): Interleavings | null {
  const traces = new Set<string>();
  const finals = new Set<string>();
  const violations = new Set<string>();
  const steps: TakenStep[] = [];
  let interleavings = 0;
  const visit = (halted: boolean): boolean => {
    const end = executionEnd(system, halted);
    if (end !== null) {
      if (++interleavings > limit) return false;
      traces.add(foata(steps));
      finals.add((halted ? '!' : '.') + keyOf(system));
      for (const v of end.violations) violations.add(`${v.property}:${v.site}`);
    }
    for (const actor of enabledActors(system)) {
      const { choices } = next(system, actor);
      for (let choice = 0; choice < choices; choice++) {
        const mark = system.mark();
        const [outcome, touched] = take(system, actor, choice);
        if (outcome.kind === 'violation') violations.add(`${outcome.property}:${outcome.site}`);
        const name = `${actor}:${choice}[${textOf(touched)}]`;
        steps.push({ actor, touched, name, layer: layerAfter(steps, actor, touched) });
        const within = visit(halted || outcome.kind !== 'ok');
        steps.pop();
        system.rewind(mark);
        if (!within) return false;
      }
    }
    return true;
  };
  system.reset();
  return visit(false) ? { traces, interleavings, finals, violations } : null;
}

/** C2: as many complete executions as traces, and the same violations and final states. Null: too many interleavings. */
export async function checkTraces(
  make: Factory,
  { limit = 2000, mutation }: { limit?: number; mutation?: DporMutation } = {},
): Promise<string[] | null> {
  const all = allInterleavings(make(), limit);
  if (all === null) return null;
  const wrong: string[] = [];
  const reduced = await exploreStateless(make(), { collectFinals: true, mutation });
  if (reduced.kind !== 'complete') wrong.push(`the search ended as ${reduced.kind}`);
  if (reduced.executions !== all.traces.size) {
    wrong.push(`${reduced.executions} executions, ${all.traces.size} traces`);
  }
  compareSets('violations', all.violations, violationSet(reduced), wrong);
  compareSets('final states', all.finals, reduced.finals as Set<string>, wrong);
  return wrong;
}

function violationSet(result: SearchResult): Set<string> {
  return new Set(result.violations.map(({ property, site }) => `${property}:${site}`));
}

function compareSets(what: string, all: Set<string>, some: Set<string>, wrong: string[]): void {
  const missing = [...all].filter((x) => !some.has(x)).length;
  const extra = [...some].filter((x) => !all.has(x)).length;
  if (missing > 0) wrong.push(`${missing} of ${all.size} ${what} missing`);
  if (extra > 0) wrong.push(`${extra} ${what} that cannot be`);
}

/** C4: the reduced search finds what the state graph finds, as sets, and every schedule replays. */
export async function checkAgainstGraph(
  make: Factory,
  { mutation }: { mutation?: DporMutation } = {},
): Promise<string[]> {
  const wrong: string[] = [];
  const graph = await exploreGraph(make(), { collectFinals: true });
  const reduced = await exploreStateless(make(), { collectFinals: true, mutation });
  for (const result of [graph, reduced]) {
    if (result.kind !== 'complete') wrong.push(`a search ended as ${result.kind}`);
    wrong.push(...checkSchedules(make, result));
  }
  compareSets('violations', violationSet(graph), violationSet(reduced), wrong);
  compareSets('final states', graph.finals as Set<string>, reduced.finals as Set<string>, wrong);
  const cuts = (r: SearchResult) => new Set(r.cuts.map(({ bound }) => `${bound}`));
  compareSets('cuts', cuts(graph), cuts(reduced), wrong);
  return wrong;
}

/** Each found violation and cut is what its schedule leads to. */
function checkSchedules(make: Factory, result: SearchResult): string[] {
  const wrong: string[] = [];
  for (const { property, site, schedule } of result.violations) {
    const again = replay(make(), schedule);
    const last = again.steps.at(-1)?.outcome;
    const isIt = (v: { property: number; site: number }) =>
      v.property === property && v.site === site;
    const atStep = last?.kind === 'violation' && isIt(last);
    if (again.failure !== null) wrong.push(`violation does not replay: ${again.failure}`);
    else if (!atStep && !again.end?.violations.some(isIt)) {
      wrong.push(`replay does not show ${property}:${site}`);
    }
  }
  for (const { bound, schedule } of result.cuts) {
    const last = replay(make(), schedule).steps.at(-1)?.outcome;
    if (last?.kind !== 'cut' || last.bound !== bound)
      wrong.push(`replay does not show cut ${bound}`);
  }
  return wrong;
}

// ---- States -------------------------------------------------------------

/** Calls `visit` in every reachable state, up to `limit` of them, and expects the state as it was afterwards. Returns whether all were visited. */
export function forEachState(
  system: System,
  visit: (schedule: readonly string[]) => void,
  limit: number,
): boolean {
  system.reset();
  const seen = new Set([keyOf(system)]);
  const frontier: { bytes: Uint8Array; path: readonly string[] }[] = [
    { bytes: system.save(), path: [] },
  ];
  for (let state = frontier.pop(); state !== undefined; state = frontier.pop()) {
    system.load(state.bytes);
    visit(state.path);
    for (const actor of enabledActors(system)) {
      const { choices } = next(system, actor);
      for (let choice = 0; choice < choices; choice++) {
        const mark = system.mark();
        take(system, actor, choice);
        const key = keyOf(system);
        if (!seen.has(key)) {
          if (seen.size >= limit) return false;
          seen.add(key);
          frontier.push({ bytes: system.save(), path: [...state.path, `${actor}:${choice}`] });
        }
        system.rewind(mark);
      }
    }
  }
  return true;
}

interface Step {
  readonly actor: ActorId;
  readonly choice: number;
  readonly touched: readonly Access[];
}

function enabledSteps(system: System): Step[] {
  const steps: Step[] = [];
  for (const actor of enabledActors(system)) {
    const { choices } = next(system, actor);
    for (let choice = 0; choice < choices; choice++) {
      const mark = system.mark();
      const [, touched] = take(system, actor, choice);
      system.rewind(mark);
      steps.push({ actor, choice, touched });
    }
  }
  return steps;
}

/** C3: steps without conflict can be taken in both orders, with the same result, and neither changes the other. */
export function checkCommutation(make: Factory, limit = 20_000): string[] {
  const wrong: string[] = [];
  const system = make();
  const visit = (path: readonly string[]): void => {
    if (wrong.length > 5) return;
    const steps = enabledSteps(system);
    for (const a of steps) {
      for (const b of steps) {
        if (a.actor >= b.actor || dependent(a.touched, b.touched)) continue;
        const difference = compareOrders(system, a, b);
        if (difference !== null) {
          wrong.push(`after ${path.join(' ')}: ${a.actor} and ${b.actor}: ${difference}`);
        }
      }
    }
  };
  forEachState(system, visit, limit);
  return wrong;
}

function compareOrders(system: System, a: Step, b: Step): string | null {
  const mark = system.mark();
  const one = takeBoth(system, a, b);
  system.rewind(mark);
  const two = takeBoth(system, b, a);
  system.rewind(mark);
  if (typeof one === 'string') return one;
  if (typeof two === 'string') return two;
  return one.key === two.key ? null : 'the two orders lead to different states';
}

function takeBoth(system: System, first: Step, second: Step): { key: string } | string {
  const before = next(system, second.actor).choices;
  take(system, first.actor, first.choice);
  if (system.status(second.actor) !== ENABLED) return `${first.actor} blocks the other`;
  const { choices, promise } = next(system, second.actor);
  if (choices !== before) return `${first.actor} changes the other's number of choices`;
  const [, touched] = take(system, second.actor, second.choice);
  if (textOf(touched) !== textOf(second.touched))
    return `${first.actor} changes what the other touches`;
  return covers(promise, touched) ? { key: keyOf(system) } : 'a step touches more than it promised';
}

function covers(promise: Footprint, touched: readonly Access[]): boolean {
  const part = newFootprint(touched.length + 1);
  touched.forEach(({ space, mode, low, high }, i) => {
    part.data.set([(space << 8) | mode, low, high, 0], i * FOOTPRINT_STRIDE);
  });
  part.count = touched.length;
  return footprintCovers(promise, part);
}

const passes = (list: readonly Access[]): Access[] => list.filter(({ mode }) => mode === PASS);

/**
 * C6, and the promises at the head of `system.ts`: what a step touches lies
 * inside what it promised; what forbids a step is passed; no other actor's
 * step finishes an actor, blocks or frees it, or changes what it passes,
 * without a conflict; a strict gate's OPEN ends a time in which nothing passed.
 */
export function checkFootprints(make: Factory, limit = 20_000): string[] {
  const wrong: string[] = [];
  const system = make();
  const visit = (path: readonly string[]): void => {
    if (wrong.length > 5) return;
    const say = (what: string): void => {
      wrong.push(`after ${path.join(' ')}: ${what}`);
    };
    const before = new Map(listActors(system).map((actor) => [actor, parked(system, actor)]));
    for (const [actor, { status, promise }] of before) {
      if (status === BLOCKED && passes(promise).length === 0) {
        say(`actor ${actor} is blocked and passes nothing`);
      }
    }
    for (const step of enabledSteps(system)) {
      const mine = before.get(step.actor) as Parked;
      const promise = next(system, step.actor).promise;
      if (!covers(promise, step.touched)) say(`actor ${step.actor} touches more than it promised`);
      if (textOf(passes(mine.promise)) !== textOf(passes(step.touched))) {
        say(`actor ${step.actor} passes other places than it promised`);
      }
      const mark = system.mark();
      take(system, step.actor, step.choice);
      const after = new Set(listActors(system));
      for (const [other, was] of before) {
        if (other === step.actor) continue;
        if (!after.has(other)) say(`a step of ${step.actor} finishes actor ${other}`);
        else for (const what of compareParked(system, step, other, was)) say(what);
      }
      for (const born of after) {
        if (before.has(born) || born === step.actor) continue;
        const firsts = enabledSteps(system).filter(({ actor }) => actor === born);
        const touched = [parked(system, born).promise, ...firsts.map((first) => first.touched)];
        if (!touched.every((list) => dependent(step.touched, list))) {
          say(`actor ${step.actor} brings actor ${born} into being without a conflict`);
        }
      }
      system.rewind(mark);
    }
  };
  forEachState(system, visit, limit);
  return wrong;
}

interface Parked {
  readonly status: number;
  readonly promise: readonly Access[];
}

function parked(system: System, actor: ActorId): Parked {
  return { status: system.status(actor), promise: accesses(next(system, actor).promise) };
}

function compareParked(system: System, step: Step, other: ActorId, was: Parked): string[] {
  const wrong: string[] = [];
  const is = parked(system, other);
  const by = `a step of ${step.actor}`;
  if (textOf(passes(was.promise)) !== textOf(passes(is.promise))) {
    wrong.push(`${by} changes what the parked actor ${other} passes`);
  }
  if (was.status !== is.status && !dependent(step.touched, passes(was.promise))) {
    wrong.push(`${by} blocks or frees actor ${other} without touching what it passes`);
  }
  const opened = step.touched.filter(
    ({ mode, space }) => mode === OPEN && system.spaces[space].strict === true,
  );
  if (was.status === ENABLED && dependent(opened, passes(was.promise))) {
    wrong.push(`${by} opens a strict gate that actor ${other} could pass before`);
  }
  if (was.status === ENABLED && is.status === BLOCKED) {
    const closing = step.touched.filter(({ mode }) => mode !== OPEN);
    if (!dependent(closing, passes(was.promise))) {
      wrong.push(`${by} forbids actor ${other} by an OPEN`);
    }
  }
  return wrong;
}

/** C5: undo, save and load restore every state, and the same steps lead to the same states again. */
export function checkRestoring(make: Factory, limit = 20_000): string[] {
  const wrong: string[] = [];
  const system = make();
  const twin = make();
  const visit = (path: readonly string[]): void => {
    if (wrong.length > 5) return;
    const say = (what: string): void => {
      wrong.push(`after ${path.join(' ')}: ${what}`);
    };
    const key = keyOf(system);
    const bytes = system.save();
    twin.reset();
    twin.load(bytes);
    if (keyOf(twin) !== key) say('load gives another state on another system');
    for (const { actor, choice } of enabledSteps(system)) {
      const mark = system.mark();
      const [, touched] = take(system, actor, choice);
      const after = keyOf(system);
      system.rewind(mark);
      if (keyOf(system) !== key) say(`rewind after ${actor}:${choice} gives another state`);
      const inner = twin.mark();
      const [, again] = take(twin, actor, choice);
      if (keyOf(twin) !== after) say(`${actor}:${choice} leads elsewhere the second time`);
      if (textOf(again) !== textOf(touched)) say(`${actor}:${choice} touches something else`);
      twin.rewind(inner);
    }
    if (Buffer.compare(Buffer.from(system.save()), Buffer.from(bytes)) !== 0) {
      say('save gives other bytes after steps were taken back');
    }
    twin.reset();
    for (const step of path) {
      const [actor, choice] = step.split(':').map(Number);
      if (twin.status(actor) === ENABLED) take(twin, actor, choice);
      else say(`${step} is not possible the second time`);
    }
    if (keyOf(twin) !== key) say('the same schedule leads elsewhere on a fresh system');
  };
  forEachState(system, visit, limit);
  return wrong;
}

/** The same system with its actors under other names, in another order. */
export function renamed(system: System, newNames: readonly ActorId[]): System {
  const oldNames: ActorId[] = [];
  newNames.forEach((name, old) => {
    oldNames[name] = old;
  });
  const own = (actor: ActorId): ActorId => oldNames[actor];
  return {
    spaces: system.spaces,
    alike: system.alike.map((group) => group.map((actor) => newNames[actor])),
    reset: () => system.reset(),
    actors: (out) => {
      const names = listActors(system).map((actor) => newNames[actor]);
      names
        .sort((a, b) => a - b)
        .forEach((name, i) => {
          out[i] = name;
        });
      return names.length;
    },
    status: (actor) => system.status(own(actor)),
    must: (actor) => system.must(own(actor)),
    next: (actor, out) => system.next(own(actor), out),
    take: (actor, choice, out) => system.take(own(actor), choice, out),
    mark: () => system.mark(),
    rewind: (to) => system.rewind(to),
    stateKey: (out) => system.stateKey(out),
    save: () => system.save(),
    load: (bytes) => system.load(bytes),
    label: (actor, choice) => system.label(own(actor), choice),
    describeBlocked: (actor) => system.describeBlocked(own(actor)),
    atEnd: (deadlocked) => system.atEnd(deadlocked),
  };
}

/** C5: other names and another order change no count and no finding. */
export async function checkRenamed(make: Factory, newNames: readonly ActorId[]): Promise<string[]> {
  const wrong: string[] = [];
  const other = () => renamed(make(), newNames);
  const options = { collectFinals: true };
  const graphs = [await exploreGraph(make(), options), await exploreGraph(other(), options)];
  const runs = [await exploreStateless(make(), options), await exploreStateless(other(), options)];
  if (graphs[0].states !== graphs[1].states)
    wrong.push('the number of states depends on the order');
  if (runs[0].executions !== runs[1].executions) {
    wrong.push('the number of executions depends on the order');
  }
  for (const [a, b] of [graphs, runs]) {
    compareSets('violations', violationSet(a), violationSet(b), wrong);
    compareSets('final states', a.finals as Set<string>, b.finals as Set<string>, wrong);
  }
  return wrong;
}
