/**
 * N lockless walkers with interrupts off against one collapse. `GupToy` has
 * interrupts as machine state and the steps of `peer-models/gup.m` (state
 * counts 695, 9,024, 129,505); `GupPlainToy` has them as plain memory and an
 * await, as C checkers see it in `peer-models/gup.c` (executions 57, 1,014,
 * 31,825; with commuting adds 36, 216).
 */

import type { ActorId, Outcome } from '../../../src/explore/system.ts';
import { OK, Toy, violation } from './toy.ts';

export const USE_AFTER_FREE = 1;
export const LOST_PIN = 2;

/** Program counters of a walker. */
const W = {
  irqOff: 0,
  readPmd: 1,
  readPte: 2,
  grab: 3,
  checkPmd: 4,
  checkPte: 5,
  keep: 6,
  unref: 7,
  out: 8,
  done: 9,
} as const;

/** Program counters of the collapse. */
const C = {
  clear: 0,
  post: 1,
  wait: 2,
  test: 3,
  clearPte: 4,
  huge: 5,
  free: 6,
  restore: 7,
  done: 8,
} as const;

export interface GupOptions {
  /** The interrupt that waits for walkers; without it they are run over. */
  readonly sync?: boolean;
  /** Say that the walkers' CPUs are alike. */
  readonly alike?: boolean;
}

/** Actors: walkers 0 to n - 1, the collapse n, deliveries n + 1 to 2n. */
export class GupToy extends Toy {
  readonly #n: number;
  readonly #sync: boolean;
  // Variables.
  readonly #irqOff: number = 0;
  readonly #ipi: number;
  readonly #walker: number;
  readonly #seen: number;
  readonly #collapse: number;
  readonly #acks: number;
  readonly #pmd: number;
  readonly #pte: number;
  readonly #freed: number;
  readonly #ref: number;
  readonly #kept: number;

