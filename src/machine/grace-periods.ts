import { PASS, READ, WRITE } from '../explore/system.ts';
import type { ProgramFunction } from '../program/link.ts';
import { CALLBACK_WORDS, CALLBACKS_PER_CPU, type CellLayout } from './cells.ts';
import type { Machine } from './machine.ts';
import { SPACE } from './spaces.ts';
import { Cut, UnsupportedError } from './violation.ts';

/** Words of a callback, see cells.ts. */
const WAITING = 4;
const INITIAL = 5;
const LEFT = 6;

export interface Callback {
  readonly function: ProgramFunction;
  readonly low: number;
  readonly high: number;
  readonly shadow: number;
}

/**
 * RCU's grace periods and callbacks. A grace period waits for exactly the
 * readers that were inside when it began, by when its caller's stores are in
 * memory. Then, if there are any, for the stores that its readers made. That
 * is another step, because which stores they are is known only when the
 * readers have left, and what a parked step passes must stay the same.
 * Source: kernel/rcu/tree_plugin.h (6.12).
 *
 * Periods are numbered: callbacks by their slot, then `synchronize_rcu` by
 * who waits.
 */
export class GracePeriods {
  readonly #machine: Machine;
  readonly #cells: CellLayout;
  readonly #slots: number;

  constructor(machine: Machine, cells: CellLayout) {
    this.#machine = machine;
    this.#cells = cells;
    this.#slots = machine.cpuCount * CALLBACKS_PER_CPU;
  }

