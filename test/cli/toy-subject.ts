/**
 * A subject small enough to be checked by eye: each CPU reads a counter and
 * then writes one more than it read. At the end the counter should be the
 * number of CPUs, so an update can be lost; the shortest way to lose one
 * takes all steps of two CPUs. It can pretend to learn late that the counter
 * is shared, as the machine does, and to misbehave in replay.
 */

import type { Subject } from '../../src/cli/check/subject.ts';
import {
  addToFootprint,
  BLOCKED,
  ENABLED,
  FINISHED,
  type Footprint,
  type Outcome,
  READ,
  type Status,
  type StepLabel,
  WRITE,
} from '../../src/explore/system.ts';
import type { Assumptions, Property } from '../../src/trace/format.ts';

export interface ToyOptions {
  readonly cpus?: number;
  /** The update is one step: nothing can be lost. */
  readonly atomic?: boolean;
  /** The counter counts as private until somebody has touched it from two CPUs. */
  readonly learns?: boolean;
  /** The last CPU waits for the first one's first step, and promises nothing of the kind. */
  readonly breaksPromise?: boolean;
  /** Never violates anything, as a broken replay engine would. */
  readonly blind?: boolean;
}

const COUNTER_PLACE = 7;

export class ToySubject implements Subject {
  readonly spaces = [{ name: 'memory', kind: 'bytes' }] as const;
  readonly alike: readonly (readonly number[])[] = [];
  readonly #options: Required<ToyOptions>;
  /** Shape: counter, then per CPU its program counter and what it read. */
  #state: Uint8Array;
  #marks: Uint8Array[] = [];
  #shared: boolean;
  #taken = 0;

  constructor(options: ToyOptions = {}) {
    const usual = { cpus: 2, atomic: false, learns: false, breaksPromise: false, blind: false };
    this.#options = { ...usual, ...options };
    this.#shared = !this.#options.learns;
    this.#state = new Uint8Array(1 + 2 * this.#options.cpus);
  }

  reset(): void {
    this.#state = new Uint8Array(this.#state.length);
    this.#marks = [];
  }

  #pc(actor: number): number {
    return this.#state[1 + 2 * actor];
  }

  actors(out: Uint32Array): number {
    let count = 0;
    for (let cpu = 0; cpu < this.#options.cpus; cpu++) if (this.#pc(cpu) < 2) out[count++] = cpu;
    return count;
  }

  status(actor: number): Status {
    if (this.#pc(actor) === 2) return FINISHED;
    const waits = this.#options.breaksPromise && actor === this.#options.cpus - 1;
    return waits && this.#pc(0) === 0 ? BLOCKED : ENABLED;
  }

  must(): boolean {
    return true;
  }

  next(actor: number, out: Footprint): number {
    const writes = this.#options.atomic || this.#pc(actor) === 1;
    addToFootprint(out, 0, writes ? WRITE : READ, 0, 1);
    return 1;
  }

  take(actor: number, choice: number, out: Footprint): Outcome {
    this.next(actor, out);
    if (!this.#shared && this.#state.some((value, i) => i > 0 && i % 2 === 1 && value > 0)) {
      this.#shared = true;
      return { kind: 'restart' };
    }
    this.#taken++;
    const at = 1 + 2 * actor;
    if (this.#options.atomic) {
      this.#state[0]++;
      this.#state[at] = 2;
    } else if (this.#state[at]++ === 0) {
      this.#state[at + 1] = this.#state[0];
    } else {
      this.#state[0] = this.#state[at + 1] + 1;
    }
    void choice;
    return { kind: 'ok' };
  }

  mark(): number {
    this.#marks.push(this.#state.slice());
    return this.#marks.length - 1;
  }

  rewind(to: number): void {
    this.#state = this.#marks[to].slice();
    this.#marks.length = to + 1;
  }

  stateKey(out: Uint8Array): number {
    if (out.length < this.#state.length) throw new RangeError('too small');
    out.set(this.#state);
    return this.#state.length;
  }

  save(): Uint8Array {
    return this.#state.slice();
  }

  load(bytes: Uint8Array): void {
    this.#state = bytes.slice();
  }

  label(actor: number): StepLabel {
    const event = this.#pc(actor) === 0 ? 'reads the counter' : 'writes one more than it read';
    return { cpu: actor, function: 'count', file: 'toy.c', line: this.#pc(actor) + 1, event };
  }

  describeBlocked(): string {
    return 'nothing blocks here';
  }

  atEnd(): { property: number; site: number }[] {
    const lost = this.#state[0] !== this.#options.cpus;
    return lost && !this.#options.blind ? [{ property: 3, site: 9 }] : [];
  }

  propertyName(): Property {
    return 'lost-store';
  }

  siteName(): string {
    return 'toy.c:2 count';
  }

  cutName(): string {
    return 'no cut';
  }

  heldLocks(): string[] {
    return [];
  }

  irqsOff(): boolean {
    return false;
  }

  assumptions(): Assumptions {
    const scope = { cpus: this.#options.cpus };
    return { fromTree: ['count'], intrinsics: [], stubs: [], bounds: { scope, cuts: [] } };
  }

  wasCalled(name: string): boolean {
    return name === 'count';
  }

  pendingInterrupts(): readonly (readonly number[])[] {
    return [];
  }

  ipiRounds(): { total: number; underPtl: number } {
    return { total: 0, underPtl: 0 };
  }

  forgetIpiRounds(): void {}

  instructionsRun(): { visible: number; merged: number } {
    return { visible: this.#taken, merged: 10 * this.#taken };
  }

  explain(): string {
    return `the counter is ${this.#state[0]}, not ${this.#options.cpus}`;
  }

  visiblePlaces(): number[] {
    return this.#options.learns && this.#shared ? [COUNTER_PLACE] : [];
  }

  makeVisible(places: readonly number[]): void {
    if (places.includes(COUNTER_PLACE)) this.#shared = true;
  }
}
