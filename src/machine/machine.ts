import { CLOSE, type Footprint, OPEN, PASS, READ, WRITE } from '../explore/system.ts';
import type { Program, ProgramFunction } from '../program/link.ts';
import { AddressSpace, type FrameInfo } from './address-space.ts';
import { type Arch, PAGE_SIZE } from './arch/arch.ts';
import { EntryHistory } from './entry-history.ts';
import type { KernelLayout } from './kernel-layout.ts';
import type { Platform } from './platform/platform.ts';
import { SPACE } from './spaces.ts';
import { UnsupportedError, Violation } from './violation.ts';
import { FootprintLog, Watch } from './watch.ts';
import { Words } from './words.ts';

/**
 * The multiprocessor's state and its accessors. Everything that another
 * actor could notice goes through a method here, which logs it into the
 * footprint of the step under way; nothing else writes footprints. The
 * engines run code on top of this; the explorer sees neither.
 */

/** Shadow bits of a value. The frame it points into, with that frame's generation, lies above `TAG_SHIFT`. */
export const UNDEFINED = 1;
export const TORN = 2;
export const TAG_SHIFT = 12;
export const FLAGS_MASK: number = (1 << TAG_SHIFT) - 1;

/** Callbacks that one CPU can queue in an execution. */
export const CALLBACKS_PER_CPU = 2;
const HELD_LOCKS = 8;
const PENDING = 8;
const PENDING_WORDS = 6;
const KMAP_SLOTS = 16;
/** Words of a context: header and frames. */
export const CONTEXT_WORDS: number = 1 << 14;

const LIFE_NEVER = 0;
const LIFE_ALLOCATED = 1;
const LIFE_FREED = 2;

export interface MachineOptions {
  readonly arch: Arch;
  readonly platform: Platform;
  readonly program: Program;
  readonly layout: KernelLayout;
  readonly cpuCount: number;
  /** vCPU preemptions that the platform may choose, in all. */
  readonly preemptions: number;
}

export interface PendingInterrupt {
  readonly sender: number;
  readonly waited: boolean;
  /** Null for a handler of the machine's own, which only acknowledges. */
  readonly function: ProgramFunction | null;
  readonly argumentLow: number;
  readonly argumentHigh: number;
}

export class Machine {
  readonly arch: Arch;
  readonly platform: Platform;
  readonly program: Program;
  readonly layout: KernelLayout;
  readonly cpuCount: number;
  /** CPUs, then callbacks, then the context of setup and finish. */
  readonly contextCount: number;
  readonly boot: number;
  readonly space: AddressSpace;
  readonly words: Words;
  readonly log: FootprintLog = new FootprintLog();
  readonly watch: Watch;
  readonly history: EntryHistory | null;
  /** Where contexts, and the cells before them, begin in `words`. */
  readonly cellsAt: number;
  readonly contextsAt: number;

  /** The actor of the step under way, for the watch; -1 in setup and finish, which nothing runs beside. */
  actor = -1;
  /** A probe: footprints are logged, notes for the watch are not taken. */
  dry = false;
  /** The watch has just learnt something: the search must start again. */
  restart = false;
  /** The choice made for the step under way, and how many there were. */
  choice = 0;
  choices = 1;
  /** The loads under way belong to a named lockless reader: whole entries count as read. */
  inReader = false;
  /** The result of the last load: two halves and a shadow. */
  low = 0;
  high = 0;
  shadow = 0;

  readonly #life: number;
  readonly #irqOff: number;
  readonly #preempt: number;
  readonly #rcuNest: number;
  readonly #held: number;
  readonly #pending: number;
  readonly #missing: number;
  readonly #callback: number;
  readonly #callbackCount: number;
  readonly #syncWait: number;
  readonly #budget: number;
  readonly #kmap: number;
  readonly #heapUsed: number;
  readonly #placeLife: number;
  readonly #placeIrq: number;
  readonly #placeRcu: number;
  readonly #placeControl: number;
  readonly #pageWords = PAGE_SIZE / 4;
  readonly #shadowAt: number;
  readonly #preemptions: number;

