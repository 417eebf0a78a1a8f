import {
  addToFootprint,
  FOOTPRINT_STRIDE,
  type Footprint,
  looks,
  PASS,
} from '../../explore/system.ts';
import type { Machine } from '../../machine/machine.ts';

/**
 * Loops without bounds. A loop whose iteration, taken by one context alone,
 * leads back to the very same state of the whole system cannot do anything
 * else until somebody changes what it looked at: running it again is a step
 * from a state to itself. So the context blocks on what the iteration
 * touched, and wakes when another actor's step conflicts with that (explorer
 * rule 23). A context that is never woken loops for ever: a livelock.
 *
 * Sound because only self-loops of the state graph are left out. The state
 * is compared exactly, and the guard, everything the iteration touched, is
 * in the footprint while the context waits and of the first step after.
 */

interface Arrival {
  /** The exact state after a jump backwards. */
  readonly key: Uint8Array;
  /** How many footprints of the chain came before it. */
  readonly footprints: number;
}

/** What a context waits for. Shape: footprint records of 4 words. */
type Guard = Uint32Array;

/** Chains are named by stream + 1, those of other actors from here on. */
const CHAIN_OF_ACTORS = 1000;

/** Values of a context's spin cell: 0, or the guard's number + 1, shifted, with `WOKEN` where it may go on. */
const WOKEN = 1;

export class Spins {
  readonly #machine: Machine;
  /** The steps that one actor has taken alone since others last did. Indexes only grow along an execution, so undoing needs the counts alone. */
  readonly #arrivals: Arrival[] = [];
  readonly #footprints: Uint32Array[] = [];
  readonly #guards: Guard[] = [];
  readonly #key: () => Uint8Array;

  /** `key` gives the exact state, this class's own cells left out. */
  constructor(machine: Machine, key: () => Uint8Array) {
    this.#machine = machine;
    this.#key = key;
  }

  isWaiting(context: number): boolean {
    const cell = this.#machine.spinCell(context);
    return cell !== 0 && (cell & WOKEN) === 0;
  }

  /** Adds the guard of a context that waits or has just been woken. */
  addGuard(context: number, out: Footprint): void {
    const cell = this.#machine.spinCell(context);
    if (cell === 0) return;
    const guard = this.#guards[(cell >>> 1) - 1]!;
    for (let at = 0; at < guard.length; at += FOOTPRINT_STRIDE) {
      addToFootprint(out, guard[at]! >>> 8, guard[at]! & 0xff, guard[at + 1]!, guard[at + 2]!);
    }
  }

