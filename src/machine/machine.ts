import { CLOSE, OPEN, PASS, READ, WRITE } from '../explore/system.ts';
import type { Program, ProgramFunction } from '../program/link.ts';
import { type Arch, PAGE_SIZE } from './arch/arch.ts';
import {
  BUFFER_ENTRIES,
  BUFFER_OPENS,
  BUFFER_WORDS,
  CALLBACKS_PER_CPU,
  CONTEXT_WORDS,
  HELD_LOCKS,
  HELD_SHARED,
  PENDING,
  PENDING_WORDS,
  SPIN_COUNTS,
  type SpinCount,
  streamCount,
} from './cells.ts';
import { GracePeriods } from './grace-periods.ts';
import type { KernelLayout } from './kernel-layout.ts';
import { Memory } from './memory.ts';
import type { MemoryModel } from './memory-model/memory-model.ts';
import type { MachineMutation } from './mutation.ts';
import type { Platform } from './platform/platform.ts';
import { Rounds } from './rounds.ts';
import { SecondaryMmus } from './secondary-mmus.ts';
import { controlCell, INTERRUPT_LEVELS, SPACE } from './spaces.ts';
import { LOADED, Tlbs } from './tlb.ts';
import { Cut, NotOneStep, UnsupportedError, Violation } from './violation.ts';

/**
 * The multiprocessor: interrupts, preemption, RCU, locks and the hypervisor
 * on top of memory. The engines run code on this; the explorer sees neither.
 */

export interface MachineOptions {
  readonly arch: Arch;
  readonly platform: Platform;
  readonly model: MemoryModel;
  readonly program: Program;
  readonly layout: KernelLayout;
  readonly cpuCount: number;
  /** vCPU preemptions that the platform may choose, in all. */
  readonly preemptions: number;
  /** NMIs that may strike each CPU. */
  readonly nmis?: readonly number[];
  /** Test-only. */
  readonly mutation?: MachineMutation;
  /** Test-only: handlers are always code, nothing is lent to them, and masking makes nothing private. */
  readonly plainHandlers?: boolean;
}

/** What is kept of the calls to a CPU: two were in its queue at once; another CPU could notice a handler. */
const CROWDED = 1;
const NOTICED = 2;

export interface PendingInterrupt {
  readonly sender: number;
  readonly waited: boolean;
  /** Its sender is a CPU's own code that waits: what the handler reads counts as read by that code. */
  readonly lent: boolean;
  /** Null for a handler of the machine's own, which only acknowledges. */
  readonly function: ProgramFunction | null;
  readonly argumentLow: number;
  readonly argumentHigh: number;
  readonly argumentShadow: number;
}

export class Machine extends Memory {
  readonly platform: Platform;
  readonly model: MemoryModel;
  readonly boot: number;
  readonly tlbs: Tlbs;
  readonly secondaryMmus: SecondaryMmus;
  /** What executions cost in IPIs. */
  readonly rounds: Rounds;
  readonly gracePeriods: GracePeriods;
  readonly #preemptions: number;
  /** Per CPU, what executions have shown of its queue and its handlers. Only grows. */
  readonly #handlersSeen: Uint8Array;
  /** Preemption count, RCU nesting and interrupt flag of a CPU before the handler under way. */
  #atEntry: readonly number[] = [];

  constructor(options: MachineOptions) {
    const contextCount = options.cpuCount * (1 + CALLBACKS_PER_CPU) + 1;
    if (contextCount > 31) {
      throw new UnsupportedError(`${options.cpuCount} CPUs are more than the machine has room for`);
    }
    super({ ...options, contextCount });
    this.platform = options.platform;
    this.model = options.model;
    this.boot = contextCount - 1;
    this.#preemptions = options.preemptions;
    this.tlbs = new Tlbs(this, this.cells.tlb);
    this.secondaryMmus = new SecondaryMmus(this, this.cells.secondary);
    this.gracePeriods = new GracePeriods(this, this.cells);
    this.rounds = new Rounds(this.words, this.cells.rounds);
    this.#handlersSeen = new Uint8Array(options.cpuCount);
    if (options.plainHandlers)
      for (let cpu = 0; cpu < options.cpuCount; cpu++) this.watch.reveal(this.places.control + cpu);
    this.words.at[this.cells.budget] = options.preemptions;
    for (const [cpu, count] of options.nmis?.entries() ?? [])
      this.words.at[this.cells.nmi + cpu * 2] = count;
  }

