/**
 * The base of all toy systems: a vector of small integers, accessors that
 * log themselves into the footprint, and an undo log. A toy says which
 * actors it has, when each may step, and what its step does; everything that
 * `System` asks for follows from that.
 */

import type {
  ActorId,
  Footprint,
  Mark,
  Outcome,
  Space,
  Status,
  StepLabel,
  System,
} from '../../../src/explore/system.ts';
import {
  addToFootprint,
  BLOCKED,
  CLOSE,
  COMMUTE,
  ENABLED,
  FINISHED,
  FOOTPRINT_STRIDE,
  newFootprint,
  OPEN,
  PASS,
  READ,
  WRITE,
} from '../../../src/explore/system.ts';
import type { Symmetry, SymmetryMutation } from './symmetry.ts';
import { OrbitKeys, renameCpus } from './symmetry.ts';

export const OK: Outcome = { kind: 'ok' };

export function violation(property: number, site = 0): Outcome {
  return { kind: 'violation', property, site };
}

/** One space, in which variable v is the cell v. */
const CELLS: readonly Space[] = [{ name: 'variables', kind: 'cell' }];

export abstract class Toy implements System {
  readonly spaces: readonly Space[] = CELLS;
  alike: readonly (readonly ActorId[])[] = [];
  /** The state. A toy may read and write it directly only where no other actor can see it. */
  protected readonly vars: Int32Array;
  #initial: Int32Array | null = null;
  /** Shape: pairs of variable and old value. */
  #undo: Int32Array = new Int32Array(1024);
  #undoCount = 0;
  #footprint: Footprint | null = null;
  readonly #actorCount: number;
  readonly #varCount: number;
  readonly #dropped: Footprint = newFootprint();
  #symmetry: Symmetry | null = null;
  #orbitKeys: OrbitKeys | null = null;

  /** The variables after the toy's own are one per actor: whether a violation or a cut halted it. */
  constructor(varCount: number, actorCount: number) {
    this.#varCount = varCount;
    this.#actorCount = actorCount;
    this.vars = new Int32Array(varCount + actorCount);
  }

