import {
  type ActorId,
  addToFootprint,
  BLOCKED,
  ENABLED,
  FINISHED,
  FOOTPRINT_STRIDE,
  type Footprint,
  type Mark,
  newFootprint,
  type Outcome,
  type Space,
  type Status,
  type StepLabel,
  type System,
} from '../../explore/system.ts';
import { Machine, type MachineOptions } from '../../machine/machine.ts';
import { hexText } from '../../machine/shadow.ts';
import { SPACES } from '../../machine/spaces.ts';
import { Cut, UnsupportedError, Violation } from '../../machine/violation.ts';
import type { ProgramFunction } from '../../program/link.ts';
import { PROPERTIES, type Property } from '../../trace/format.ts';
import { Actors } from './actors.ts';
import { describeStep, siteOf } from './describe.ts';
import { CONTEXT, DONE, HALTED, IDLE, RUNNING } from './frames.ts';
import { Interpreter, RUN } from './interpreter.ts';
import { Interrupts } from './interrupts.ts';
import { Spins } from './spin.ts';
import { StateKey } from './state-key.ts';

/** The machine and the reference interpreter as a system to explore. `Actors` says who its actors are. */
export interface ReferenceOptions extends MachineOptions {
  readonly setup: ProgramFunction | null;
  readonly cpus: readonly ProgramFunction[];
  readonly finish: ProgramFunction | null;
  /** What an NMI runs, by CPU; null where none strikes. */
  readonly nmiHandlers?: readonly (ProgramFunction | null)[];
  /** A function whose calls do nothing: a mutation. */
  readonly without: string | null;
  readonly commutingAdds: boolean;
}

/** Visible steps of one context after which an execution is cut. No part of the state. */
const STEP_LIMIT = 5000;

interface Probe {
  status: Status;
  choices: number;
  readonly footprint: Footprint;
  version: number;
}

export class ReferenceSystem implements System {
  readonly spaces: readonly Space[] = SPACES;
  readonly alike: readonly (readonly ActorId[])[] = [];
  readonly machine: Machine;
  readonly interpreter: Interpreter;
  readonly #options: ReferenceOptions;
  readonly #cpuCount: number;
  readonly #stateKey: StateKey;
  readonly #spins: Spins;
  readonly #interrupts: Interrupts;
  readonly #actors: Actors;
  readonly #probes: Probe[];
  readonly #scratch: Footprint = newFootprint();
  readonly #sites: string[] = [];
  readonly #siteNumbers = new Map<string, number>();
  readonly #cuts: string[] = [];
  readonly #details = new Map<string, string>();
  /** The watch learnt something in a probe. */
  #mustRestart = false;
  /** Changes with every state: probes of an older one are stale. */
  #version = 1;