  /** What is added to a per-CPU variable's address to get a CPU's copy. */
  perCpuOffset(cpu: number): bigint {
    return BigInt((cpu + 1) * this.program.target.perCpuStride);
  }

  /** Streams of instructions: a context's own, by its number; then each CPU's interrupts, by their depth. */
  get streamCount(): number {
    return streamCount(this.cpuCount, this.boot + 1);
  }

  /** The stream of an interrupt on a CPU, the `level`th from below; 1 for the lowest. */
  interruptStream(cpu: number, level: number): number {
    return this.boot + 1 + cpu * INTERRUPT_LEVELS + level - 1;
  }

  contextAt(context: number): number {
    return this.cells.contexts + context * CONTEXT_WORDS;
  }

  /** The CPU a context belongs to: a callback runs on the CPU that queued it. */
  cpuOf(context: number): number {
    if (context < this.cpuCount) return context;
    if (context === this.boot) return 0;
    return Math.floor((context - this.cpuCount) / CALLBACKS_PER_CPU);
  }

  /* ---- interrupts --------------------------------------------------- */

  irqsOff(context: number): boolean {
    return this.words.at[this.cells.irqOff + context] !== 0;
  }

  /** cli and sti. A step only where the flag changes and somebody sends interrupts here; a reader of RCU may begin or end with it. */
  setIrqsOff(context: number, off: boolean): void {
    if (this.irqsOff(context) === off) return;
    if (this.noticed >= 0) throw new NotOneStep('turns interrupts on');
    if (!off && context < this.cpuCount && this.words.at[this.cells.nmi + context * 2 + 1] !== 0)
      throw new Violation('bug', 'an NMI handler turns interrupts on');
    if (
      this.actor >= 0 &&
      context < this.cpuCount &&
      this.watch.isVisible(this.places.irq + context)
    )
      this.record(SPACE.irq, off ? CLOSE : OPEN, context);
    this.#changeReader(context, () => this.words.set(this.cells.irqOff + context, off ? 1 : 0));
  }

  /** Sends an interrupt. The receiver's flag, and where its code stands, become visible with it. */
  send(
    target: number,
    sender: number,
    func: ProgramFunction | null,
    low: number,
    high: number,
    shadow: number,
    waited: boolean,
  ): void {
    this.reveal(this.places.irq + target);
    this.record(SPACE.pending, WRITE, target);
    if (waited) {
      this.rounds.begin(sender, () => this.holdsPageTableLock(sender));
      this.record(SPACE.acked, CLOSE, sender * 64 + target);
      this.words.set(
        this.cells.missing + sender,
        this.words.at[this.cells.missing + sender]! | (1 << target),
      );
    }
    const queue = this.cells.pending + target * (1 + PENDING * PENDING_WORDS);
    const count = this.words.at[queue]!;
    if (count === PENDING) throw new Cut(`more than ${PENDING} interrupts pending at one CPU`);
    if (count > 0) this.#noteHandlers(target, CROWDED);
    const entry = queue + 1 + count * PENDING_WORDS;
    const answered = waited || this.mutation === 'loans-for-nothing';
    const lent = answered && sender < this.cpuCount && !this.inHandler && !this.plainHandlers;
    if (lent) this.words.set(this.cells.lending + sender, 1);
    const words = [
      sender,
      (waited ? 1 : 0) | (lent ? 2 : 0),
      func === null ? 0 : func.index + 1,
      low,
      high,
      shadow,
    ];
    words.forEach((value, i) => {
      this.words.set(entry + i, value);
    });
    this.words.set(queue, count + 1);
  }