  /** Says which CPUs are alike: their actors, a group each, and what of the state belongs to them or names them. */
  protected declareAlike(
    groups: readonly (readonly ActorId[])[],
    symmetry: Symmetry,
    mutation: SymmetryMutation | null = null,
  ): void {
    this.alike = groups;
    const halted = groups.map((group) => this.#varCount + group[0]);
    this.#symmetry = { ...symmetry, own: [...symmetry.own, ...halted] };
    this.#orbitKeys = new OrbitKeys(this.#symmetry, this.vars.length, mutation);
  }

  /** Whether the actor has a next step, blocked or not. */
  protected abstract has(actor: ActorId): boolean;
  /** Whether the next step is allowed. Uses `pass` for whatever decides it. */
  protected abstract allowed(actor: ActorId): boolean;
  /** Takes the step. */
  protected abstract step(actor: ActorId, choice: number): Outcome;
  /** Sets the initial values into `vars`, which is all 0. */
  protected abstract init(): void;

  /** Number of choices of the next step. */
  protected choices(_actor: ActorId): number {
    return 1;
  }

  must(_actor: ActorId): boolean {
    return true;
  }

  atEnd(_deadlocked: boolean): readonly { property: number; site: number }[] {
    return [];
  }

  // Accessors.

  protected touch(space: number, mode: number, low: number, high: number = low + 1): void {
    if (this.#footprint !== null) addToFootprint(this.#footprint, space, mode, low, high);
  }

  /** Says that the step under way would touch the same in every state, if nothing forbids it. */
  protected fix(): void {
    if (this.#footprint !== null) this.#footprint.fixed = true;
  }

  protected get(variable: number): number {
    this.touch(0, READ, variable);
    return this.vars[variable];
  }

  protected pass(variable: number): number {
    this.touch(0, PASS, variable);
    return this.vars[variable];
  }

  protected set(variable: number, value: number): void {
    this.touch(0, WRITE, variable);
    this.setLocal(variable, value);
  }

  protected close(variable: number, value: number): void {
    this.touch(0, CLOSE, variable);
    this.setLocal(variable, value);
  }

  protected open(variable: number, value: number): void {
    this.touch(0, OPEN, variable);
    this.setLocal(variable, value);
  }

  /** An addition whose result nobody uses. */
  protected add(variable: number, amount: number): void {
    this.touch(0, COMMUTE, variable);
    this.setLocal(variable, this.vars[variable] + amount);
  }

  /** Writes without a footprint: for what no other actor can see. */
  protected setLocal(variable: number, value: number): void {
    if (this.#undoCount + 2 > this.#undo.length) {
      const grown = new Int32Array(this.#undo.length * 2);
      grown.set(this.#undo);
      this.#undo = grown;
    }
    this.#undo[this.#undoCount++] = variable;
    this.#undo[this.#undoCount++] = this.vars[variable];
    this.vars[variable] = value;
  }

  // System.

  reset(): void {
    this.#undoCount = 0;
    if (this.#initial === null) {
      this.vars.fill(0);
      this.init();
      this.#initial = this.vars.slice();
    }
    this.#undoCount = 0;
    this.vars.set(this.#initial);
  }

  actors(out: Uint32Array): number {
    let count = 0;
    for (let actor = 0; actor < this.#actorCount; actor++) {
      if (this.#present(actor)) out[count++] = actor;
    }
    return count;
  }

  status(actor: ActorId): Status {
    if (!this.#present(actor)) return FINISHED;
    return this.allowed(actor) ? ENABLED : BLOCKED;
  }

  next(actor: ActorId, out: Footprint): number {
    this.#footprint = out;
    this.allowed(actor);
    const choices = this.choices(actor);
    const mark = this.mark();
    // What a step will touch is found by taking it and taking it back. That
    // is right for a blocked step too: its body does not ask for its guard.
    for (let choice = 0; choice < choices; choice++) {
      this.step(actor, choice);
      this.rewind(mark);
    }
    this.#footprint = null;
    this.footprintDone(out);
    return choices;
  }

  choiceCount(actor: ActorId): number {
    return this.choices(actor);
  }

  take(actor: ActorId, choice: number, out: Footprint): Outcome {
    this.#footprint = out;
    this.allowed(actor);
    this.choices(actor);
    const outcome = this.step(actor, choice);
    if (outcome.kind !== 'ok') this.setLocal(this.#varCount + actor, 1);
    this.#footprint = null;
    this.footprintDone(out);
    return outcome;
  }

  /** For mutations: a last look at a finished footprint. */
  protected footprintDone(_out: Footprint): void {}

  mark(): Mark {
    return this.#undoCount;
  }

  rewind(to: Mark): void {
    while (this.#undoCount > to) {
      const old = this.#undo[--this.#undoCount];
      this.vars[this.#undo[--this.#undoCount]] = old;
    }
  }

  stateKey(out: Uint8Array): number {
    const { vars } = this;
    if (out.length < vars.length) throw new RangeError('state key does not fit');
    let beyond = 0;
    for (let i = 0; i < vars.length; i++) {
      const value = vars[i];
      beyond |= (value + 128) & ~0xff;
      out[i] = value;
    }
    if (beyond !== 0) throw new Error('a variable is beyond a byte: keys hold bytes');
    return vars.length;
  }

  orbitKey(out: Uint8Array): number {
    return this.#orbitKeys === null ? this.stateKey(out) : this.#orbitKeys.write(this.vars, out);
  }

  /** Renames CPU c to `to[c]`, for oracles. */
  renameCpus(to: readonly number[]): void {
    if (this.#symmetry === null) throw new Error('no CPUs are alike');
    renameCpus(this.vars, this.#symmetry, to).forEach((value, variable) => {
      this.setLocal(variable, value);
    });
  }

  save(): Uint8Array {
    return new Uint8Array(this.vars.slice().buffer);
  }

  load(bytes: Uint8Array): void {
    this.#undoCount = 0;
    this.vars.set(new Int32Array(bytes.slice().buffer));
  }

  label(actor: ActorId, choice: number): StepLabel {
    const event = `actor ${actor} steps, choice ${choice}`;
    return { cpu: actor, function: '', file: '', line: 0, event };
  }

  describeBlocked(actor: ActorId): string {
    const footprint = this.#dropped;
    footprint.count = 0;
    this.next(actor, footprint);
    const cells: number[] = [];
    for (let i = 0; i < footprint.count; i++) {
      const at = i * FOOTPRINT_STRIDE;
      if ((footprint.data[at] & 0xff) === PASS) cells.push(footprint.data[at + 1]);
    }
    return `actor ${actor} waits for ${cells.join(', ')}`;
  }

  #present(actor: ActorId): boolean {
    return this.vars[this.#varCount + actor] === 0 && this.has(actor);
  }
}