  #word(cell: number): number {
    return this.#machine.words.at[cell]!;
  }

  #callbackCell(slot: number): number {
    return this.#cells.callback + slot * CALLBACK_WORDS;
  }

  #waitCell(context: number): number {
    return this.#cells.syncWait + context * 2;
  }

  /** A context has left its outermost reader. */
  readerLeft(context: number): void {
    for (let slot = 0; slot < this.#slots; slot++)
      this.#clearWait(this.#callbackCell(slot) + WAITING, slot, context);
    for (let other = 0; other < this.#machine.contextCount; other++)
      this.#clearWait(this.#waitCell(other), this.#slots + other, context);
  }

  #clearWait(cell: number, period: number, context: number): void {
    const mask = this.#word(cell);
    if (!(mask & (1 << context))) return;
    this.#machine.words.set(cell, mask & ~(1 << context));
    this.#awaitStores(period, context);
  }

  #storesCell(period: number, context: number): number {
    return this.#cells.rcuStores + period * this.#machine.contextCount + context;
  }

  #awaitStores(period: number, context: number): void {
    const machine = this.#machine;
    // Not whether they happen to be in memory by now: what the end of the
    // period touches depends on what this context has done, not on when.
    if (!machine.model.isUnfenced(machine, context)) return;
    machine.words.set(this.#storesCell(period, context), machine.storesIssued(context));
  }

  /** Starts a grace period. Returns the readers that it must wait for, exactly those inside now. */
  #start(period: number, except: number): number {
    const machine = this.#machine;
    machine.revealReaders();
    machine.recordCell(SPACE.epoch, WRITE, 0);
    machine.log.fix();
    let readers = 0;
    for (let context = 0; context < machine.contextCount; context++) {
      // What the period of that number before this one waited for is no business of this one.
      machine.words.set(this.#storesCell(period, context), 0);
      if (context === except || context === machine.boot) continue;
      // Looked at, whatever is found: a reader that has just left would else
      // seem to have nothing to do with this, and leaving later not be tried.
      machine.recordCell(SPACE.reader, READ, context);
      if (machine.isReader(context) && machine.mutation !== 'grace-waits-for-nobody')
        readers |= 1 << context;
    }
    return readers;
  }

  /** call_rcu. A CPU inside a reader is waited for as well. */
  queueCallback(
    context: number,
    func: ProgramFunction,
    low: number,
    high: number,
    shadow: number,
  ): void {
    const machine = this.#machine;
    if (context >= machine.cpuCount)
      throw new UnsupportedError('call_rcu from setup() or from a callback is not built yet');
    const counter = this.#cells.callbackCount + context;
    const number = this.#word(counter);
    if (number === CALLBACKS_PER_CPU)
      throw new Cut(`more than ${CALLBACKS_PER_CPU} callbacks queued by one CPU`);
    machine.words.set(counter, number + 1);
    const slot = context * CALLBACKS_PER_CPU + number;
    const readers = this.#start(slot, -1);
    machine.recordCell(SPACE.callback, WRITE, slot);
    const cell = this.#callbackCell(slot);
    [func.index + 1, low, high, shadow, readers, readers].forEach((value, i) => {
      machine.words.set(cell + i, value);
    });
  }

  isQueued(slot: number): boolean {
    return this.#word(this.#callbackCell(slot)) !== 0;
  }

  callbackOf(slot: number): Callback {
    const cell = this.#callbackCell(slot);
    return {
      function: this.#machine.program.functions[this.#word(cell) - 1]!,
      low: this.#word(cell + 1),
      high: this.#word(cell + 2),
      shadow: this.#word(cell + 3),
    };
  }

  /** The guard of a callback, first for its readers, then for stores. */
  passCallback(slot: number): boolean {
    const cell = this.#callbackCell(slot);
    this.#machine.recordCell(SPACE.callback, READ, slot);
    if (this.#word(cell + LEFT) !== 0) return this.#passStores(slot);
    return this.#passReaders(cell + WAITING, cell + INITIAL);
  }

  /** Whether a callback that has passed its readers has to pass stores as well. */
  isBeforeStores(slot: number): boolean {
    return (
      this.#word(this.#callbackCell(slot) + LEFT) === 0 && this.#awaitedStores(slot).length > 0
    );
  }

  setReadersLeft(slot: number): void {
    this.#machine.words.set(this.#callbackCell(slot) + LEFT, 1);
  }

  startSynchronize(context: number): void {
    const readers = this.#start(this.#slots + context, context);
    const cell = this.#waitCell(context);
    this.#machine.words.set(cell, readers);
    this.#machine.words.set(cell + 1, readers);
  }

  passSynchronize(context: number): boolean {
    const cell = this.#waitCell(context);
    return this.#passReaders(cell, cell + 1);
  }

  synchronizeAwaitsStores(context: number): boolean {
    return this.#awaitedStores(this.#slots + context).length > 0;
  }

  passSynchronizedStores(context: number): boolean {
    return this.#passStores(this.#slots + context);
  }

  #passReaders(waiting: number, initial: number): boolean {
    const machine = this.#machine;
    const everybody = machine.mutation === 'grace-waits-for-everybody';
    const readers = everybody ? (1 << machine.boot) - 1 : this.#word(initial);
    let left = true;
    for (let context = 0; context < machine.contextCount; context++) {
      const passes = readers & (1 << context) && machine.mutation !== 'no-rcu-guard';
      if (passes) machine.recordCell(SPACE.reader, PASS, context);
      if (everybody && machine.isReader(context)) left = false;
    }
    return left && this.#word(waiting) === 0;
  }

  /** What a period waits for besides readers: contexts, and how many of their stores. */
  #awaitedStores(period: number): { context: number; stores: number }[] {
    const awaited: { context: number; stores: number }[] = [];
    for (let context = 0; context < this.#machine.contextCount; context++) {
      const stores = this.#word(this.#storesCell(period, context));
      if (stores > 0) awaited.push({ context, stores });
    }
    return awaited;
  }

  #passStores(period: number): boolean {
    const machine = this.#machine;
    let arrived = true;
    for (const { context, stores } of this.#awaitedStores(period)) {
      machine.passStores(context, 0, stores);
      if (machine.storesDrained(context) < stores) arrived = false;
    }
    return arrived;
  }

  /** The context whose stores a word counts for a period; -1 for other words. */
  awaitedBy(word: number): number {
    const { contextCount } = this.#machine;
    const at = word - this.#cells.rcuStores;
    const count = (this.#slots + contextCount) * contextCount;
    return at < 0 || at >= count ? -1 : at % contextCount;
  }
}