  /** The IPI of a TLB flush that is the platform's own: the TLB is flushed as it is taken. */
  sendFlush(target: number, sender: number): void {
    if (this.mutation === 'flush-skips-a-cpu' && target === 1) return;
    this.send(target, sender, null, 0, 0, 0, true);
  }

  pendingAt(target: number): number {
    return this.words.at[this.cells.pending + target * (1 + PENDING * PENDING_WORDS)]!;
  }

  /** Who sent what is pending, for traces. */
  pendingSenders(target: number): number[] {
    const queue = this.cells.pending + target * (1 + PENDING * PENDING_WORDS);
    return Array.from(
      { length: this.words.at[queue]! },
      (_, i) => this.words.at[queue + 1 + i * PENDING_WORDS]!,
    );
  }

  /** Takes the whole queue, as the kernel's handler does. */
  takePending(target: number): PendingInterrupt[] {
    this.record(SPACE.pending, WRITE, target);
    const queue = this.cells.pending + target * (1 + PENDING * PENDING_WORDS);
    const found: PendingInterrupt[] = [];
    for (let i = 0; i < this.words.at[queue]!; i++) {
      const entry = queue + 1 + i * PENDING_WORDS;
      const word = (k: number): number => this.words.at[entry + k]!;
      found.push({
        sender: word(0),
        waited: (word(1) & 1) === 1,
        lent: (word(1) & 2) === 2,
        function: word(2) === 0 ? null : this.program.functions[word(2) - 1]!,
        argumentLow: word(3),
        argumentHigh: word(4),
        argumentShadow: word(5),
      });
      for (let k = 0; k < PENDING_WORDS; k++) this.words.set(entry + k, 0);
    }
    this.words.set(queue, 0);
    // Before its turn in the queue, where others run code: what may be cached is more then, not less.
    if (found.some((one) => one.function === null)) this.tlbs.flush(target, LOADED);
    return found;
  }

  /** The guard of a delivery. */
  passIrq(target: number): boolean {
    if (this.mutation !== 'no-irq-guard') this.record(SPACE.irq, PASS, target);
    return !this.irqsOff(target);
  }

  acknowledge(sender: number, target: number): void {
    this.record(SPACE.acked, OPEN, sender * 64 + target);
    this.words.set(
      this.cells.missing + sender,
      this.words.at[this.cells.missing + sender]! & ~(1 << target),
    );
  }

  /** The sender has waited for its calls: what it lent to handlers is its own again. */
  endLoan(sender: number): void {
    this.words.set(this.cells.lending + sender, 0);
  }

  /** The guard of a wait for acknowledgements. */
  passAcked(sender: number, targets: number): boolean {
    for (let target = 0; target < this.cpuCount; target++) {
      if (targets & (1 << target) && this.mutation !== 'no-ack-guard')
        this.record(SPACE.acked, PASS, sender * 64 + target);
    }
    if ((this.words.at[this.cells.missing + sender]! & targets) !== 0) return false;
    this.rounds.end(sender);
    return true;
  }

  /**
   * A handler that other CPUs can notice is one step only where it is alone
   * in the queue of its CPU: a call that is sent between the interrupt and
   * what is noticed would be taken with it, and its handler run with no code
   * of the CPU in between; and a sender that has its answer would wait for
   * the handlers behind it.
   */
  #noteHandlers(cpu: number, what: number): void {
    if (this.actor < 0 || this.dry) return;
    const known = (this.#handlersSeen[cpu]! |= what);
    if (known === (CROWDED | NOTICED) && this.mutation !== 'crowded-handlers-in-one-step')
      this.reveal(this.places.control + cpu);
  }

  /** Whether handlers of a CPU that run code are steps of their own. */
  areHandlersSplit(cpu: number): boolean {
    return this.watch.isVisible(this.places.control + cpu);
  }

