/** C3, C5 and C6: what a system promises, in each of its states. */

import { listActors } from '../../../src/explore/replay.ts';
import type { ActorId, Footprint, System } from '../../../src/explore/system.ts';
import {
  BLOCKED,
  ENABLED,
  FOOTPRINT_STRIDE,
  newFootprint,
  OPEN,
  PASS,
} from '../../../src/explore/system.ts';
import { footprintCovers } from './covers.ts';
import type { Access, Factory, Step } from './view.ts';
import {
  accesses,
  dependent,
  enabledSteps,
  forEachState,
  keyOf,
  next,
  take,
  textOf,
} from './view.ts';

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
 * without a conflict; a strict gate's OPEN ends a time in which nothing passed;
 * who comes into being does so by a conflict beyond what its first step passes;
 * a step that says so touches the same after any other.
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
    const steps = enabledSteps(system);
    for (const step of steps) {
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
        const more = touched.map((list) => list.filter(({ mode }) => mode !== PASS));
        if (!more.every((list) => dependent(step.touched, list))) {
          say(`actor ${step.actor} brings actor ${born} into being without a conflict`);
        }
      }
      for (const other of steps) {
        if (!isFixed(other) || other.actor === step.actor) continue;
        const now = system.status(other.actor) === ENABLED ? touchedBy(system, other) : [];
        if (textOf(now) === textOf(other.touched)) continue;
        say(`a step of ${step.actor} changes what ${other.actor} calls fixed`);
      }
      system.rewind(mark);
    }
  };
  forEachState(system, visit, limit);
  return wrong;
}

/** Whether a step promises to be possible and to touch the same in every state. */
function isFixed({ fixed, touched }: Step): boolean {
  return fixed && passes(touched).length === 0;
}

/** What a step would touch now. */
function touchedBy(system: System, { actor, choice }: Step): readonly Access[] {
  const mark = system.mark();
  const [, touched] = take(system, actor, choice);
  system.rewind(mark);
  return touched;
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
