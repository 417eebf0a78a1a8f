/** Dining philosophers, Peterson's lock for n, and the ticket lock: the steps of `peer-models/*.m`. */

import type { ActorId, Outcome } from '../../../src/explore/system.ts';
import { OK, Toy, violation } from './toy.ts';

export const MUTUAL_EXCLUSION = 1;
export const DEADLOCK = 2;

/**
 * Philosophers 0 to n - 1 who take two forks each, for ever or for a number
 * of meals. The last one takes them in the other order unless `greedy`, and
 * then all can hold one fork and wait.
 */
export class PhilosophersToy extends Toy {
  readonly #n: number;
  readonly #meals: number;
  readonly #greedy: boolean;

  /** `meals` 0: for ever. */
  constructor(n: number, { meals = 0, greedy = false }: { meals?: number; greedy?: boolean } = {}) {
    super(3 * n, n);
    this.#n = n;
    this.#meals = meals;
    this.#greedy = greedy;
  }

  protected override init(): void {}

  #fork(actor: ActorId, second: boolean): number {
    const swap = actor === this.#n - 1 && !this.#greedy;
    return second === swap ? actor : (actor + 1) % this.#n;
  }

  protected override has(actor: ActorId): boolean {
    return this.#meals === 0 || this.vars[2 * this.#n + actor] < this.#meals;
  }

  protected override allowed(actor: ActorId): boolean {
    const at = this.vars[this.#n + actor];
    return at > 1 || this.pass(this.#fork(actor, at === 1)) === 0;
  }

  protected override step(actor: ActorId): Outcome {
    const pc = this.#n + actor;
    const at = this.vars[pc];
    if (at < 2) this.close(this.#fork(actor, at === 1), 1);
    else this.open(this.#fork(actor, at === 2), 0);
    this.setLocal(pc, (at + 1) % 4);
    const meal = 2 * this.#n + actor;
    if (at === 3 && this.#meals > 0) this.setLocal(meal, this.vars[meal] + 1);
    return OK;
  }

  override atEnd(deadlocked: boolean): readonly { property: number; site: number }[] {
    return deadlocked ? [{ property: DEADLOCK, site: 0 }] : [];
  }
}

/** Peterson's filter lock; actors go round for ever. */
export class PetersonToy extends Toy {
  readonly #n: number;

  constructor(n: number) {
    super(4 * n + 2, n);
    this.#n = n;
  }

  protected override init(): void {}

  #level(actor: ActorId): number {
    return actor;
  }

  #lastAt(level: number): number {
    return this.#n + level;
  }

  /** The level that the actor tries for: its own business. */
  #wanted(actor: ActorId): number {
    return 2 * this.#n + 1 + actor;
  }

  protected override has(): boolean {
    return true;
  }

  protected override allowed(actor: ActorId): boolean {
    if (this.vars[3 * this.#n + 1 + actor] !== 3) return true;
    const wanted = this.vars[this.#wanted(actor)];
    // Every cell that decides is passed, whichever of them happens to decide now.
    let alone = true;
    for (let k = 0; k < this.#n; k++) {
      if (k !== actor && this.pass(this.#level(k)) >= wanted) alone = false;
    }
    return this.pass(this.#lastAt(wanted)) !== actor || alone;
  }

  protected override step(actor: ActorId): Outcome {
    const pc = 3 * this.#n + 1 + actor;
    const inside = 4 * this.#n + 1;
    const wanted = this.vars[this.#wanted(actor)];
    let next = this.vars[pc] + 1;
    switch (this.vars[pc]) {
      case 0:
        this.setLocal(this.#wanted(actor), 1);
        break;
      case 1:
        if (wanted < this.#n) this.set(this.#level(actor), wanted);
        else {
          this.set(inside, this.get(inside) + 1);
          if (this.vars[inside] !== 1) return violation(MUTUAL_EXCLUSION);
          next = 4;
        }
        break;
      case 2:
        this.set(this.#lastAt(wanted), actor);
        break;
      case 3:
        this.setLocal(this.#wanted(actor), wanted + 1);
        next = 1;
        break;
      case 4:
        this.set(inside, this.get(inside) - 1);
        break;
      default:
        this.set(this.#level(actor), 0);
        this.setLocal(this.#wanted(actor), 0);
        next = 0;
    }
    this.setLocal(pc, next);
    return OK;
  }
}

/** A ticket lock taken `rounds` times by each of n actors. */
export class TicketToy extends Toy {
  readonly #n: number;
  readonly #rounds: number;

  /** `alike`: say that the actors are. */
  constructor(n: number, rounds: number, { alike = false }: { alike?: boolean } = {}) {
    super(3 + 3 * n, n);
    this.#n = n;
    this.#rounds = rounds;
    if (!alike) return;
    const actors = Array.from({ length: n }, (_, actor) => actor);
    // Tickets name nobody: they are drawn anew each time.
    this.declareAlike([actors], { cpus: n, own: [3, 3 + n, 3 + 2 * n] });
  }

  protected override init(): void {}

  protected override has(actor: ActorId): boolean {
    return this.vars[3 + this.#n + actor] < this.#rounds;
  }

  protected override allowed(actor: ActorId): boolean {
    return this.vars[3 + 2 * this.#n + actor] !== 1 || this.pass(1) === this.vars[3 + actor];
  }

  protected override step(actor: ActorId): Outcome {
    const mine = 3 + actor;
    const round = 3 + this.#n + actor;
    const pc = 3 + 2 * this.#n + actor;
    switch (this.vars[pc]) {
      case 0:
        this.setLocal(mine, this.get(0));
        this.set(0, this.vars[mine] + 1);
        break;
      case 1:
        break;
      case 2:
        this.set(2, this.get(2) + 1);
        if (this.vars[2] !== 1) return violation(MUTUAL_EXCLUSION);
        break;
      case 3:
        this.set(2, this.get(2) - 1);
        break;
      default:
        this.set(1, this.get(1) + 1);
        this.setLocal(round, this.vars[round] + 1);
        this.setLocal(mine, 0);
    }
    this.setLocal(pc, (this.vars[pc] + 1) % 5);
    return OK;
  }
}