  /** Whether interrupts that are steps of their own may come upon a context. */
  isInterruptible(context: number): boolean {
    return context < this.cpuCount && this.areHandlersSplit(context);
  }

  splitHandlers(cpu: number): void {
    this.reveal(this.places.control + cpu);
  }

  /** Runs a CPU's handlers in the step under way: interrupts are off, and nobody begins or ends to be a reader by it. */
  enterOneStep(cpu: number): void {
    this.#atEntry = [this.preemptCount(cpu), this.rcuNest(cpu), this.irqsOff(cpu) ? 1 : 0];
    this.words.set(this.cells.irqOff + cpu, 1);
    this.noticed = 0;
  }

  leaveOneStep(cpu: number): void {
    const [preempt, rcu, irq] = this.#atEntry;
    if (this.preemptCount(cpu) !== preempt || this.rcuNest(cpu) !== rcu)
      throw new NotOneStep('ends as another reader than it began');
    if (this.noticed > 0) this.#noteHandlers(cpu, NOTICED);
    this.noticed = -1;
    // Where interrupts are off this is a look at what delivery would do.
    this.words.set(this.cells.irqOff + cpu, irq!);
  }

  /** NMIs that may still strike a CPU. */
  nmisLeft(cpu: number): number {
    return this.words.at[this.cells.nmi + cpu * 2]!;
  }

  /** The guard of an NMI: none is under way there. */
  passNmi(cpu: number): boolean {
    this.record(SPACE.nmi, PASS, cpu);
    return this.words.at[this.cells.nmi + cpu * 2 + 1] === 0;
  }

  enterNmi(cpu: number): void {
    this.record(SPACE.nmi, CLOSE, cpu);
    this.words.set(this.cells.nmi + cpu * 2, this.nmisLeft(cpu) - 1);
    this.words.set(this.cells.nmi + cpu * 2 + 1, 1);
  }

  leaveNmi(cpu: number): void {
    this.record(SPACE.nmi, OPEN, cpu);
    this.words.set(this.cells.nmi + cpu * 2 + 1, 0);
  }

  /** An interrupt that runs code: what runs on the CPU, itself `depth` interrupts deep, stands still. */
  closeControl(cpu: number, depth: number): void {
    this.reveal(this.places.control + cpu);
    for (let below = 0; below < depth; below++)
      this.record(SPACE.control, READ, controlCell(cpu, below));
    this.record(SPACE.control, CLOSE, controlCell(cpu, depth));
    // It makes a reader of the CPU where that was none, and touches nothing of that where it was one.
    if (this.actor >= 0 && this.watch.isVisible(this.places.rcu))
      this.record(SPACE.reader, READ, cpu);
  }

  /** Its return: what it interrupted, `depth` interrupts deep, goes on. */
  openControl(cpu: number, depth: number): void {
    this.record(SPACE.control, OPEN, controlCell(cpu, depth));
  }

  /**
   * The guard of what runs on a CPU whose handlers run code: no interrupt is
   * on top of it. An interrupt looks at what brought it about as well, which
   * is all that orders its first step after that.
   */
  passControl(cpu: number, depth: number): void {
    if (this.mutation === 'no-control') return;
    if (!this.isInterruptible(cpu)) return;
    if (depth > 0) this.record(SPACE.control, READ, controlCell(cpu, depth - 1));
    this.record(SPACE.control, PASS, controlCell(cpu, depth));
  }

  /**
   * A store that arrives where it must not halts its context, which has gone
   * on meanwhile. Only an actor's own step may finish it, so from then on its
   * next step is forbidden, for ever.
   */
  closeHalted(context: number): void {
    this.reveal(this.places.halted + context);
    this.record(SPACE.halted, CLOSE, context);
  }

  halt(context: number): void {
    this.words.set(this.cells.halted + context, 1);
  }

  /** The guard of a context's steps, where some store has ever halted it. */
  passHalted(context: number): boolean {
    if (this.watch.isVisible(this.places.halted + context))
      this.record(SPACE.halted, PASS, context);
    return this.words.at[this.cells.halted + context] === 0;
  }

