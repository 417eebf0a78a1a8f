/** How the oracles look at a system: footprints unpacked, dependence once more, states as strings, and a plain walk over them. */

import { listActors } from '../../../src/explore/replay.ts';
import type { ActorId, Footprint, Outcome, System } from '../../../src/explore/system.ts';
import {
  ARRIVE,
  COMMUTE,
  ENABLED,
  emptyFootprint,
  FOOTPRINT_STRIDE,
  HOOK,
  LOAD,
  newFootprint,
  PASS,
  READ,
} from '../../../src/explore/system.ts';

export type Factory = () => System;

/** One record of a footprint, unpacked. */
export interface Access {
  readonly space: number;
  readonly mode: number;
  readonly low: number;
  readonly high: number;
}

export function accesses(footprint: Footprint): Access[] {
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
  const isLoad = (mode: number): boolean => mode >= LOAD && mode < ARRIVE;
  const looks = (mode: number): boolean => [READ, PASS, HOOK].includes(mode) || isLoad(mode);
  return a.some((x) =>
    b.some((y) => {
      if (x.space !== y.space || x.high <= y.low || y.high <= x.low) return false;
      if (looks(x.mode) && looks(y.mode)) return false;
      if (isLoad(x.mode) && y.mode === x.mode - LOAD + ARRIVE) return false;
      if (isLoad(y.mode) && x.mode === y.mode - LOAD + ARRIVE) return false;
      const sameClass = x.mode >= COMMUTE && x.mode < LOAD && x.mode === y.mode;
      return !(sameClass && x.low === y.low && x.high === y.high);
    }),
  );
}

export function textOf(list: readonly Access[]): string {
  if (list.length === 1) return textOfOne(list[0]);
  return [...new Set(list.map(textOfOne))].sort().join(' ');
}

function textOfOne({ space, mode, low, high }: Access): string {
  return `${space}/${mode}/${low}-${high}`;
}

/** Overwritten by every call of `keyOf`: a buffer of its own for each state takes longer than the state. */
let keyBytes = Buffer.alloc(1 << 12);

/** The state as a string. */
export function keyOf(system: System): string {
  for (;;) {
    try {
      return keyBytes.latin1Slice(0, system.stateKey(keyBytes));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      keyBytes = Buffer.alloc(2 * keyBytes.length);
    }
  }
}

/** Overwritten by every call of `take` and `choicesOf`. */
const scratch = newFootprint();

export function take(system: System, actor: ActorId, choice: number): [Outcome, Access[]] {
  emptyFootprint(scratch);
  const outcome = system.take(actor, choice, scratch);
  return [outcome, accesses(scratch)];
}

/** As `take`, for who does not ask what was touched. */
export function takeOnly(system: System, actor: ActorId, choice: number): Outcome {
  emptyFootprint(scratch);
  return system.take(actor, choice, scratch);
}

/** How many choices the actor's next step has. */
export function choicesOf(system: System, actor: ActorId): number {
  if (system.choiceCount !== undefined) return system.choiceCount(actor);
  emptyFootprint(scratch);
  return system.next(actor, scratch);
}

export function next(system: System, actor: ActorId): { choices: number; promise: Footprint } {
  const promise = newFootprint();
  const choices = system.next(actor, promise);
  return { choices, promise };
}

export function enabledActors(system: System): ActorId[] {
  return listActors(system).filter((actor) => system.status(actor) === ENABLED);
}

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
      const choices = choicesOf(system, actor);
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

export interface Step {
  readonly actor: ActorId;
  readonly choice: number;
  readonly touched: readonly Access[];
  /** It says that it would touch the same in every state. */
  readonly fixed: boolean;
}

export function enabledSteps(system: System): Step[] {
  const steps: Step[] = [];
  for (const actor of enabledActors(system)) {
    const choices = choicesOf(system, actor);
    for (let choice = 0; choice < choices; choice++) {
      const mark = system.mark();
      const [, touched] = take(system, actor, choice);
      const { fixed } = scratch;
      system.rewind(mark);
      steps.push({ actor, choice, touched, fixed });
    }
  }
  return steps;
}