  constructor(options: MachineOptions) {
    this.arch = options.arch;
    this.platform = options.platform;
    this.program = options.program;
    this.layout = options.layout;
    this.cpuCount = options.cpuCount;
    this.#preemptions = options.preemptions;
    const n = options.cpuCount;
    this.contextCount = n + n * CALLBACKS_PER_CPU + 1;
    this.boot = this.contextCount - 1;
    if (this.contextCount > 31)
      throw new UnsupportedError(`${n} CPUs are more than the machine has room for`);
    this.space = new AddressSpace(
      options.arch,
      options.program,
      options.layout,
      n,
      this.contextCount,
    );
    const memoryWords = this.space.bytes / 4;
    this.#shadowAt = memoryWords;
    this.cellsAt = memoryWords * 2;
    let cell = this.cellsAt;
    const take = (count: number): number => {
      const at = cell;
      cell += count;
      return at;
    };
    this.#life = take(this.space.frames.length);
    this.#irqOff = take(this.contextCount);
    this.#preempt = take(this.contextCount);
    this.#rcuNest = take(this.contextCount);
    this.#held = take(this.contextCount * HELD_LOCKS);
    this.#pending = take(n * (1 + PENDING * PENDING_WORDS));
    this.#missing = take(this.contextCount);
    this.#callback = take(n * CALLBACKS_PER_CPU * CALLBACK_WORDS);
    this.#callbackCount = take(n);
    this.#syncWait = take(this.contextCount * 2);
    this.#budget = take(1);
    this.#kmap = take(this.contextCount * KMAP_SLOTS);
    this.#heapUsed = take(1);
    const splitEntries = options.arch.atomicBytes < 8;
    const historyAt = take(splitEntries ? EntryHistory.WORDS : 0);
    this.contextsAt = cell;
    this.words = new Words(cell + this.contextCount * CONTEXT_WORDS);
    this.history = splitEntries ? new EntryHistory(this.words, historyAt) : null;
    const granules = this.space.bytes >> 3;
    this.#placeLife = granules;
    this.#placeIrq = this.#placeLife + this.space.frames.length;
    this.#placeRcu = this.#placeIrq + n;
    this.#placeControl = this.#placeRcu + 1;
    this.watch = new Watch(this.#placeControl + n);
    this.words.at[this.#budget] = options.preemptions;
    this.#loadProgram();
  }

  #loadProgram(): void {
    const bytes = new Uint8Array(this.words.at.buffer);
    for (const variable of this.program.variables) {
      for (const at of this.space.copiesOf(variable, this.program, this.cpuCount))
        bytes.set(variable.bytes, at);
    }
  }

  /** What is added to a per-CPU variable's address to get a CPU's copy. */
  perCpuOffset(cpu: number): bigint {
    return BigInt((cpu + 1) * this.program.target.perCpuStride);
  }

  contextAt(context: number): number {
    return this.contextsAt + context * CONTEXT_WORDS;
  }

  /** The CPU a context belongs to: a callback runs on the CPU that queued it. */
  cpuOf(context: number): number {
    if (context < this.cpuCount) return context;
    if (context === this.boot) return 0;
    return Math.floor((context - this.cpuCount) / CALLBACKS_PER_CPU);
  }

  /* ---- the step under way ------------------------------------------- */

  /** Starts logging into `out`. `actor` -1: nothing runs beside this. */
  beginStep(out: Footprint, actor: number, choice: number, dry: boolean): void {
    this.log.begin(out);
    this.actor = actor;
    this.choice = choice;
    this.choices = 1;
    this.dry = dry;
  }

  /** One of `count` alternatives; all are explored. */
  choose(count: number): number {
    this.choices = count;
    return this.choice < count ? this.choice : 0;
  }

  /** Makes a step of a choice that touches nothing anybody else sees. */
  recordChoice(context: number): void {
    this.#record(SPACE.choice, READ, context);
  }

  #record(space: number, mode: number, index: number): void {
    this.log.add(space, mode, index, index + 1);
  }

