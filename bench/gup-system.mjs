// GUP-fast with interrupts off against a collapse that clears an entry, sends
// an IPI to all and waits: N walkers, one collapse, N deliveries, one shared
// access a step. A system of the explorer's interface in as few words as
// possible, so that what is measured is the search; `gup.pml` is the same
// protocol for Spin. State counts for N = 2, 3, 4: 695, 9,024, 129,505.

import {
  addToFootprint,
  BLOCKED,
  CLOSE,
  ENABLED,
  FINISHED,
  OPEN,
  PASS,
  READ,
  WRITE,
} from '../dist/explore/system.js';

const OK = { kind: 'ok' };
const violation = (site) => ({ kind: 'violation', property: 1, site });

const OFF = 0;
const READ_PMD = 1;
const READ_PTE = 2;
const GRAB = 3;
const CHECK_PMD = 4;
const CHECK_PTE = 5;
const KEEP = 6;
const UNREF = 7;
const ON = 8;
const WALKED = 9;

const CLEAR = 0;
const SEND = 1;
const WAIT = 2;
const TEST = 3;
const CLEAR_PTE = 4;
const INSTALL = 5;
const FREE = 6;
const RESTORE = 7;
const COLLAPSED = 8;

const TABLE = 1;
const HUGE = 2;

export class GupSystem {
  spaces = [{ name: 'cells', kind: 'cell' }];
  alike = [];
  #n;
  #cells;
  #log = [];
  #footprint = null;

  constructor(n) {
    this.#n = n;
    // irqs off, IPI pending, walker, seen: n each; then the shared ones.
    this.#cells = new Uint8Array(4 * n + 7);
    this.collapse = 4 * n;
    this.acks = 4 * n + 1;
    this.pmd = 4 * n + 2;
    this.pte = 4 * n + 3;
    this.freed = 4 * n + 4;
    this.refs = 4 * n + 5;
    this.kept = 4 * n + 6;
    this.reset();
  }

  reset() {
    this.#cells.fill(0);
    this.#log.length = 0;
    for (const cell of [this.pmd, this.pte, this.refs]) this.#cells[cell] = 1;
  }

  actors(out) {
    let count = 0;
    for (let actor = 0; actor <= 2 * this.#n; actor++) {
      if (this.#exists(actor)) out[count++] = actor;
    }
    return count;
  }

  #exists(actor) {
    const n = this.#n;
    if (actor < n) return this.#cells[2 * n + actor] !== WALKED;
    if (actor === n) return this.#cells[this.collapse] !== COLLAPSED;
    return this.#cells[actor - 1] !== 0;
  }

  status(actor) {
    if (!this.#exists(actor)) return FINISHED;
    return this.#allowed(actor) ? ENABLED : BLOCKED;
  }

  #allowed(actor) {
    const n = this.#n;
    if (actor > n) return this.#cells[actor - n - 1] === 0;
    return actor < n || this.#cells[this.collapse] !== WAIT || this.#cells[this.acks] === n;
  }

  must() {
    return true;
  }

  next(actor, out) {
    const mark = this.mark();
    if (this.#allowed(actor)) {
      this.take(actor, 0, out);
      this.rewind(mark);
    } else {
      out.count = 0;
      const gate = actor === this.#n ? this.acks : actor - this.#n - 1;
      addToFootprint(out, 0, PASS, gate, gate + 1);
    }
    return 1;
  }

  take(actor, _choice, out) {
    out.count = 0;
    this.#footprint = out;
    const n = this.#n;
    if (actor < n) return this.#walk(actor);
    if (actor === n) return this.#collapse();
    const cpu = actor - n - 1;
    this.#touch(PASS, cpu);
    this.#write(n + cpu, 0);
    this.#write(this.acks, this.#cells[this.acks] + 1);
    return OK;
  }

  #touch(mode, cell) {
    addToFootprint(this.#footprint, 0, mode, cell, cell + 1);
    return this.#cells[cell];
  }

  #local(cell, value) {
    this.#log.push(cell, this.#cells[cell]);
    this.#cells[cell] = value;
  }

  #write(cell, value, mode = WRITE) {
    this.#touch(mode, cell);
    this.#local(cell, value);
  }

  #walk(cpu) {
    const at = 2 * this.#n + cpu;
    const seen = at + this.#n;
    const goTo = (place) => {
      this.#local(at, place);
      return OK;
    };
    switch (this.#cells[at]) {
      case OFF:
        this.#write(cpu, 1, CLOSE);
        return goTo(READ_PMD);
      case READ_PMD:
        this.#local(seen, this.#touch(READ, this.pmd));
        return goTo(this.#cells[seen] === TABLE ? READ_PTE : ON);
      case READ_PTE:
        if (this.#touch(READ, this.freed)) return violation(READ_PTE);
        return goTo(this.#touch(READ, this.pte) ? GRAB : ON);
      case GRAB:
        this.#write(this.refs, this.#cells[this.refs] + 1);
        return goTo(CHECK_PMD);
      case CHECK_PMD:
        return goTo(this.#touch(READ, this.pmd) === this.#cells[seen] ? CHECK_PTE : UNREF);
      case CHECK_PTE:
        if (this.#touch(READ, this.freed)) return violation(CHECK_PTE);
        return goTo(this.#touch(READ, this.pte) ? KEEP : UNREF);
      case KEEP:
        this.#write(this.kept, this.#cells[this.kept] + 1);
        if (this.#touch(READ, this.pmd) === HUGE) return violation(KEEP);
        return goTo(ON);
      case UNREF:
        this.#write(this.refs, this.#cells[this.refs] - 1);
        return goTo(ON);
      default:
        this.#write(cpu, 0, OPEN);
        this.#local(seen, 0);
        return goTo(WALKED);
    }
  }

  #collapse() {
    const goTo = (place) => {
      this.#local(this.collapse, place);
      return OK;
    };
    switch (this.#cells[this.collapse]) {
      case CLEAR:
        this.#write(this.pmd, 0);
        return goTo(SEND);
      case SEND:
        for (let cpu = 0; cpu < this.#n; cpu++) this.#write(this.#n + cpu, 1);
        return goTo(WAIT);
      case WAIT:
        this.#touch(PASS, this.acks);
        return goTo(TEST);
      case TEST:
        return goTo(this.#touch(READ, this.refs) === 1 ? CLEAR_PTE : RESTORE);
      case CLEAR_PTE:
        this.#write(this.pte, 0);
        return goTo(INSTALL);
      case INSTALL:
        this.#write(this.pmd, HUGE);
        if (this.#touch(READ, this.kept) > 0) return violation(INSTALL);
        return goTo(FREE);
      case FREE:
        this.#write(this.freed, 1);
        return goTo(COLLAPSED);
      default:
        this.#write(this.pmd, TABLE);
        return goTo(COLLAPSED);
    }
  }

  mark() {
    return this.#log.length;
  }

  rewind(to) {
    const log = this.#log;
    while (log.length > to) {
      const value = log.pop();
      this.#cells[log.pop()] = value;
    }
  }

  stateKey(out) {
    out.set(this.#cells);
    return this.#cells.length;
  }

  save() {
    return this.#cells.slice();
  }

  load(bytes) {
    this.#cells.set(bytes);
    this.#log.length = 0;
  }

  label(actor) {
    return { cpu: -1, function: '', file: '', line: 0, event: `actor ${actor}` };
  }

  describeBlocked(actor) {
    return `actor ${actor} waits`;
  }

  atEnd() {
    return [];
  }
}
