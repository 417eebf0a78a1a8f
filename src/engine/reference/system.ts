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
import { CALLBACKS_PER_CPU } from '../../machine/cells.ts';
import { Machine, type MachineOptions } from '../../machine/machine.ts';
import { hexText } from '../../machine/shadow.ts';
import { INTERRUPT_LEVELS, SPACES } from '../../machine/spaces.ts';
import { Cut, UnsupportedError, Violation } from '../../machine/violation.ts';
import type { ProgramFunction } from '../../program/link.ts';
import { PROPERTIES, type Property } from '../../trace/format.ts';
import { describeStep, siteOf } from './describe.ts';
import { CONTEXT, DONE, HALTED, IDLE, RUNNING } from './frames.ts';
import { Interpreter, RUN } from './interpreter.ts';
import { Interrupts } from './interrupts.ts';
import { Spins } from './spin.ts';
import { StateKey } from './state-key.ts';

/**
 * The machine and the reference interpreter as a system to explore. Actors:
 * CPU c's own code is c, delivery of interrupts to CPU c is cpuCount + c, and
 * callback n of CPU c is 2 * cpuCount + c * CALLBACKS_PER_CPU + n. After
 * those, one per context: its oldest pending store arrives in memory; and,
 * where NMIs may strike, one per CPU. Last, per CPU, what interrupts run
 * there, by their depth: it takes steps of its own, while what was
 * interrupted stands where it stood.
 */
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
  readonly #firstDrain: number;
  readonly #firstNmi: number;
  readonly #firstInterrupt: number;
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
    this.#interrupts = new Interrupts(
      this.machine,
      this.interpreter,
      { handlerOf: (cpu) => this.#handlerActor(cpu), runningOn: (cpu) => this.#runningOn(cpu) },
      options.nmiHandlers ?? [],
    );
    this.interpreter.stateOf = () => this.#stateKey.bare();
    this.#firstDrain = 2 * this.#cpuCount + this.#cpuCount * CALLBACKS_PER_CPU;
    this.#firstNmi = this.#firstDrain + this.machine.boot;
    this.#firstInterrupt = this.#firstNmi + (options.nmiHandlers ? this.#cpuCount : 0);
    this.#probes = Array.from(
      { length: this.#firstInterrupt + this.#cpuCount * INTERRUPT_LEVELS },
      () => ({
        status: FINISHED,
        choices: 1,
        footprint: newFootprint(),
        version: 0,
      }),
    );
    for (let cpu = 0; cpu < this.#cpuCount; cpu++)
      this.machine.watch.group(this.#handlerActor(cpu), cpu);
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

  /** The context whose code an actor runs; -1 for a delivery and for a drain. */
  contextOf(actor: ActorId): number {
    if (actor < this.#cpuCount) return actor;
    if (actor >= this.#firstInterrupt)
      return Math.floor((actor - this.#firstInterrupt) / INTERRUPT_LEVELS);
    if (actor < 2 * this.#cpuCount || actor >= this.#firstDrain) return -1;
    return actor - this.#cpuCount;
  }

  /** How many interrupts deep an actor is on its context; 0 for a context's own code. */
  #depthOf(actor: ActorId): number {
    if (actor < this.#firstInterrupt) return 0;
    return ((actor - this.#firstInterrupt) % INTERRUPT_LEVELS) + 1;
  }

  /** The stream of instructions that an actor runs; -1 where it runs none. */
  #streamOf(actor: ActorId): number {
    const context = this.contextOf(actor);
    const depth = this.#depthOf(actor);
    return depth === 0 ? context : this.machine.interruptStream(context, depth);
  }

  /** The actor that can go on on a context: the others of it stand still. */
  #topOf(context: number): ActorId {
    const depth = context < this.#cpuCount ? this.interpreter.frames.interruptsOn(context) : 0;
    if (depth > 0) return this.#firstInterrupt + context * INTERRUPT_LEVELS + depth - 1;
    return context < this.#cpuCount ? context : context + this.#cpuCount;
  }

  /** The context whose stores an actor brings to memory; -1 for other actors. */
  #drainOf(actor: ActorId): number {
    const first = this.#firstDrain;
    return actor < first || actor >= this.#firstNmi ? -1 : actor - first;
  }

  /** The CPU that an actor's NMIs strike; -1 for other actors. */
  #nmiOf(actor: ActorId): number {
    return actor < this.#firstNmi || actor >= this.#firstInterrupt ? -1 : actor - this.#firstNmi;
  }

  #slotOf(actor: ActorId): number {
    return actor - 2 * this.#cpuCount;
  }

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

  #isUnfinished(actor: ActorId): boolean {
    const { machine, interpreter } = this;
    const drained = this.#drainOf(actor);
    if (drained >= 0) return machine.model.isPending(machine, drained);
    if (this.#nmiOf(actor) >= 0) return machine.nmisLeft(this.#nmiOf(actor)) > 0;
    if (actor >= this.#cpuCount && actor < 2 * this.#cpuCount)
      return machine.pendingAt(actor - this.#cpuCount) > 0;
    const context = this.contextOf(actor);
    const { frames } = interpreter;
    const status = frames.header(context, CONTEXT.status);
    if (context < this.#cpuCount) {
      const above = frames.interruptsOn(context) - this.#depthOf(actor);
      // Only its own step finishes an actor: below an interrupt that was halted all stand still.
      if (above > 0) return this.#depthOf(actor) > 0 || frames.isInterruptedCode(context);
      return above === 0 && status === RUNNING;
    }
    return (
      status === RUNNING || (status === IDLE && machine.gracePeriods.isQueued(this.#slotOf(actor)))
    );
  }

  actors(out: Uint32Array): number {
    let count = 0;
    for (let actor = 0; actor < this.#probes.length; actor++)
      if (this.#isUnfinished(actor)) out[count++] = actor;
    return count;
  }

  status(actor: ActorId): Status {
    return this.#isUnfinished(actor) ? this.#probe(actor).status : FINISHED;
  }

  must(actor: ActorId): boolean {
    return this.#nmiOf(actor) < 0;
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
      this.machine.beginStep(this.#scratch, this.#watchActor(actor), choice, true);
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
    if (probe.status === BLOCKED && !this.#isInterrupted(actor)) this.#noteGuard(actor, probe);
    const stream = this.#streamOf(actor);
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
    machine.beginStep(this.#scratch, this.#watchActor(actor), 0, false);
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

  #handlerActor(cpu: number): number {
    return this.#probes.length + cpu;
  }

  /** NMIs interrupt handlers and masked code alike: what they touch is shared as with another CPU. */
  #nmiActor(cpu: number): number {
    return this.#probes.length + this.#cpuCount + cpu;
  }

  #isInterrupted(actor: ActorId): boolean {
    const context = this.contextOf(actor);
    if (context < 0 || context >= this.#cpuCount) return false;
    return this.interpreter.frames.interruptsOn(context) > this.#depthOf(actor);
  }

  /** Who an actor is for the watch: a handler on a CPU is another than the CPU's own code. */
  #watchActor(actor: ActorId): number {
    if (this.#nmiOf(actor) >= 0) return this.#nmiActor(this.#nmiOf(actor));
    const drained = this.#drainOf(actor);
    // The store is that of what runs there, whoever brings it to memory.
    if (drained >= 0) return this.#runningOn(drained);
    return this.#depthOf(actor) > 0 ? this.#interruptActor(actor) : actor;
  }

  #interruptActor(actor: ActorId): number {
    const cpu = this.contextOf(actor);
    // An NMI is on top of all handlers.
    const isNmi = this.#depthOf(actor) > this.interpreter.frames.header(cpu, CONTEXT.handler);
    return isNmi ? this.#nmiActor(cpu) : this.#handlerActor(cpu);
  }

  #runningOn(context: number): number {
    const top = this.#topOf(context);
    return this.#depthOf(top) > 0 ? this.#interruptActor(top) : top;
  }

  /** One step's first operation (`single`) or the whole step. Returns false where its guard forbids it. */
  #operate(actor: ActorId, single: boolean): boolean {
    const context = this.contextOf(actor);
    const drained = this.#drainOf(actor);
    this.machine.context = drained >= 0 ? drained : context;
    this.machine.inHandler = this.#watchActor(actor) >= this.#probes.length;
    if (drained >= 0) {
      this.machine.model.drain(this.machine, drained);
      return true;
    }
    if (this.#nmiOf(actor) >= 0) return this.#interrupts.strike(this.#nmiOf(actor), single);
    if (context < 0) return this.#interrupts.deliver(actor - this.#cpuCount, single);
    const { frames } = this.interpreter;
    if (context >= this.#cpuCount && frames.header(context, CONTEXT.status) === IDLE)
      return this.#startCallback(context, this.#slotOf(actor), single);
    const interrupted = this.#isInterrupted(actor);
    if (interrupted) frames.expose(context, this.#depthOf(actor));
    if (single) frames.saveTop(context);
    else frames.save(context);
    if (context < this.#cpuCount) this.machine.lender = this.interpreter.lenderOf(context);
    this.machine.passControl(context, this.#depthOf(actor));
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
    machine.beginStep(out, this.#watchActor(actor), choice, false);
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
      if (this.#drainOf(actor) >= 0) machine.halt(context);
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
    const stream = this.#streamOf(actor);
    if (stream >= 0) this.#spins.addGuard(stream, out);
    const drained = this.#drainOf(actor);
    const owner = drained >= 0 ? this.#streamOf(this.#topOf(drained)) : stream;
    this.#spins.noteStep(actor, stream, owner, out, jumped);
  }

  /** The context that halts where a step of `actor` goes wrong. What it had on its way is lost with it only where that is what went wrong. */
  #blamedOn(actor: ActorId): number {
    const drained = this.#drainOf(actor);
    if (drained >= 0) {
      this.machine.setStoresDrained(drained, this.machine.storesIssued(drained));
      return drained;
    }
    if (this.#nmiOf(actor) >= 0) return this.#nmiOf(actor);
    const context = this.contextOf(actor);
    return context < 0 ? actor - this.#cpuCount : context;
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
    const context = this.contextOf(actor);
    machine.beginStep(this.#scratch, this.#watchActor(actor), choice, true);
    machine.context = context;
    const drained = this.#drainOf(actor);
    if (drained >= 0) return this.#labelDrain(drained);
    if (this.#nmiOf(actor) >= 0) {
      const { name } = this.#options.nmiHandlers![this.#nmiOf(actor)]!;
      return { cpu: this.#nmiOf(actor), function: name, file: '', line: 0, event: 'NMI' };
    }
    if (context < 0) {
      const cpu = actor - this.#cpuCount;
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
      const slot = this.#slotOf(actor);
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
    if (this.#drainOf(actor) >= 0) return 'a store is on its way to memory';
    if (this.#nmiOf(actor) >= 0) return 'an NMI waits for the one before it';
    const context = this.contextOf(actor);
    if (context < 0)
      return `an IPI to CPU ${actor - this.#cpuCount} waits for its interrupts to be on`;
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
    return this.#spins.isWaiting(this.#streamOf(this.#topOf(context)));
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