  constructor(n: number, { sync = true, alike = false }: GupOptions = {}) {
    super(4 * n + 7, 2 * n + 1);
    this.#n = n;
    this.#sync = sync;
    this.#ipi = n;
    this.#walker = 2 * n;
    this.#seen = 3 * n;
    this.#collapse = 4 * n;
    this.#acks = 4 * n + 1;
    this.#pmd = 4 * n + 2;
    this.#pte = 4 * n + 3;
    this.#freed = 4 * n + 4;
    this.#ref = 4 * n + 5;
    this.#kept = 4 * n + 6;
    if (!alike) return;
    const cpus = Array.from({ length: n }, (_, cpu) => cpu);
    const own = [this.#irqOff, this.#ipi, this.#walker, this.#seen];
    this.declareAlike([cpus, cpus.map((cpu) => n + 1 + cpu)], { cpus: n, own });
  }

  protected override init(): void {
    this.vars[this.#pmd] = 1;
    this.vars[this.#pte] = 1;
    this.vars[this.#ref] = 1;
  }

  protected override has(actor: ActorId): boolean {
    if (actor < this.#n) return this.vars[this.#walker + actor] !== W.done;
    if (actor === this.#n) return this.vars[this.#collapse] !== C.done;
    return this.vars[this.#ipi + actor - this.#n - 1] !== 0;
  }

  protected override allowed(actor: ActorId): boolean {
    if (actor < this.#n) return true;
    if (actor > this.#n) return this.pass(this.#irqOff + actor - this.#n - 1) === 0;
    return this.vars[this.#collapse] !== C.wait || this.pass(this.#acks) === this.#n;
  }

  protected override step(actor: ActorId): Outcome {
    if (actor < this.#n) return this.#walk(actor);
    if (actor === this.#n) return this.#collapseStep();
    this.set(this.#ipi + actor - this.#n - 1, 0);
    // Not an update that commutes: the wait passes it, and one class would be enough for both.
    this.set(this.#acks, this.get(this.#acks) + 1);
    return OK;
  }

  #goTo(pc: number, where: number): Outcome {
    this.setLocal(pc, where);
    return OK;
  }

  #walk(cpu: number): Outcome {
    const pc = this.#walker + cpu;
    switch (this.vars[pc]) {
      case W.irqOff:
        this.close(this.#irqOff + cpu, 1);
        return this.#goTo(pc, W.readPmd);
      case W.readPmd:
        this.setLocal(this.#seen + cpu, this.get(this.#pmd));
        return this.#goTo(pc, this.vars[this.#seen + cpu] === 1 ? W.readPte : W.out);
      case W.readPte:
        if (this.get(this.#freed)) return violation(USE_AFTER_FREE, W.readPte);
        return this.#goTo(pc, this.get(this.#pte) ? W.grab : W.out);
      case W.grab:
        this.add(this.#ref, 1);
        return this.#goTo(pc, W.checkPmd);
      case W.checkPmd:
        return this.#goTo(
          pc,
          this.get(this.#pmd) !== this.vars[this.#seen + cpu] ? W.unref : W.checkPte,
        );
      case W.checkPte:
        if (this.get(this.#freed)) return violation(USE_AFTER_FREE, W.checkPte);
        return this.#goTo(pc, this.get(this.#pte) ? W.keep : W.unref);
      case W.unref:
        this.add(this.#ref, -1);
        return this.#goTo(pc, W.out);
      case W.keep:
        this.add(this.#kept, 1);
        if (this.get(this.#pmd) === 2) return violation(LOST_PIN, W.keep);
        return this.#goTo(pc, W.out);
      default:
        this.open(this.#irqOff + cpu, 0);
        this.setLocal(this.#seen + cpu, 0);
        return this.#goTo(pc, W.done);
    }
  }

  #collapseStep(): Outcome {
    const pc = this.#collapse;
    switch (this.vars[pc]) {
      case C.clear:
        this.set(this.#pmd, 0);
        return this.#goTo(pc, this.#sync ? C.post : C.test);
      case C.post:
        for (let cpu = 0; cpu < this.#n; cpu++) this.set(this.#ipi + cpu, 1);
        return this.#goTo(pc, C.wait);
      case C.wait:
        return this.#goTo(pc, C.test);
      case C.test:
        return this.#goTo(pc, this.get(this.#ref) === 1 ? C.clearPte : C.restore);
      case C.clearPte:
        this.set(this.#pte, 0);
        return this.#goTo(pc, C.huge);
      case C.huge:
        this.set(this.#pmd, 2);
        if (this.get(this.#kept) > 0) return violation(LOST_PIN, 100 + C.huge);
        return this.#goTo(pc, C.free);
      case C.free:
        this.set(this.#freed, 1);
        return this.#goTo(pc, C.done);
      default:
        this.set(this.#pmd, 1);
        return this.#goTo(pc, C.done);
    }
  }
}

/** Actors: walkers 0 to n - 1, the collapse n. One shared access a step. */
export class GupPlainToy extends Toy {
  readonly #n: number;
  readonly #commute: boolean;
  readonly #pcs: number;
  readonly #pmd: number;
  readonly #pte: number;
  readonly #freed: number;
  readonly #ref: number;
  readonly #kept: number;

  /** `commute`: additions whose result is unused commute. */
  constructor(n: number, { commute = false }: { commute?: boolean } = {}) {
    super(2 * n + 6, n + 1);
    this.#n = n;
    this.#commute = commute;
    this.#pcs = n;
    this.#pmd = 2 * n + 1;
    this.#pte = 2 * n + 2;
    this.#freed = 2 * n + 3;
    this.#ref = 2 * n + 4;
    this.#kept = 2 * n + 5;
  }

  protected override init(): void {
    this.vars[this.#pmd] = 1;
    this.vars[this.#pte] = 1;
    this.vars[this.#ref] = 1;
  }

  protected override has(actor: ActorId): boolean {
    return this.vars[this.#pcs + actor] !== 99;
  }

  protected override allowed(actor: ActorId): boolean {
    const pc = this.vars[this.#pcs + actor];
    if (actor < this.#n || pc === 0 || pc > this.#n) return true;
    return this.pass(pc - 1) === 0;
  }

  protected override step(actor: ActorId): Outcome {
    return actor < this.#n ? this.#walk(actor) : this.#collapse();
  }

  #addTo(variable: number, amount: number): void {
    if (this.#commute) this.add(variable, amount);
    else this.set(variable, this.get(variable) + amount);
  }

  #walk(cpu: number): Outcome {
    const pc = this.#pcs + cpu;
    const goTo = (where: number): Outcome => {
      this.setLocal(pc, where);
      return OK;
    };
    switch (this.vars[pc]) {
      case 0:
        this.set(cpu, 1);
        return goTo(1);
      case 1:
        return goTo(this.get(this.#pmd) === 1 ? 2 : 10);
      case 2:
        return this.get(this.#freed) ? violation(USE_AFTER_FREE, 2) : goTo(3);
      case 3:
        return goTo(this.get(this.#pte) ? 4 : 10);
      case 4:
        this.#addTo(this.#ref, 1);
        return goTo(5);
      case 5:
        return goTo(this.get(this.#pmd) === 1 ? 6 : 11);
      case 6:
        return this.get(this.#freed) ? violation(USE_AFTER_FREE, 6) : goTo(7);
      case 7:
        return goTo(this.get(this.#pte) ? 8 : 11);
      case 8:
        this.#addTo(this.#kept, 1);
        return goTo(9);
      case 9:
        return this.get(this.#pmd) === 2 ? violation(LOST_PIN, 9) : goTo(10);
      case 11:
        this.#addTo(this.#ref, -1);
        return goTo(10);
      default:
        this.set(cpu, 0);
        return goTo(99);
    }
  }

  #collapse(): Outcome {
    const pc = this.#pcs + this.#n;
    const at = this.vars[pc];
    const goTo = (where: number): Outcome => {
      this.setLocal(pc, where);
      return OK;
    };
    if (at === 0) this.set(this.#pmd, 0);
    if (at <= this.#n) return goTo(at + 1);
    switch (at - this.#n) {
      case 1:
        return goTo(this.#n + (this.get(this.#ref) === 1 ? 2 : 6));
      case 2:
        this.set(this.#pte, 0);
        return goTo(this.#n + 3);
      case 3:
        this.set(this.#pmd, 2);
        return goTo(this.#n + 4);
      case 4:
        if (this.get(this.#kept) !== 0) return violation(LOST_PIN, 104);
        return goTo(this.#n + 5);
      case 5:
        this.set(this.#freed, 1);
        return goTo(99);
      default:
        this.set(this.#pmd, 1);
        return goTo(99);
    }
  }
}
