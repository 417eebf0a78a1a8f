/**
 * What a step would be if it came earlier: taken from an earlier node of the
 * path, after some of the steps in between, looked at, and taken back. What
 * was found is kept with the node.
 */

import { changesGuard, conflicts } from './conflict.ts';
import type { Path } from './path.ts';
import { LISTED, Probe, STAY_AWAY } from './path.ts';
import { ExplorerError } from './search.ts';
import type { Footprint, System } from './system.ts';
import {
  BLOCKED,
  emptyFootprint,
  FINISHED,
  newFootprint,
  ENABLED as STATUS_ENABLED,
} from './system.ts';
import type { SequenceStep } from './wakeup.ts';

/** The step that is to come earlier than it did: taken, or parked at the end of the execution. */
export interface LateStep extends SequenceStep {
  /** 1 + position of its actor's step before; 0 for none. */
  readonly last: number;
  /** Position of the last step that is known to come before it, itself if it was taken; -1 for none. */
  readonly after: number;
}

/** Per node; how often one is asked for again falls off quickly. */
const MAX_PROBES = 64;

function isProbeOf(probe: Probe, index: number, asked: number, before: readonly number[]): boolean {
  if (probe.index !== index || probe.asked !== asked) return false;
  if (probe.before.length !== before.length) return false;
  for (let k = 0; k < before.length; k++) if (probe.before[k] !== before[k]) return false;
  return true;
}

export class LookAhead {
  /** Steps taken to look at sequences and to come back. */
  looks = 0;
  /** The system asked to start over. */
  restart = false;
  readonly #system: System;
  readonly #path: Path;
  readonly #endedForGood: boolean;
  /** The node whose state the system is in, where that is not the end of the path. */
  #standsAt = 0;
  readonly #footprint: Footprint = newFootprint();
  readonly #before: number[] = [];

  /** `endedForGood` breaks this on purpose, for tests of the tests: nobody is brought back. */
  constructor(system: System, path: Path, endedForGood = false) {
    this.#system = system;
    this.#path = path;
    this.#endedForGood = endedForGood;
  }

  /** The system is where the path ends. */
  begin(): void {
    this.#standsAt = this.#path.depth;
  }

  /** Takes the path and the system back to a node. */
  returnTo(target: number): void {
    const path = this.#path;
    while (path.depth > target) path.pop();
    if (this.#standsAt >= target) this.#system.rewind(path.nodes[target].mark);
    // A sequence from further up was looked at, which undid the states below.
    for (let at = this.#standsAt; at < target; at++) {
      const { actor, choice } = path.nodes[at].event();
      if (choice !== STAY_AWAY) this.#look(actor, choice);
      path.nodes[at + 1].mark = this.#system.mark();
    }
  }

  /**
   * What `step` is after the steps at `positions`, from node `i` on. First
   * after those only that it is known to need: if it then touches nothing
   * that the others touch, they do not matter.
   */
  probe(i: number, positions: readonly number[], step: LateStep): Probe {
    const path = this.#path;
    // An actor that is not there yet comes into being by one of the steps, nobody says which.
    const isThere = (path.nodes[i].flag(step.index) & LISTED) !== 0;
    const needed =
      step.after > i
        ? positions.filter((k) => path.happensBefore(k, step.after))
        : isThere
          ? []
          : positions;
    const probe = this.#lookAt(i, needed, step);
    if (needed.length === positions.length) return probe;
    const matters = positions.some((k) => {
      if (needed.includes(k)) return false;
      const { footprint } = path.nodes[k].event();
      // One that has ended is brought back by one of the steps, nobody says which either.
      if (probe.gone) return true;
      return probe.possible
        ? conflicts(footprint, probe.footprint)
        : changesGuard(footprint, probe.footprint, false);
    });
    return matters ? this.#lookAt(i, positions, step) : probe;
  }

  /** Takes the steps from node `i` on, then the actor's next one, and takes them back; or remembers. */
  #lookAt(i: number, positions: readonly number[], { index, choice }: SequenceStep): Probe {
    const path = this.#path;
    const node = path.nodes[i];
    const before = this.#before;
    before.length = 0;
    for (const k of positions) {
      const event = path.nodes[k].event();
      if (event.choice !== STAY_AWAY) before.push(event.index, event.choice);
    }
    for (let n = Math.min(node.probeCount, MAX_PROBES) - 1; n >= 0; n--) {
      if (isProbeOf(node.probes[n], index, choice, before)) return node.probes[n];
    }
    const at = node.probeCount++ % MAX_PROBES;
    if (at === node.probes.length) node.probes.push(new Probe());
    const probe = node.probes[at];
    probe.index = index;
    probe.asked = choice;
    probe.before.length = 0;
    for (const word of before) probe.before.push(word);
    this.#take(i, probe);
    return probe;
  }

  /** Finds out what the probe is about. */
  #take(i: number, probe: Probe): void {
    const system = this.#system;
    const { ids } = this.#path.actors;
    const { mark } = this.#path.nodes[i];
    if (this.#standsAt !== i) system.rewind(mark);
    this.#standsAt = i;
    const { before } = probe;
    for (let k = 0; k < before.length; k += 2) this.#look(ids[before[k]], before[k + 1]);
    const actor = ids[probe.index];
    const status = system.status(actor);
    probe.possible = status === STATUS_ENABLED;
    probe.gone = status === FINISHED && !this.#endedForGood;
    emptyFootprint(this.#footprint);
    if (!probe.possible) {
      // What it waits for there.
      if (status === BLOCKED) system.next(actor, this.#footprint);
      probe.footprint.copyFrom(this.#footprint, system.spaces);
    } else {
      probe.choice = probe.asked < system.next(actor, this.#footprint) ? probe.asked : 0;
      this.#look(actor, probe.choice);
      probe.footprint.copyFrom(this.#footprint, system.spaces);
    }
    system.rewind(mark);
  }

  #look(actor: number, choice: number): void {
    // What the system did up to now means nothing any more: nor does that it cannot go on.
    if (this.restart) return;
    const system = this.#system;
    if (system.status(actor) !== STATUS_ENABLED) {
      throw new ExplorerError(
        `actor ${actor} cannot take a step without another that it does not need: a footprint leaves something out`,
        this.#path.schedule(),
      );
    }
    this.looks++;
    emptyFootprint(this.#footprint);
    if (system.take(actor, choice, this.#footprint).kind === 'restart') this.restart = true;
  }
}