  #touch(place: number, write: boolean): void {
    if (this.actor < 0 || this.dry) return;
    if (this.watch.touch(place, this.actor, write)) this.restart = true;
  }

  /** A place that another actor is about to depend on. */
  #reveal(place: number): void {
    if (this.actor < 0 || this.dry) return;
    if (this.watch.reveal(place)) this.restart = true;
  }

  /* ---- memory ------------------------------------------------------- */

  /**
   * Offset in memory of `size` bytes at a pointer. Fails: throws `Violation`
   * for a pointer that is torn or undefined, or that points nowhere. Judged
   * before the access, so a torn entry is named as such and not by what the
   * wrong table then does.
   */
  resolve(low: number, high: number, shadow: number, size: number): number {
    if (shadow & TORN) {
      throw new Violation(
        'torn-entry',
        'an entry that was never stored is used as a pointer: its halves come from two different tables',
      );
    }
    if (shadow & UNDEFINED)
      throw new Violation('undefined-value', 'an uninitialised value is used as a pointer');
    const at = this.translate(low, high, size);
    if (at >= 0) return at;
    const address = hex(low, high);
    if (high === 0 && low >>> 0 < PAGE_SIZE)
      throw new Violation('wild-access', `NULL pointer dereference at ${address}`);
    const missing = high === 0 ? this.program.missingVariable(low >>> 0) : undefined;
    if (missing !== undefined) {
      throw new UnsupportedError(
        `variable ${missing} is used and nothing provides it; link the module that defines it, or define it in the scenario`,
      );
    }
    throw new Violation('wild-access', `access to ${address}, where no object is`);
  }

  /** Offset in memory of `size` bytes at a virtual address; -1 where not all of them exist. */
  translate(low: number, high: number, size: number): number {
    const base = this.arch.kmapBase;
    if (base !== null && high === 0) {
      const slot = ((low >>> 0) - Number(base)) / PAGE_SIZE;
      if (slot >= 0 && slot < KMAP_SLOTS * this.contextCount) {
        const mapped = this.words.at[this.#kmap + Math.floor(slot)]!;
        return mapped === 0 ? -1 : this.space.frames[mapped - 1]!.at + (low & 0xfff);
      }
    }
    return this.space.translate(low >>> 0, high >>> 0, size);
  }

  /** Whether an access to these bytes is a step of its own. */
  isVisible(at: number, size: number): boolean {
    if (this.actor < 0) return false;
    const first = at >> 3;
    const last = (at + size - 1) >> 3;
    for (let granule = first; granule <= last; granule++)
      if (this.watch.isVisible(granule)) return true;
    const frame = this.space.frameOfPage[at >> 12]!;
    return frame >= 0 && this.watch.isVisible(this.#placeLife + frame);
  }

  /** Logs an access and judges the frame it falls into. `shadow` is the pointer's, for the generation it was made for. */
  access(at: number, size: number, mode: number, shadow: number): void {
    const write = mode !== READ;
    const first = at >> 3;
    const last = (at + size - 1) >> 3;
    const frame = this.space.frameOfPage[at >> 12]!;
    for (let granule = first; granule <= last; granule++) {
      this.#touch(granule, write);
      if (this.actor >= 0 && this.watch.isVisible(granule)) {
        // On a machine whose entries are split, half an entry's store changes
        // the value of the whole, which the history of values observes.
        const whole = this.history !== null && frame >= 0 && (write || this.inReader);
        const low = whole ? granule << 3 : Math.max(at, granule << 3);
        const high = whole ? (granule + 1) << 3 : Math.min(at + size, (granule + 1) << 3);
        this.log.add(SPACE.bytes, whole && mode >= 8 ? WRITE : mode, low, high);
      }
    }
    if (frame < 0) return;
    const place = this.#placeLife + frame;
    this.#touch(place, false);
    if (this.actor >= 0 && this.watch.isVisible(place)) this.#record(SPACE.life, READ, frame);
    this.#judgeFrame(frame, shadow);
  }

  #judgeFrame(frame: number, shadow: number): void {
    const life = this.words.at[this.#life + frame]!;
    const name = this.space.nameOf(this.space.frames[frame]!.at);
    if ((life & 3) === LIFE_FREED)
      throw new Violation('use-after-free', `${name} is accessed after it was freed`);
    if ((life & 3) === LIFE_NEVER)
      throw new Violation('wild-access', `${name} is accessed, and nobody has allocated it`);
    const tag = shadow >>> TAG_SHIFT;
    if (tag !== 0 && tag >> 12 === frame + 1 && (tag & 0xfff) !== life >>> 8) {
      throw new Violation(
        'use-after-reuse',
        `${name} is accessed through a pointer from before it was freed and allocated again`,
      );
    }
  }

  /** The shadow tag of a pointer into `frame` as it is allocated now. */
  tagOf(frame: number): number {
    return ((((frame + 1) << 12) | (this.words.at[this.#life + frame]! >>> 8)) << TAG_SHIFT) >>> 0;
  }

  /** Reads `size` bytes (1, 2, 4, 8) into `low`, `high`, `shadow`. No logging. */
  peek(at: number, size: number): void {
    const words = this.words.at;
    const word = at >> 2;
    const offset = at & 3;
    if (offset + size <= 4) {
      const raw = words[word]!;
      this.low = size === 4 ? raw : (raw >>> (offset * 8)) & (size === 1 ? 0xff : 0xffff);
      this.high = 0;
      this.shadow = this.#shadowOf(word, ((1 << size) - 1) << offset);
      return;
    }
    if (size === 8 && offset === 0) {
      this.low = words[word]!;
      this.high = words[word + 1]!;
      const first = this.#shadowOf(word, 15);
      const second = this.#shadowOf(word + 1, 15);
      this.shadow = joinShadows(first, second);
      return;
    }
    this.#peekBytes(at, size);
  }

  #peekBytes(at: number, size: number): void {
    let low = 0;
    let high = 0;
    let shadow = 0;
    for (let i = size - 1; i >= 0; i--) {
      this.peek(at + i, 1);
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | this.low;
      shadow = joinShadows(shadow, this.shadow);
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
    this.shadow = shadow;
  }

  /** The shadow of some bytes of a word. Shape of a shadow word: written, undefined, torn (4 bits each), tag. */
  #shadowOf(word: number, bytes: number): number {
    const raw = this.words.at[this.#shadowAt + word]!;
    const unwritten = bytes & ~raw;
    let shadow = raw & 0xfffff000;
    if (raw & (bytes << 4) || (unwritten && !this.#isBornDefined(word))) shadow |= UNDEFINED;
    if (raw & (bytes << 8)) shadow |= TORN;
    return shadow >>> 0;
  }

  #isBornDefined(word: number): boolean {
    const page = Math.floor(word / this.#pageWords);
    const kind = this.space.kindOfPage[page];
    if (kind === 'frame')
      return (this.words.at[this.#life + this.space.frameOfPage[page]!]! & 4) !== 0;
    return kind !== 'stack';
  }

  /** Writes `size` bytes (1, 2, 4, 8). No logging; undone by rewinding. */
  poke(at: number, size: number, low: number, high: number, shadow: number): void {
    const word = at >> 2;
    const offset = at & 3;
    if (offset + size <= 4) {
      const mask = size === 4 ? 0xffffffff : (((1 << (size * 8)) - 1) << (offset * 8)) >>> 0;
      const old = this.words.at[word]!;
      this.words.set(word, ((old & ~mask) | ((low << (offset * 8)) & mask)) >>> 0);
      this.#writeShadow(word, ((1 << size) - 1) << offset, shadow);
    } else if (size === 8 && offset === 0) {
      this.words.set(word, low);
      this.words.set(word + 1, high);
      this.#writeShadow(word, 15, shadow);
      this.#writeShadow(word + 1, 15, shadow);
    } else {
      for (let i = 0; i < size; i++) {
        const byte = i < 4 ? (low >>> (i * 8)) & 0xff : (high >>> ((i - 4) * 8)) & 0xff;
        this.poke(at + i, 1, byte, 0, shadow);
      }
      return;
    }
    const frame = this.space.frameOfPage[at >> 12]!;
    if (this.history && frame >= 0) this.#noteEntry(at >> 3);
  }

  #noteEntry(granule: number): void {
    const low = this.words.at[granule * 2]!;
    if (low & this.arch.entryPresent)
      this.history!.add(granule, low, this.words.at[granule * 2 + 1]!);
  }

  #writeShadow(word: number, bytes: number, shadow: number): void {
    const old = this.words.at[this.#shadowAt + word]!;
    let flags = old & 0xfff & ~((bytes << 4) | (bytes << 8));
    if (!this.#isBornDefined(word)) flags |= bytes;
    if (shadow & UNDEFINED) flags |= bytes << 4;
    if (shadow & TORN) flags |= bytes << 8;
    this.words.set(this.#shadowAt + word, (flags | (shadow & ~FLAGS_MASK)) >>> 0);
  }

  /** Makes stack memory that nobody can read any more look as if nobody had written it. */
  wipe(at: number, size: number): void {
    this.#wipeWords(at >> 2, (at + size) >> 2);
  }

  #wipeWords(from: number, to: number): void {
    // Words never written need no wiping, and a frame has a thousand.
    const dirty = this.words.dirty();
    for (const base of [0, this.#shadowAt]) {
      for (let i = lowerBound(dirty, base + from); i < dirty.length && dirty[i]! < base + to; i++)
        this.words.set(dirty[i]!, 0);
    }
  }

  /* ---- frames ------------------------------------------------------- */

  lifeOf(frame: number): 'never' | 'allocated' | 'freed' {
    return (['never', 'allocated', 'freed'] as const)[
      (this.words.at[this.#life + frame]! & 3) as 0 | 1 | 2
    ];
  }

  /** Frames that an allocation may take now, in pool order. Which of the never-used ones is taken matters: they may agree in a half. */
  freeFrames(zones: readonly string[]): FrameInfo[] {
    const found = this.space.frames.filter(
      (frame) =>
        zones.includes(frame.zone) &&
        (this.words.at[this.#life + frame.index]! & 3) !== LIFE_ALLOCATED,
    );
    if (this.actor >= 0)
      for (const [index, zone] of ['normal', 'high'].entries())
        if (zones.includes(zone)) this.#record(SPACE.freelist, WRITE, index);
    return found;
  }

  allocate(frame: number, zeroed: boolean): void {
    this.#changeLife(frame);
    const cell = this.#life + frame;
    const generation = (this.words.at[cell]! >>> 8) + 1;
    const at = this.space.frames[frame]!.at;
    this.#wipeWords(at >> 2, (at + PAGE_SIZE) >> 2);
    this.history?.forget(at >> 3, (at + PAGE_SIZE) >> 3);
    this.words.set(cell, (generation << 8) | (zeroed ? 4 : 0) | LIFE_ALLOCATED);
  }

  free(frame: number): void {
    this.#changeLife(frame);
    const cell = this.#life + frame;
    const life = this.words.at[cell]!;
    const name = this.space.nameOf(this.space.frames[frame]!.at);
    if ((life & 3) !== LIFE_ALLOCATED)
      throw new Violation('bad-free', `${name} is freed, but it is not allocated`);
    const zone = this.space.frames[frame]!.zone === 'normal' ? 0 : 1;
    if (this.actor >= 0) this.#record(SPACE.freelist, WRITE, zone);
    const at = this.space.frames[frame]!.at;
    this.#wipeWords(at >> 2, (at + PAGE_SIZE) >> 2);
    this.words.set(cell, (life & ~7) | LIFE_FREED);
  }

  #changeLife(frame: number): void {
    this.#touch(this.#placeLife + frame, true);
    if (this.actor >= 0) this.#record(SPACE.life, WRITE, frame);
  }

  /** Bytes of the scenario's own, in low memory, for setup only. Returns the virtual address. */
  allocateHeap(size: number, name: string): bigint {
    if (this.actor >= 0)
      throw new UnsupportedError(
        "shootdown_alloc is for setup(); allocate pages with the kernel's own functions afterwards",
      );
    const used = (this.words.at[this.#heapUsed]! + 63) & ~63;
    if (used + size > this.space.heapBytes)
      throw new UnsupportedError(
        `setup() asks for more than ${this.space.heapBytes} bytes of memory`,
      );
    this.words.set(this.#heapUsed, used + size);
    this.space.allow(this.space.heapAt + used, size);
    this.space.name(this.space.heapAt + used, size, name);
    return this.arch.directMap + this.arch.heapBase + BigInt(used);
  }

  /* ---- temporary mappings ------------------------------------------- */

  /** Maps a frame for a context. Returns the virtual address. Slots nest, as kmap_local does. */
  kmap(context: number, frame: number): number {
    for (let slot = 0; slot < KMAP_SLOTS; slot++) {
      const cell = this.#kmap + context * KMAP_SLOTS + slot;
      if (this.words.at[cell] !== 0) continue;
      this.words.set(cell, frame + 1);
      return Number(this.arch.kmapBase!) + (context * KMAP_SLOTS + slot) * PAGE_SIZE;
    }
    throw new Violation('bug', 'more temporary mappings than a CPU has');
  }

  kunmap(context: number, address: number): void {
    const slot =
      Math.floor((address - Number(this.arch.kmapBase ?? 0n)) / PAGE_SIZE) - context * KMAP_SLOTS;
    // A table in low memory was never mapped: its address is the direct map's.
    if (this.arch.kmapBase === null || slot < 0 || slot >= KMAP_SLOTS) return;
    for (let above = slot + 1; above < KMAP_SLOTS; above++) {
      if (this.words.at[this.#kmap + context * KMAP_SLOTS + above] !== 0)
        throw new Violation('bug', 'kunmap_local out of order: temporary mappings must nest');
    }
    this.words.set(this.#kmap + context * KMAP_SLOTS + slot, 0);
  }

  /* ---- interrupts --------------------------------------------------- */

  irqsOff(context: number): boolean {
    return this.words.at[this.#irqOff + context] !== 0;
  }

  /** cli and sti. A step only where the flag changes and somebody sends interrupts here; a reader of RCU may begin or end with it. */
  setIrqsOff(context: number, off: boolean): void {
    if (this.irqsOff(context) === off) return;
    if (
      this.actor >= 0 &&
      context < this.cpuCount &&
      this.watch.isVisible(this.#placeIrq + context)
    )
      this.#record(SPACE.irq, off ? CLOSE : OPEN, context);
    this.#changeReader(context, () => this.words.set(this.#irqOff + context, off ? 1 : 0));
  }

  /** Sends an interrupt. The receiver's flag, and where its code stands, become visible with it. */
  send(
    target: number,
    sender: number,
    func: ProgramFunction | null,
    low: number,
    high: number,
    waited: boolean,
  ): void {
    this.#reveal(this.#placeIrq + target);
    this.#record(SPACE.pending, WRITE, target);
    if (waited) {
      this.#record(SPACE.acked, CLOSE, sender * 64 + target);
      this.words.set(
        this.#missing + sender,
        this.words.at[this.#missing + sender]! | (1 << target),
      );
    }
    const queue = this.#pending + target * (1 + PENDING * PENDING_WORDS);
    const count = this.words.at[queue]!;
    if (count === PENDING)
      throw new UnsupportedError(`more than ${PENDING} interrupts pending at one CPU`);
    const entry = queue + 1 + count * PENDING_WORDS;
    [sender, waited ? 1 : 0, func === null ? 0 : func.index + 1, low, high].forEach((value, i) => {
      this.words.set(entry + i, value);
    });
    this.words.set(queue, count + 1);
  }

  /** The IPI of a TLB flush. TLBs have no state yet, so its handler only acknowledges. */
  sendFlush(target: number, sender: number): void {
    this.send(target, sender, null, 0, 0, true);
  }

  pendingAt(target: number): number {
    return this.words.at[this.#pending + target * (1 + PENDING * PENDING_WORDS)]!;
  }

  /** Who sent what is pending, for traces. */
  pendingSenders(target: number): number[] {
    const queue = this.#pending + target * (1 + PENDING * PENDING_WORDS);
    return Array.from(
      { length: this.words.at[queue]! },
      (_, i) => this.words.at[queue + 1 + i * PENDING_WORDS]!,
    );
  }

  /** Takes the whole queue, as the kernel's handler does. */
  takePending(target: number): PendingInterrupt[] {
    this.#record(SPACE.pending, WRITE, target);
    const queue = this.#pending + target * (1 + PENDING * PENDING_WORDS);
    const found: PendingInterrupt[] = [];
    for (let i = 0; i < this.words.at[queue]!; i++) {
      const entry = queue + 1 + i * PENDING_WORDS;
      const word = (k: number): number => this.words.at[entry + k]!;
      found.push({
        sender: word(0),
        waited: word(1) === 1,
        function: word(2) === 0 ? null : this.program.functions[word(2) - 1]!,
        argumentLow: word(3),
        argumentHigh: word(4),
      });
      for (let k = 0; k < PENDING_WORDS; k++) this.words.set(entry + k, 0);
    }
    this.words.set(queue, 0);
    return found;
  }

  /** The guard of a delivery. */
  passIrq(target: number): boolean {
    this.#record(SPACE.irq, PASS, target);
    return !this.irqsOff(target);
  }

  acknowledge(sender: number, target: number): void {
    this.#record(SPACE.acked, OPEN, sender * 64 + target);
    this.words.set(this.#missing + sender, this.words.at[this.#missing + sender]! & ~(1 << target));
  }

  /** The guard of a wait for acknowledgements. */
  passAcked(sender: number, targets: number): boolean {
    for (let target = 0; target < this.cpuCount; target++) {
      if (targets & (1 << target)) this.#record(SPACE.acked, PASS, sender * 64 + target);
    }
    return (this.words.at[this.#missing + sender]! & targets) === 0;
  }

  missingAcks(sender: number): number {
    return this.words.at[this.#missing + sender]!;
  }

  /** A handler that runs code changes where its CPU stands. */
  changeControl(cpu: number): void {
    this.#reveal(this.#placeControl + cpu);
    this.#record(SPACE.control, WRITE, cpu);
  }

  /** Every visible step of a CPU whose handlers run code depends on them. */
  readControl(cpu: number): void {
    if (cpu < this.cpuCount && this.watch.isVisible(this.#placeControl + cpu))
      this.#record(SPACE.control, READ, cpu);
  }

  /* ---- preemption and RCU ------------------------------------------- */

  preemptCount(context: number): number {
    return this.words.at[this.#preempt + context]!;
  }

  addPreempt(context: number, delta: number): void {
    const count = this.preemptCount(context) + delta;
    if (count < 0) throw new Violation('bug', 'preemption enabled more often than disabled');
    this.#changeReader(context, () => this.words.set(this.#preempt + context, count));
  }

  rcuNest(context: number): number {
    return this.words.at[this.#rcuNest + context]!;
  }

  addRcuNest(context: number, delta: number): void {
    const count = this.rcuNest(context) + delta;
    if (count < 0) throw new Violation('bug', 'rcu_read_unlock without rcu_read_lock');
    this.#changeReader(context, () => this.words.set(this.#rcuNest + context, count));
  }

  /** IRQ-off and preempt-off sections are readers too. */
  isReader(context: number): boolean {
    return this.irqsOff(context) || this.preemptCount(context) > 0 || this.rcuNest(context) > 0;
  }

  #changeReader(context: number, change: () => void): void {
    const before = this.isReader(context);
    change();
    const after = this.isReader(context);
    if (before === after || context === this.boot) return;
    const visible = this.actor >= 0 && this.watch.isVisible(this.#placeRcu);
    if (after) {
      if (visible) {
        this.#record(SPACE.epoch, READ, 0);
        this.#record(SPACE.reader, CLOSE, context);
      }
      return;
    }
    if (visible) this.#record(SPACE.reader, OPEN, context);
    for (let slot = 0; slot < this.cpuCount * CALLBACKS_PER_CPU; slot++)
      this.#clearWait(this.#callback + slot * CALLBACK_WORDS + 4, context);
    for (let other = 0; other < this.contextCount; other++)
      this.#clearWait(this.#syncWait + other * 2, context);
  }

  #clearWait(cell: number, context: number): void {
    const mask = this.words.at[cell]!;
    if (mask & (1 << context)) this.words.set(cell, mask & ~(1 << context));
  }

  /** Starts a grace period: the readers it must wait for, exactly those inside now. */
  #startGracePeriod(except: number): number {
    this.#reveal(this.#placeRcu);
    this.#record(SPACE.epoch, WRITE, 0);
    let readers = 0;
    for (let context = 0; context < this.contextCount; context++) {
      if (context !== except && context !== this.boot && this.isReader(context))
        readers |= 1 << context;
    }
    return readers;
  }

  /** call_rcu. Returns the callback's number among its CPU's. A queueing CPU inside a reader is waited for, too. */
  queueCallback(
    context: number,
    func: ProgramFunction,
    low: number,
    high: number,
    shadow: number,
  ): void {
    if (context >= this.cpuCount)
      throw new UnsupportedError('call_rcu from setup() or from a callback is not built yet');
    const number = this.words.at[this.#callbackCount + context]!;
    if (number === CALLBACKS_PER_CPU)
      throw new UnsupportedError(`more than ${CALLBACKS_PER_CPU} callbacks queued by one CPU`);
    this.words.set(this.#callbackCount + context, number + 1);
    const slot = context * CALLBACKS_PER_CPU + number;
    const readers = this.#startGracePeriod(-1);
    this.#record(SPACE.callback, WRITE, slot);
    const cell = this.#callback + slot * CALLBACK_WORDS;
    [func.index + 1, low, high, shadow, readers, readers].forEach((value, i) => {
      this.words.set(cell + i, value);
    });
  }

  isQueued(slot: number): boolean {
    return this.words.at[this.#callback + slot * CALLBACK_WORDS] !== 0;
  }

  callbackOf(slot: number): {
    function: ProgramFunction;
    low: number;
    high: number;
    shadow: number;
  } {
    const cell = this.#callback + slot * CALLBACK_WORDS;
    const word = (i: number): number => this.words.at[cell + i]!;
    return {
      function: this.program.functions[word(0) - 1]!,
      low: word(1),
      high: word(2),
      shadow: word(3),
    };
  }

  /** The guard of a callback: every reader that was inside at call_rcu has left. */
  passGracePeriod(slot: number): boolean {
    const cell = this.#callback + slot * CALLBACK_WORDS;
    this.#record(SPACE.callback, READ, slot);
    return this.#passReaders(cell + 4, cell + 5);
  }

  startSynchronize(context: number): void {
    const readers = this.#startGracePeriod(context);
    this.words.set(this.#syncWait + context * 2, readers);
    this.words.set(this.#syncWait + context * 2 + 1, readers);
  }

  passSynchronize(context: number): boolean {
    return this.#passReaders(this.#syncWait + context * 2, this.#syncWait + context * 2 + 1);
  }

  #passReaders(waiting: number, initial: number): boolean {
    const readers = this.words.at[initial]!;
    for (let context = 0; context < this.contextCount; context++)
      if (readers & (1 << context)) this.#record(SPACE.reader, PASS, context);
    return this.words.at[waiting] === 0;
  }

  /* ---- locks -------------------------------------------------------- */

  /** Lock words lie in memory, where the kernel reads them inline. Returns false, having logged the guard, while it is held. */
  acquire(context: number, at: number, shadow: number, mayWait: boolean): boolean {
    if (mayWait) this.access(at, 4, PASS, shadow);
    else this.access(at, 4, READ, shadow);
    this.peek(at, 4);
    const free = this.low === 0;
    if (free || mayWait) this.access(at, 4, CLOSE, shadow);
    if (!free) return false;
    this.poke(at, 4, 1, 0, 0);
    this.#noteHeld(context, at);
    return true;
  }

  #noteHeld(context: number, at: number): void {
    const cells = this.#held + context * HELD_LOCKS;
    for (let i = 0; i < HELD_LOCKS; i++) {
      if (this.words.at[cells + i] !== 0) continue;
      this.words.set(cells + i, at + 1);
      return;
    }
    throw new UnsupportedError(`more than ${HELD_LOCKS} locks held by one CPU`);
  }

  release(context: number, at: number, shadow: number): void {
    this.access(at, 4, OPEN, shadow);
    const cells = this.#held + context * HELD_LOCKS;
    const index = this.heldLocks(context).indexOf(at);
    if (index < 0)
      throw new Violation(
        'lock-misuse',
        `${this.space.nameOf(at)} is unlocked by a CPU that does not hold it`,
      );
    for (let i = index; i < HELD_LOCKS; i++)
      this.words.set(cells + i, i + 1 < HELD_LOCKS ? this.words.at[cells + i + 1]! : 0);
    this.poke(at, 4, 0, 0, 0);
  }

  /** Offsets of the lock words a context holds, oldest first. */
  heldLocks(context: number): number[] {
    const cells = this.#held + context * HELD_LOCKS;
    return [...this.words.at.subarray(cells, cells + HELD_LOCKS)]
      .filter((cell) => cell !== 0)
      .map((cell) => cell - 1);
  }

  /** Who holds a lock word, by context; -1 for nobody. */
  holderOf(at: number): number {
    for (let context = 0; context < this.contextCount; context++)
      if (this.heldLocks(context).includes(at)) return context;
    return -1;
  }

  /* ---- the hypervisor ----------------------------------------------- */

  /** Whether a vCPU is found preempted: a choice where its flag is read, while the budget lasts. */
  choosePreempted(): boolean {
    if (this.#preemptions === 0) return false;
    this.#record(SPACE.budget, READ, 0);
    const left = this.words.at[this.#budget]!;
    if (left === 0) return false;
    // Promised whatever is chosen: which alternative is taken comes later.
    if (this.choose(2) === 0) return false;
    this.#record(SPACE.budget, WRITE, 0);
    this.words.set(this.#budget, left - 1);
    return true;
  }
}

const CALLBACK_WORDS = 6;

/** The shadow of a value made of two parts. A tag survives where the parts agree or one has none. */
export function joinShadows(one: number, other: number): number {
  const flags = (one | other) & FLAGS_MASK;
  const tagOne = one & ~FLAGS_MASK;
  const tagOther = other & ~FLAGS_MASK;
  return (
    (flags | (tagOne === 0 ? tagOther : tagOther === 0 || tagOther === tagOne ? tagOne : 0)) >>> 0
  );
}

/** A value as traces write it: small ones in decimal. */
export function hexText(low: number, high: number): string {
  const digits =
    high === 0
      ? (low >>> 0).toString(16)
      : `${(high >>> 0).toString(16)}${(low >>> 0).toString(16).padStart(8, '0')}`;
  return low >>> 0 < 10 && high === 0 ? String(low) : `0x${digits}`;
}

function hex(low: number, high: number): string {
  return `0x${high === 0 ? '' : (high >>> 0).toString(16)}${high === 0 ? (low >>> 0).toString(16) : (low >>> 0).toString(16).padStart(8, '0')}`;
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
