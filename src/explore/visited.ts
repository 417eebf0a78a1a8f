/**
 * The states that a stateful search has met, by exact key; where the system
 * has actors that are alike, by the key of their orbit.
 *
 * The search never changes the state it stands in for a representative: it
 * goes on from the member of an orbit that it happened to meet first, by
 * steps that the system really took. So there is no permutation to undo, and
 * every schedule replays as it is. That members of one orbit have the same
 * futures, up to names, is the system's promise (`alike`).
 */

import { KeyShrinker, SHORT } from './key-shrinker.ts';
import { KeyDraft, KeyTable } from './key-table.ts';
import { finalText } from './search.ts';
import type { System } from './system.ts';

export class Visited {
  /** States are told apart up to a permutation of actors that are alike. */
  readonly symmetric: boolean;
  readonly #key: (out: Uint8Array) => number;
  readonly #table: KeyTable = new KeyTable();
  readonly #draft: KeyDraft = new KeyDraft();
  readonly #shrinker: KeyShrinker = new KeyShrinker();
  #room: Uint8Array;
  #length = 0;

  constructor(system: System) {
    const orbitKey = system.alike.length > 0 ? system.orbitKey : undefined;
    this.symmetric = orbitKey !== undefined;
    this.#key = orbitKey?.bind(system) ?? ((out) => system.stateKey(out));
    this.#room = this.#draft.bytes.subarray(0, -ROOM_BEHIND);
  }

  get count(): number {
    return this.#table.count;
  }

  get bytes(): number {
    return this.#table.bytes + this.#shrinker.bytes;
  }

  /**
   * The number of the state in which the system stands if it is new,
   * otherwise -1 - its number. Whether an actor has been halted is part of
   * the state: deadlocks depend on it.
   */
  meet(halted: boolean): number {
    this.#length = this.#read();
    this.#draft.bytes[this.#length] = halted ? 1 : 0;
    const words = this.#draft.end(this.#length + 1);
    if (words <= SHORT) return this.#table.insert(this.#draft.words, words);
    const short = this.#shrinker.shrink(this.#draft.words, words);
    return this.#table.insert(this.#shrinker.words, short);
  }

  /** The name of the state met last, as a final one. */
  finalText(halted: boolean): string {
    return finalText(this.#draft.bytes, this.#length, halted);
  }

  #read(): number {
    for (;;) {
      try {
        return this.#key(this.#room);
      } catch (error) {
        if (!(error instanceof RangeError) || this.#room.length > 1 << 28) throw error;
        this.#draft.grow();
        this.#room = this.#draft.bytes.subarray(0, -ROOM_BEHIND);
      }
    }
  }
}

/** Units: bytes; whether an actor has been halted, and the end mark of a key. */
const ROOM_BEHIND = 8;