  /**
   * The present chain as words, to be continued elsewhere. No part of a state's
   * key: who stepped last is history, in which steps that commute differ. A
   * search that keeps visited states stops at the second arrival and finds
   * the loop as a state without an end. Shape: actor, arrivals (key length, key, footprints before it), footprints (length, words). */
  saveChain(): number[] {
    const machine = this.#machine;
    const arrivals = machine.spinCount('arrivals') - machine.spinCount('base');
    const actor = arrivals === 0 ? 0 : machine.spinCount('actor');
    const base = machine.spinCount('base');
    const words = [actor, arrivals];
    if (arrivals === 0) return words;
    const first = this.#arrivals[base]!.footprints;
    for (let i = base; i < base + arrivals; i++) {
      const { key, footprints } = this.#arrivals[i]!;
      words.push(
        key.length / 4,
        ...new Uint32Array(key.buffer, key.byteOffset, key.length / 4),
        footprints - first,
      );
    }
    const count = machine.spinCount('footprints');
    words.push(count - first);
    for (let i = first; i < count; i++)
      words.push(this.#footprints[i]!.length, ...this.#footprints[i]!);
    return words;
  }

  /** Takes a chain up again. Returns where its words end. */
  loadChain(saved: Uint32Array, from: number): number {
    const machine = this.#machine;
    let at = from;
    const actor = saved[at++]!;
    const arrivals = saved[at++]!;
    const base = machine.spinCount('arrivals');
    const first = machine.spinCount('footprints');
    machine.setSpinCount('actor', actor);
    machine.setSpinCount('base', base);
    machine.setSpinCount('arrivals', base + arrivals);
    if (arrivals === 0) return at;
    for (let i = 0; i < arrivals; i++) {
      const length = saved[at++]!;
      const key = new Uint8Array(saved.slice(at, at + length).buffer);
      at += length;
      this.#arrivals[base + i] = { key, footprints: first + saved[at++]! };
    }
    const count = saved[at++]!;
    for (let i = 0; i < count; i++) {
      const length = saved[at++]!;
      this.#footprints[first + i] = saved.slice(at, at + length);
      at += length;
    }
    machine.setSpinCount('footprints', first + count);
    return at;
  }

  /** What a context waits for, for state keys: null where it does not. */
  guardOf(context: number): { guard: Guard; woken: boolean } | null {
    const cell = this.#machine.spinCell(context);
    return cell === 0
      ? null
      : { guard: this.#guards[(cell >>> 1) - 1]!, woken: (cell & WOKEN) === 1 };
  }

  setGuard(context: number, guard: Guard, woken: boolean): void {
    const count = this.#machine.spinCount('guards');
    this.#guards[count] = guard;
    this.#machine.setSpinCount('guards', count + 1);
    this.#machine.setSpinCell(context, ((count + 1) << 1) | (woken ? WOKEN : 0));
  }

  /**
   * After a step of `actor`. `context`: whose code it ran, -1 for none.
   * `owner`: whose doing it was: a store that reaches memory is its context's,
   * and no one else's, so it neither breaks that context's chain nor wakes it.
   * `jumped`: the step took an edge backwards.
   */
  noteStep(actor: number, context: number, owner: number, out: Footprint, jumped: boolean): void {
    const machine = this.#machine;
    if (context >= 0) machine.setSpinCell(context, 0);
    this.#wake(owner, out);
    const chain = owner >= 0 ? owner + 1 : CHAIN_OF_ACTORS + actor;
    if (machine.spinCount('actor') !== chain) {
      // The chain is broken. Its entries stay: undoing may come back to them.
      machine.setSpinCount('actor', chain);
      machine.setSpinCount('base', machine.spinCount('arrivals'));
    }
    const arrivals = machine.spinCount('arrivals');
    const base = machine.spinCount('base');
    if (arrivals > base) this.#addFootprint(out);
    if (!jumped || context < 0) return;
    const key = this.#key();
    for (let i = arrivals - 1; i >= base; i--) {
      const arrival = this.#arrivals[i]!;
      if (!sameBytes(arrival.key, key)) continue;
      this.setGuard(context, this.#guardSince(arrival.footprints), false);
      return;
    }
    this.#arrivals[arrivals] = { key, footprints: machine.spinCount('footprints') };
    machine.setSpinCount('arrivals', arrivals + 1);
  }

  #addFootprint(out: Footprint): void {
    const count = this.#machine.spinCount('footprints');
    this.#footprints[count] = out.data.slice(0, out.count * FOOTPRINT_STRIDE);
    this.#machine.setSpinCount('footprints', count + 1);
  }

  /** All that was touched since, as what may forbid the next iteration: one that leads back has changed nothing. */
  #guardSince(first: number): Guard {
    const seen = new Set<string>();
    const words: number[] = [];
    for (let i = first; i < this.#machine.spinCount('footprints'); i++) {
      const footprint = this.#footprints[i]!;
      for (let at = 0; at < footprint.length; at += FOOTPRINT_STRIDE) {
        const head = ((footprint[at]! & ~0xff) | PASS) >>> 0;
        const name = `${head}/${footprint[at + 1]}/${footprint[at + 2]}`;
        if (seen.has(name)) continue;
        seen.add(name);
        words.push(head, footprint[at + 1]!, footprint[at + 2]!, 0);
      }
    }
    return Uint32Array.from(words);
  }

  #wake(owner: number, out: Footprint): void {
    for (let other = 0; other < this.#machine.streamCount; other++) {
      if (other === owner || !this.isWaiting(other)) continue;
      const cell = this.#machine.spinCell(other);
      if (changes(out, this.#guards[(cell >>> 1) - 1]!))
        this.#machine.setSpinCell(other, cell | WOKEN);
    }
  }
}

/** Whether a step changes what a guard reads. */
function changes(step: Footprint, guard: Guard): boolean {
  for (let i = 0; i < step.count; i++) {
    const at = i * FOOTPRINT_STRIDE;
    if (looks(step.data[at]! & 0xff)) continue;
    for (let other = 0; other < guard.length; other += FOOTPRINT_STRIDE) {
      if (guard[other]! >>> 8 !== step.data[at]! >>> 8) continue;
      if (step.data[at + 1]! < guard[other + 2]! && guard[other + 1]! < step.data[at + 2]!)
        return true;
    }
  }
  return false;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
