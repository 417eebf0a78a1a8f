import { expect, it } from 'vitest';
import { Toy } from '../../test/explore/toys/toy.ts';
import { exploreStateless } from './dpor.ts';
import { rehearse } from './rehearse.ts';
import type { Footprint, Outcome } from './system.ts';
import { newFootprint, READ, WRITE } from './system.ts';

const OK: Outcome = { kind: 'ok' };

/** Each actor adds to two counters, one after the other; a counter counts as private until two have been there. */
class LearningToy extends Toy {
  readonly #shared = [false, false];
  readonly #toucher = [-1, -1];
  #taken = false;
  constructor() {
    super(4, 2);
  }
  protected override init(): void {}
  override take(actor: number, choice: number, out: Footprint): Outcome {
    this.#taken = true;
    const outcome = super.take(actor, choice, out);
    this.#taken = false;
    return outcome;
  }
  protected override has(actor: number): boolean {
    return this.vars[2 + actor] < 2;
  }
  protected override allowed(): boolean {
    return true;
  }
  protected override step(actor: number): Outcome {
    const counter = this.vars[2 + actor];
    this.setLocal(2 + actor, counter + 1);
    this.setLocal(counter, this.vars[counter] + 1);
    if (this.#shared[counter]) {
      this.touch(0, READ, counter);
      this.touch(0, WRITE, counter);
    } else if (this.#taken) {
      if (this.#toucher[counter] === 1 - actor) this.#shared[counter] = true;
      this.#toucher[counter] = actor;
      if (this.#shared[counter]) return { kind: 'restart' };
    }
    return OK;
  }
}

it('learns what the search would have begun again for, and leaves no trace else', async () => {
  const system = new LearningToy();
  expect(rehearse(system)).toBe(2);
  expect(rehearse(system)).toBe(0);
  const footprint = newFootprint();
  system.next(0, footprint);
  expect(footprint.count).toBe(2);
  const after = await exploreStateless(system);
  const other = new LearningToy();
  let restarts = 0;
  let plain = await exploreStateless(other);
  for (; plain.kind === 'restart'; restarts++) plain = await exploreStateless(other);
  expect(restarts).toBe(2);
  expect(after).toMatchObject({ kind: 'complete', executions: plain.executions });
  expect(after.transitions).toBe(plain.transitions);
});

it('ends where executions do not', () => {
  class Endless extends Toy {
    constructor() {
      super(1, 2);
    }
    protected override init(): void {}
    protected override has(): boolean {
      return true;
    }
    protected override allowed(): boolean {
      return true;
    }
    protected override step(): Outcome {
      return OK;
    }
  }
  expect(rehearse(new Endless())).toBe(0);
});