  /* ---- preemption and RCU ------------------------------------------- */

  preemptCount(context: number): number {
    return this.words.at[this.cells.preempt + context]!;
  }

  addPreempt(context: number, delta: number): void {
    const count = this.preemptCount(context) + delta;
    if (count < 0) throw new Violation('bug', 'preemption enabled more often than disabled');
    this.#changeReader(context, () => this.words.set(this.cells.preempt + context, count));
  }

  rcuNest(context: number): number {
    return this.words.at[this.cells.rcuNest + context]!;
  }

  addRcuNest(context: number, delta: number): void {
    const count = this.rcuNest(context) + delta;
    if (count < 0) throw new Violation('bug', 'rcu_read_unlock without rcu_read_lock');
    this.#changeReader(context, () => this.words.set(this.cells.rcuNest + context, count));
  }

  /** What `name` may do only where it can sleep. Fails: throws `Violation` where it cannot. */
  mustSleep(context: number, name: string): void {
    const why = this.irqsOff(context)
      ? 'interrupts off'
      : this.preemptCount(context) > 0
        ? 'preemption off'
        : this.rcuNest(context) > 0
          ? 'inside an RCU reader'
          : null;
    if (why !== null)
      throw new Violation(
        'sleep-in-atomic',
        `${name} is called with ${why}`.replace('with inside', 'inside'),
      );
  }

  /**
   * What an interrupt changes of a context for as long as it lasts: interrupt
   * flag, preemption count, RCU nesting, whether there are stores that it has not waited for.
   */
  stateAtInterrupt(context: number): readonly number[] {
    const { irqOff, preempt, rcuNest } = this.cells;
    const { at } = this.words;
    const unfenced = this.isFenced(context) ? 0 : 1;
    return [at[irqOff + context]!, at[preempt + context]!, at[rcuNest + context]!, unfenced];
  }

  /** Puts it back without a word to anybody: only for a look that is taken back. */
  setStateAtInterrupt(context: number, [irqs, preempt, nest, unfenced]: readonly number[]): void {
    this.words.set(this.cells.irqOff + context, irqs!);
    this.words.set(this.cells.preempt + context, preempt!);
    this.words.set(this.cells.rcuNest + context, nest!);
    this.endInterrupt(context, unfenced!);
  }

  /** What was interrupted has waited for stores as little as before, in its own eyes, though they are in memory. */
  endInterrupt(context: number, unfenced: number): void {
    this.setStoresFenced(context, this.storesIssued(context) - unfenced);
  }

  /** IRQ-off and preempt-off sections are readers too. */
  isReader(context: number): boolean {
    return this.irqsOff(context) || this.preemptCount(context) > 0 || this.rcuNest(context) > 0;
  }

  /** From now on who is a reader is for all to see. */
  revealReaders(): void {
    this.reveal(this.places.rcu);
  }