  /** Fails: throws `UnsupportedError` or `SetupError` where setup() itself goes wrong. */
  constructor(options: ReferenceOptions) {
    this.#options = options;
    this.#cpuCount = options.cpuCount;
    this.machine = new Machine(options);
    this.interpreter = new Interpreter(this.machine, options);
    this.#stateKey = new StateKey(this.machine, this.interpreter.frames);
    this.#spins = new Spins(this.machine, () => this.#stateKey.bare());
    this.#stateKey.spins = this.#spins;
    this.#actors = new Actors(
      this.machine,
      this.interpreter.frames,
      options.nmiHandlers !== undefined,
    );
    this.#interrupts = new Interrupts(
      this.machine,
      this.interpreter,
      this.#actors,
      options.nmiHandlers ?? [],
    );
    this.interpreter.stateOf = () => this.#stateKey.bare();
    this.#probes = Array.from({ length: this.#actors.count }, () => ({
      status: FINISHED,
      choices: 1,
      footprint: newFootprint(),
      version: 0,
    }));
    this.#runSetup();
    this.machine.words.freeze();
    this.reset();
  }

  #runSetup(): void {
    for (let context = 0; context < this.machine.contextCount; context++)
      this.interpreter.frames.clear(context);
    const { setup } = this.#options;
    if (!setup) return;
    this.machine.beginStep(this.#scratch, -1, 0, false);
    try {
      this.interpreter.start(this.machine.boot, setup, []);
      this.interpreter.run(this.machine.boot, true, false);
    } catch (error) {
      if (!(error instanceof Violation || error instanceof Cut)) throw error;
      const what = error instanceof Violation ? `${error.property}: ${error.detail}` : error.bound;
      throw new UnsupportedError(
        `setup() goes wrong at ${siteOf(this.machine, this.interpreter, this.machine.boot)}: ${what}`,
      );
    }
  }

  /* ---- names -------------------------------------------------------- */

  propertyName(property: number): Property {
    return PROPERTIES[property]!;
  }

  /** "file:line function". */
  siteName(site: number): string {
    return this.#sites[site]!;
  }

  cutName(bound: number): string {
    return this.#cuts[bound]!;
  }

  /** What went wrong at a site, in words. */
  detailOf(property: number, site: number): string {
    return this.#details.get(`${property}/${site}`) ?? '';
  }

  #siteNumber(name: string): number {
    let number = this.#siteNumbers.get(name);
    if (number === undefined) {
      number = this.#sites.push(name) - 1;
      this.#siteNumbers.set(name, number);
    }
    return number;
  }

  #noteViolation(violation: Violation, site: string): { property: number; site: number } {
    const property = PROPERTIES.indexOf(violation.property);
    const number = this.#siteNumber(site);
    this.#details.set(`${property}/${number}`, violation.detail);
    return { property, site: number };
  }

  #cutNumber(bound: string): number {
    const known = this.#cuts.indexOf(bound);
    return known >= 0 ? known : this.#cuts.push(bound) - 1;
  }

  /* ---- actors ------------------------------------------------------- */

  reset(): void {
    const { machine } = this;
    // What CPUs do before their first steps may turn out to be shared as well.
    do {
      machine.restart = false;
      this.#startAll();
    } while (machine.restart);
    this.#mustRestart = false;
  }

  #startAll(): void {
    const { machine, interpreter } = this;
    machine.words.reset();
    this.#version++;
    for (let context = 0; context < machine.contextCount; context++)
      interpreter.frames.clear(context);
    for (let cpu = 0; cpu < this.#cpuCount; cpu++) {
      interpreter.start(cpu, this.#options.cpus[cpu]!, []);
      this.#runPrefix(cpu);
    }
  }

  /**
   * What a CPU does before its first visible operation belongs to the initial
   * state. Where that goes wrong it becomes a step of its own instead, so
   * that the violation has an execution to belong to.
   */
  #runPrefix(cpu: number): void {
    const { machine, interpreter } = this;
    const mark = machine.words.mark();
    interpreter.frames.save(cpu);
    machine.beginStep(this.#scratch, cpu, 0, false);
    machine.context = cpu;
    try {
      interpreter.run(cpu, false, false);
    } catch (error) {
      if (!(error instanceof Violation || error instanceof Cut)) throw error;
      machine.words.rewind(mark);
    }
  }

  actors(out: Uint32Array): number {
    return this.#actors.list(out);
  }

  status(actor: ActorId): Status {
    return this.#actors.isUnfinished(actor) ? this.#probe(actor).status : FINISHED;
  }

  must(actor: ActorId): boolean {
    return this.#actors.nmiOf(actor) < 0;
  }

  next(actor: ActorId, out: Footprint): number {
    const probe = this.#probe(actor);
    out.count = 0;
    append(out, probe.footprint);
    return probe.choices;
  }

  /** Tries an actor's next operation out, every alternative of it, and takes it back. */
  #probe(actor: ActorId): Probe {
    const probe = this.#probes[actor]!;
    if (probe.version === this.#version) return probe;
    probe.version = this.#version;
    probe.footprint.count = 0;
    probe.choices = 1;
    probe.status = ENABLED;
    for (let choice = 0; choice < probe.choices; choice++) {
      const mark = this.machine.words.mark();
      this.machine.beginStep(this.#scratch, this.#actors.watchedAs(actor), choice, true);
      try {
        if (!this.#operate(actor, true)) probe.status = BLOCKED;
      } catch (error) {
        if (!(error instanceof Violation || error instanceof Cut)) throw error;
      }
      probe.choices = this.machine.choices;
      this.machine.words.rewind(mark);
      append(probe.footprint, this.#scratch);
    }
    // Where an interrupt is on top of it, the operation it stands at is not what waits.
    if (probe.status === BLOCKED && !this.#actors.isInterrupted(actor))
      this.#noteGuard(actor, probe);
    const stream = this.#actors.streamOf(actor);
    if (stream >= 0) {
      this.#spins.addGuard(stream, probe.footprint);
      if (this.#spins.isWaiting(stream)) probe.status = BLOCKED;
    }
    return probe;
  }

  /**
   * A guard that forbids its step is an access like any other, and it may be
   * all that a blocked actor ever does: without a note of it, a lock word that
   * one CPU holds for ever would look private. What the watch learns here has
   * no step to end in a restart, so the actor is given one.
   */
  #noteGuard(actor: ActorId, probe: Probe): void {
    const { machine } = this;
    const mark = machine.words.mark();
    machine.beginStep(this.#scratch, this.#actors.watchedAs(actor), 0, false);
    machine.waiting = true;
    machine.restart = false;
    this.#operate(actor, true);
    machine.words.rewind(mark);
    if (machine.restart) this.#mustRestart = true;
    machine.restart = false;
    // Until the restart every blocked actor has that step: a search may ask
    // again, and what was learnt is not learnt twice.
    if (this.#mustRestart) probe.status = ENABLED;
  }

  /** One step's first operation (`single`) or the whole step. Returns false where its guard forbids it. */
  #operate(actor: ActorId, single: boolean): boolean {
    const context = this.#actors.contextOf(actor);
    const drained = this.#actors.drainOf(actor);
    this.machine.context = drained >= 0 ? drained : context;
    this.machine.inHandler = this.#actors.isInterrupt(this.#actors.watchedAs(actor));
    if (drained >= 0) {
      this.machine.model.drain(this.machine, drained);
      return true;
    }
    if (this.#actors.nmiOf(actor) >= 0)
      return this.#interrupts.strike(this.#actors.nmiOf(actor), single);
    if (context < 0) return this.#interrupts.deliver(this.#actors.targetOf(actor), single);
    const { frames } = this.interpreter;
    if (context >= this.#cpuCount && frames.header(context, CONTEXT.status) === IDLE)
      return this.#startCallback(context, this.#actors.slotOf(actor), single);
    const interrupted = this.#actors.isInterrupted(actor);
    if (interrupted) frames.expose(context, this.#actors.depthOf(actor));
    if (single) frames.saveTop(context);
    else frames.save(context);
    if (context < this.#cpuCount) this.machine.lender = this.interpreter.lenderOf(context);
    this.machine.passControl(context, this.#actors.depthOf(actor));
    const forbidden = !this.machine.passHalted(context) || interrupted;
    const steps = frames.header(context, CONTEXT.steps) + 1;
    frames.setHeader(context, CONTEXT.steps, steps);
    if (steps > STEP_LIMIT) throw new Cut(`${STEP_LIMIT} steps of one CPU`);
    if (forbidden) this.#lookOnly(context);
    return !forbidden && this.interpreter.run(context, true, single) !== RUN.blocked;
  }

  /** What else a step passes that is forbidden already: it must stay the same. */
  #lookOnly(context: number): void {
    try {
      this.interpreter.run(context, true, true);
    } catch (error) {
      if (!(error instanceof Violation || error instanceof Cut)) throw error;
    }
  }

  #startCallback(context: number, slot: number, single: boolean): boolean {
    const { gracePeriods } = this.machine;
    if (!gracePeriods.passCallback(slot)) return false;
    if (gracePeriods.isBeforeStores(slot)) {
      gracePeriods.setReadersLeft(slot);
      return true;
    }
    if (single) return true;
    this.interpreter.frames.save(context);
    const { function: func, low, high, shadow } = gracePeriods.callbackOf(slot);
    this.interpreter.start(context, func, [low, high, shadow]);
    this.interpreter.run(context, false, false);
    return true;
  }

  take(actor: ActorId, choice: number, out: Footprint): Outcome {
    const { machine } = this;
    this.#version++;
    if (this.#mustRestart) {
      out.count = 0;
      return { kind: 'restart' };
    }
    machine.restart = false;
    machine.beginStep(out, this.#actors.watchedAs(actor), choice, false);
    this.interpreter.lanes.jumpedBack = false;
    try {
      if (!this.#operate(actor, false)) throw new Error(`actor ${actor} was taken while blocked`);
    } catch (error) {
      if (!(error instanceof Violation || error instanceof Cut)) throw error;
      const context = this.#blamedOn(actor);
      const site = siteOf(machine, this.interpreter, context);
      const { frames } = this.interpreter;
      // Nothing is saved yet where no code of the context has run.
      frames.save(context);
      if (this.#actors.drainOf(actor) >= 0) machine.halt(context);
      else frames.setHeader(context, CONTEXT.status, HALTED);
      if (machine.restart) return { kind: 'restart' };
      this.#noteStep(actor, out, false);
      if (error instanceof Cut)
        return { kind: 'cut', bound: this.#cutNumber(`${error.bound} (${site})`) };
      const noted = this.#noteViolation(error, site);
      frames.setHeader(context, CONTEXT.halted, noted.property + 1);
      return { kind: 'violation', ...noted };
    }
    if (machine.restart) return { kind: 'restart' };
    this.#noteStep(actor, out, this.interpreter.lanes.jumpedBack);
    return OK;
  }

  /** Also for a step that went wrong: what it did before that, others may be waiting for. */
  #noteStep(actor: ActorId, out: Footprint, jumped: boolean): void {
    const stream = this.#actors.streamOf(actor);
    if (stream >= 0) this.#spins.addGuard(stream, out);
    const drained = this.#actors.drainOf(actor);
    const owner = drained >= 0 ? this.#actors.streamOf(this.#actors.topOf(drained)) : stream;
    this.#spins.noteStep(actor, stream, owner, out, jumped);
  }

  /** The context that halts where a step of `actor` goes wrong. What it had on its way is lost with it only where that is what went wrong. */
  #blamedOn(actor: ActorId): number {
    const drained = this.#actors.drainOf(actor);
    if (drained >= 0) {
      this.machine.setStoresDrained(drained, this.machine.storesIssued(drained));
      return drained;
    }
    if (this.#actors.nmiOf(actor) >= 0) return this.#actors.nmiOf(actor);
    const context = this.#actors.contextOf(actor);
    return context < 0 ? this.#actors.targetOf(actor) : context;
  }

  mark(): Mark {
    return this.machine.words.mark();
  }

  undoBytes(): number {
    return this.machine.words.longestBytes;
  }

  rewind(to: Mark): void {
    this.#version++;
    this.machine.words.rewind(to);
  }

  stateKey(out: Uint8Array): number {
    return this.#stateKey.write(out);
  }

  /** Only between systems made alike that have run as far: what is visible is part of neither. */
  save(): Uint8Array {
    return this.#stateKey.save();
  }

  load(bytes: Uint8Array): void {
    this.#version++;
    this.#stateKey.load(bytes);
  }

  label(actor: ActorId, choice: number): StepLabel {
    const { machine, interpreter } = this;
    const context = this.#actors.contextOf(actor);
    machine.beginStep(this.#scratch, this.#actors.watchedAs(actor), choice, true);
    machine.context = context;
    const drained = this.#actors.drainOf(actor);
    if (drained >= 0) return this.#labelDrain(drained);
    if (this.#actors.nmiOf(actor) >= 0) {
      const { name } = this.#options.nmiHandlers![this.#actors.nmiOf(actor)]!;
      return { cpu: this.#actors.nmiOf(actor), function: name, file: '', line: 0, event: 'NMI' };
    }
    if (context < 0) {
      const cpu = this.#actors.targetOf(actor);
      const senders = machine.pendingSenders(cpu);
      return {
        cpu,
        function: '',
        file: '',
        line: 0,
        event: `interrupt: IPI from CPU ${senders.join(', CPU ')} handled`,
      };
    }
    if (context >= this.#cpuCount && interpreter.frames.header(context, CONTEXT.status) === IDLE) {
      const slot = this.#actors.slotOf(actor);
      const { function: func } = machine.gracePeriods.callbackOf(slot);
      const more = machine.gracePeriods.isBeforeStores(slot);
      return {
        cpu: -1,
        function: func.name,
        file: '',
        line: 0,
        event: more
          ? `readers have left, before RCU calls ${func.name}`
          : `grace period over: RCU calls ${func.name}`,
      };
    }
    const described = describeStep(machine, interpreter, context);
    return { cpu: context < this.#cpuCount ? context : -1, ...described };
  }

  #labelDrain(context: number): StepLabel {
    const { machine } = this;
    const { at, low, high, answers } = machine.model.oldest(machine, context)!;
    const event =
      answers < 0
        ? `store reaches memory: ${machine.space.nameOf(at)} = ${hexText(low, high)}`
        : `answer reaches CPU ${answers}`;
    const cpu = context < this.#cpuCount ? context : -1;
    return { cpu, function: '', file: '', line: 0, event };
  }

  describeBlocked(actor: ActorId): string {
    if (this.#actors.drainOf(actor) >= 0) return 'a store is on its way to memory';
    if (this.#actors.nmiOf(actor) >= 0) return 'an NMI waits for the one before it';
    const context = this.#actors.contextOf(actor);
    if (context < 0)
      return `an IPI to CPU ${this.#actors.targetOf(actor)} waits for its interrupts to be on`;
    if (this.interpreter.frames.header(context, CONTEXT.status) === IDLE)
      return 'an RCU callback waits for readers';
    const { function: func, file, line, event } = this.label(actor, 0);
    if (this.#isCircling(context)) {
      return `CPU ${this.machine.cpuOf(context)} loops for ever in ${func} (${file}:${line}): ${event}`;
    }
    return `CPU ${this.machine.cpuOf(context)} waits in ${func} (${file}:${line}): ${event}`;
  }

  /** Per CPU, who sent the interrupts that are pending there. */
  pendingInterrupts(): number[][] {
    return Array.from({ length: this.#cpuCount }, (_, cpu) => this.machine.pendingSenders(cpu));
  }

  /** Source locks held by a CPU, as traces name them. */
  heldLocks(cpu: number): string[] {
    return this.machine.heldLocks(cpu, true).map((at) => this.machine.space.nameOf(at));
  }

  irqsOff(cpu: number): boolean {
    return this.machine.irqsOff(cpu);
  }

  atEnd(deadlocked: boolean): readonly { readonly property: number; readonly site: number }[] {
    const { frames } = this.interpreter;
    const stuck: string[] = [];
    let allDone = true;
    for (let cpu = 0; cpu < this.#cpuCount; cpu++) {
      if (frames.header(cpu, CONTEXT.status) !== DONE) allDone = false;
      if (frames.header(cpu, CONTEXT.status) === RUNNING) stuck.push(this.describeBlocked(cpu));
    }
    if (deadlocked) return [this.#stuck(stuck)];
    return allDone ? this.#runFinish() : [];
  }

  /** Whether what runs on a context only goes round in a loop that waits. */
  #isCircling(context: number): boolean {
    return this.#spins.isWaiting(this.#actors.streamOf(this.#actors.topOf(context)));
  }

  /** Nobody can go on. Where all that are left run in circles it is a livelock: each would go on for ever, and get nowhere. */
  #stuck(reasons: readonly string[]): { property: number; site: number } {
    const cpus = [...Array(this.#cpuCount).keys()].filter(
      (cpu) => this.interpreter.frames.header(cpu, CONTEXT.status) === RUNNING,
    );
    const circling = cpus.length > 0 && cpus.every((cpu) => this.#isCircling(cpu));
    const violation = new Violation(circling ? 'livelock' : 'deadlock', reasons.join('; '));
    return this.#noteViolation(violation, siteOf(this.machine, this.interpreter, cpus[0] ?? 0));
  }

  /** What finish() requires. It runs alone, and is taken back. */
  #runFinish(): { property: number; site: number }[] {
    const { finish } = this.#options;
    if (!finish) return [];
    const { machine, interpreter } = this;
    const { boot } = machine;
    const mark = machine.words.mark();
    machine.beginStep(this.#scratch, -1, 0, false);
    interpreter.frames.clear(boot);
    try {
      interpreter.start(boot, finish, []);
      interpreter.run(boot, true, false);
      return [];
    } catch (error) {
      if (!(error instanceof Violation || error instanceof Cut)) throw error;
      const site = siteOf(machine, interpreter, boot);
      if (error instanceof Cut)
        throw new UnsupportedError(`finish() goes wrong at ${site}: ${error.bound}`);
      return [this.#noteViolation(error, site)];
    } finally {
      interpreter.frames.clear(boot);
      machine.words.rewind(mark);
    }
  }
}

const OK: Outcome = { kind: 'ok' };

function append(out: Footprint, more: Footprint): void {
  for (let i = 0; i < more.count; i++) {
    const at = i * FOOTPRINT_STRIDE;
    addToFootprint(
      out,
      more.data[at]! >>> 8,
      more.data[at]! & 0xff,
      more.data[at + 1]!,
      more.data[at + 2]!,
    );
  }
}