  #changeReader(context: number, change: () => void): void {
    const before = this.isReader(context);
    change();
    const after = this.isReader(context);
    if (before === after || context === this.boot) return;
    const visible = this.actor >= 0 && this.watch.isVisible(this.places.rcu);
    if (after) {
      if (visible) {
        this.record(SPACE.epoch, READ, 0);
        this.record(SPACE.reader, CLOSE, context);
      }
      return;
    }
    if (visible) this.record(SPACE.reader, OPEN, context);
    this.gracePeriods.readerLeft(context);
  }

  /* ---- locks -------------------------------------------------------- */

  /** Lock words lie in memory, where the kernel reads them inline. Returns false, having logged the guard, while it is held. */
  acquire(context: number, at: number, shadow: number, mayWait: boolean): boolean {
    const silent = this.mutation === 'no-lock-guard';
    if (!silent) this.access(at, 4, mayWait ? PASS : READ, shadow);
    this.peek(at, 4);
    const free = this.low === 0;
    if (free || (mayWait && !silent)) this.access(at, 4, CLOSE, shadow);
    if (!free) return false;
    this.poke(at, 4, 1, 0, 0);
    this.noteHeld(context, at);
    return true;
  }

  /** A context has taken the lock whose word is at `at`; `shared`: others may have it at the same time. */
  noteHeld(context: number, at: number, shared = false): void {
    const cells = this.cells.held + context * HELD_LOCKS;
    for (let i = 0; i < HELD_LOCKS; i++) {
      if (this.words.at[cells + i] !== 0) continue;
      this.words.set(cells + i, ((at + 1) | (shared ? HELD_SHARED : 0)) >>> 0);
      return;
    }
    throw new Cut(`more than ${HELD_LOCKS} locks held by one CPU`);
  }

  /** A context gives up the lock at `at`. Fails: throws `Violation` where it does not hold it, or not that way. */
  dropHeld(context: number, at: number, shared = false): void {
    const cells = this.cells.held + context * HELD_LOCKS;
    const cell = ((at + 1) | (shared ? HELD_SHARED : 0)) >>> 0;
    const index = this.words.at.subarray(cells, cells + HELD_LOCKS).indexOf(cell);
    if (index < 0)
      throw new Violation(
        'lock-misuse',
        `${this.space.nameOf(at)} is unlocked by a CPU that does not hold it${shared ? ' for reading' : ''}`,
      );
    for (let i = index; i < HELD_LOCKS; i++)
      this.words.set(cells + i, i + 1 < HELD_LOCKS ? this.words.at[cells + i + 1]! : 0);
  }

  release(context: number, at: number, shadow: number): void {
    this.dropHeld(context, at);
    // On x86 a plain store: it goes the way of all stores.
    this.model.store(this, context, {
      at,
      size: 4,
      low: 0,
      high: 0,
      shadow: 0,
      pointerShadow: shadow,
      opens: true,
    });
  }

  /** The same, and those whose release is still on its way: in memory they are held. */
  #locksInMemory(context: number): number[] {
    const held = this.heldLocks(context);
    for (let store = this.storesDrained(context); store < this.storesIssued(context); store++) {
      const entry = this.bufferEntry(context, store);
      if (this.words.at[entry + BUFFER_OPENS] === 1) held.push(this.words.at[entry]!);
    }
    return held;
  }

  protected override noteWrite(granule: number): void {
    if (this.actor < 0) return;
    // What a handler's CPU holds keeps nobody out of that CPU, least of all the handler.
    const alone = this.context < 0 || this.inHandler;
    const held = alone ? [] : this.#locksInMemory(this.context);
    if (this.entryLocks!.noteWrite(granule, held)) this.reveal(this.places.halves + granule);
  }

  /**
   * Whether a load of eight bytes is one step: nobody writes there while this
   * context holds what it holds. Where that fails once, all wide loads of the
   * place come in halves from then on.
   */
  isWholeLoad(context: number, at: number): boolean {
    if (!this.entryLocks || (at & 7) !== 0) return false;
    const place = this.places.halves + (at >> 3);
    // A half that a store of its own covers is there at once, whatever the other waits for.
    if (this.watch.isVisible(place) || this.watch.isMixed(at >> 3)) return false;
    if (!this.entryLocks.isWhole(at >> 3, this.heldLocks(context))) this.reveal(place);
    return true;
  }

  /** Offsets of the lock words that a context alone holds, oldest first; with `shared`, those it shares as well. */
  heldLocks(context: number, shared = false): number[] {
    const cells = this.cells.held + context * HELD_LOCKS;
    const held: number[] = [];
    for (let i = 0; i < HELD_LOCKS; i++) {
      const cell = this.words.at[cells + i]!;
      if (cell !== 0 && (shared || cell < HELD_SHARED)) held.push((cell & ~HELD_SHARED) - 1);
    }
    return held;
  }

  /* ---- page tables --------------------------------------------------- */

  protected override noteFrameWrite(frame: number, at: number): void {
    const { low, high, shadow } = this;
    // Who links a table reads it: that is a step, even where nobody else has touched the slot.
    if (this.tlbs.isInUse && this.tlbs.noteWrite(frame, at)) this.reveal(at >> 3);
    this.secondaryMmus.noteWrite(at);
    this.low = low;
    this.high = high;
    this.shadow = shadow;
  }

  protected override noteFree(frame: number): void {
    this.tlbs.judgeFree(frame);
    if (!this.secondaryMmus.maps(frame)) return;
    const name = this.space.nameOf(this.space.frames[frame]!.at);
    throw new Violation('notifier-window', `${name} is freed while a secondary MMU maps it`);
  }

  /**
   * Page-table locks lie in the `struct page` of a table, or are an mm's
   * page_table_lock, which the scenario names so; no other spinlock does or is.
   */
  holdsPageTableLock(context: number): boolean {
    return this.heldLocks(context).some(
      (at) =>
        this.space.kindOfPage[Math.floor(at / PAGE_SIZE)] === 'page-array' ||
        this.space.nameOf(at) === 'page_table_lock',
    );
  }

  /* ---- spinning ----------------------------------------------------- */

  /** What a stream waits for, as `Spins` numbers it; 0 for nothing. */
  spinCell(stream: number): number {
    return this.words.at[this.cells.spin + stream]!;
  }

  setSpinCell(stream: number, value: number): void {
    this.words.set(this.cells.spin + stream, value);
  }

  spinCount(name: SpinCount): number {
    return this.words.at[this.cells.spinCounts + SPIN_COUNTS.indexOf(name)]!;
  }

  setSpinCount(name: SpinCount, value: number): void {
    this.words.set(this.cells.spinCounts + SPIN_COUNTS.indexOf(name), value);
  }

  /** Whether a word belongs to spinning or to store buffers, which state keys write otherwise. */
  isHiddenWord(word: number): boolean {
    return word >= this.cells.spin && word < this.cells.contexts;
  }

  /* ---- store buffers ------------------------------------------------ */

  storesIssued(context: number): number {
    return this.words.at[this.cells.storesIssued + context]!;
  }

  setStoresIssued(context: number, count: number): void {
    this.words.set(this.cells.storesIssued + context, count);
  }

  storesDrained(context: number): number {
    return this.words.at[this.cells.storesDrained + context]!;
  }

  setStoresDrained(context: number, count: number): void {
    this.words.set(this.cells.storesDrained + context, count);
  }

  /** Whether a context has waited for all its stores since it issued the last one. */
  isFenced(context: number): boolean {
    return this.words.at[this.cells.storesFenced + context] === this.storesIssued(context);
  }

  /** How many stores a context had issued when it last waited for them all. */
  storesFenced(context: number): number {
    return this.words.at[this.cells.storesFenced + context]!;
  }

  setFenced(context: number): void {
    this.setStoresFenced(context, this.storesIssued(context));
  }

  setStoresFenced(context: number, count: number): void {
    this.words.set(this.cells.storesFenced + context, count);
  }

  /** The first word of the entry of a context's store number `number`. */
  bufferEntry(context: number, number: number): number {
    return (
      this.cells.buffer + (context * BUFFER_ENTRIES + (number % BUFFER_ENTRIES)) * BUFFER_WORDS
    );
  }

  /* ---- the hypervisor ----------------------------------------------- */

  /** Whether a vCPU is found preempted: a choice where its flag is read, while the budget lasts. */
  choosePreempted(): boolean {
    if (this.#preemptions === 0) return false;
    this.record(SPACE.budget, READ, 0);
    const left = this.words.at[this.cells.budget]!;
    if (left === 0) return false;
    // Promised whatever is chosen: which alternative is taken comes later.
    if (this.choose(2) === 0) return false;
    this.record(SPACE.budget, WRITE, 0);
    this.words.set(this.cells.budget, left - 1);
    return true;
  }
}
