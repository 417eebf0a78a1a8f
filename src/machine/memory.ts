import {
  CLOSE,
  COMMUTE,
  type Footprint,
  LOAD,
  looks,
  OPEN,
  PASS,
  READ,
  WRITE,
} from '../explore/system.ts';
import type { Program } from '../program/link.ts';
import { AddressSpace, type FrameInfo } from './address-space.ts';
import { type Arch, PAGE_SIZE } from './arch/arch.ts';
import { type CellLayout, KMAP_SLOTS, layCells, layPlaces, type PlaceLayout } from './cells.ts';
import { EntryHistory } from './entry-history.ts';
import { EntryLocks } from './entry-locks.ts';
import type { KernelLayout } from './kernel-layout.ts';
import type { MachineMutation } from './mutation.ts';
import { addressText, FLAGS_MASK, joinShadows, TAG_SHIFT, TORN, UNDEFINED } from './shadow.ts';
import { SPACE, storeCell } from './spaces.ts';
import { NotOneStep, UnsupportedError, Violation } from './violation.ts';
import { FootprintLog, Watch } from './watch.ts';
import { Words } from './words.ts';

/**
 * Physical memory: bytes with shadows, page frames that live and die, the
 * footprint of the step under way. Everything that another actor could
 * notice goes through a method that logs it; nothing else writes footprints.
 *
 * A word of `words` is the number that an aligned load of four bytes gives, in
 * the target's byte order: its byte at the lowest address is the lowest eight
 * bits where the target is little-endian, the highest where it is big-endian.
 * Everything else is by address and the same for both.
 */

const PAGE_WORDS = PAGE_SIZE / 4;
const LIFE_NEVER = 0;
const LIFE_ALLOCATED = 1;
const LIFE_FREED = 2;

export interface MemoryOptions {
  readonly arch: Arch;
  readonly program: Program;
  readonly layout: KernelLayout;
  readonly cpuCount: number;
  readonly contextCount: number;
  /** Test-only. */
  readonly mutation?: MachineMutation;
  readonly plainHandlers?: boolean;
}

export class Memory {
  readonly arch: Arch;
  readonly program: Program;
  readonly layout: KernelLayout;
  readonly cpuCount: number;
  /** CPUs, then callbacks, then the context of setup and finish. */
  readonly contextCount: number;
  readonly mutation: MachineMutation | undefined;
  protected readonly plainHandlers: boolean;
  readonly space: AddressSpace;
  readonly words: Words;
  readonly log: FootprintLog = new FootprintLog();
  readonly watch: Watch;
  readonly history: EntryHistory | null;
  /** Kept where entries are wider than what is read at once. */
  readonly entryLocks: EntryLocks | null;
  readonly #bigEndian: boolean;
  protected readonly cells: CellLayout;
  protected readonly places: PlaceLayout;

  /** The actor of the step under way, for the watch; -1 in setup and finish, which nothing runs beside. */
  actor = -1;
  /** The context whose doing the step under way is; -1 for none. */
  context = -1;
  /** The step under way is an interrupt handler's. */
  inHandler = false;
  /** The sender of the waited call for which the handler under way acts; -1 for none. Its reads count as the sender's. */
  lender = -1;
  /** A handler is run to its end in one step: how many of its operations other CPUs can notice; -1 where none is. */
  noticed = -1;
  /** A probe: footprints are logged, notes for the watch are not taken. */
  dry = false;
  /** The watch has just learnt something: the search must start again. */
  restart = false;
  /** The choice made for the step under way, and how many there were. */
  choice = 0;
  choices = 1;
  /** The loads under way belong to a named lockless reader: whole entries count as read. */
  inReader = false;
  /** The guard under way forbids its step: whoever waits depends on whoever is to open it, even if that is nobody. */
  waiting = false;
  /** The result of the last load: two halves and a shadow. */
  low = 0;
  high = 0;
  shadow = 0;

  constructor(options: MemoryOptions) {
    this.arch = options.arch;
    this.#bigEndian = !options.arch.target.littleEndian;
    this.program = options.program;
    this.layout = options.layout;
    this.cpuCount = options.cpuCount;
    this.contextCount = options.contextCount;
    this.mutation = options.mutation;
    this.plainHandlers = options.plainHandlers ?? false;
    this.space = new AddressSpace(
      options.arch,
      options.program,
      options.layout,
      options.cpuCount,
      options.contextCount,
    );
    const { bytes, frames } = this.space;
    const splitEntries = options.arch.atomicBytes < 8;
    this.cells = layCells(bytes, frames, this.cpuCount, this.contextCount, splitEntries);
    this.places = layPlaces(bytes, frames.length, this.cpuCount, this.contextCount);
    this.words = new Words(this.cells.words);
    this.history = splitEntries ? new EntryHistory(this.words, this.cells.history) : null;
    this.entryLocks = splitEntries ? new EntryLocks() : null;
    this.watch = new Watch(this.places.count);
    this.#loadProgram();
  }

  #loadProgram(): void {
    const words = this.words.at;
    for (const variable of this.program.variables) {
      for (const start of this.space.copiesOf(variable, this.program, this.cpuCount)) {
        variable.bytes.forEach((byte, i) => {
          const at = start + i;
          words[at >> 2]! |= byte << this.#shiftOf(at & 3, 1);
        });
      }
    }
  }

  /* ---- the step under way ------------------------------------------- */

  /** Starts logging into `out`. `actor` -1: nothing runs beside this. */
  beginStep(out: Footprint, actor: number, choice: number, dry: boolean): void {
    this.log.begin(out);
    this.actor = actor;
    this.choice = choice;
    this.choices = 1;
    this.dry = dry;
    this.context = -1;
    this.inHandler = false;
    this.lender = -1;
    this.noticed = -1;
    this.inReader = false;
    this.waiting = false;
  }

  /** One of `count` alternatives; all are explored. */
  choose(count: number): number {
    if (this.noticed >= 0 && count > 1) throw new NotOneStep('chooses');
    this.choices = count;
    return this.choice < count ? this.choice : 0;
  }

  /** Makes a step of a choice that touches nothing anybody else sees. */
  recordChoice(context: number): void {
    this.record(SPACE.choice, READ, context);
  }

  protected record(space: number, mode: number, index: number): void {
    if (this.noticed >= 0 && space !== SPACE.acked && space !== SPACE.tlb) {
      if (space !== SPACE.life || !looks(mode))
        throw new NotOneStep('does more than read and write memory');
    }
    this.log.add(space, mode, index, index + 1);
  }

  protected touch(place: number, write: boolean): void {
    if (this.actor < 0 || this.dry) return;
    const onLoan =
      write &&
      this.context >= 0 &&
      !this.inHandler &&
      this.isLending(this.context) &&
      this.mutation !== 'loans-written-unseen';
    if (!this.watch.touch(place, this.actor, write, this.lender, onLoan)) return;
    this.restart = true;
    const frame = place - this.places.life;
    if (frame >= 0 && frame < this.space.frames.length) this.#revealPool(frame);
  }

  /**
   * Which free frame an allocation takes is a choice, so what happens to one of
   * them can happen to all: no use to begin again for each.
   */
  #revealPool(frame: number): void {
    const { frames } = this.space;
    const isFree = (one: number): boolean =>
      (this.words.initialOf(this.cells.life + one) & 3) !== LIFE_ALLOCATED;
    if (!this.watch.isCrossed(this.places.life + frame) || !isFree(frame)) return;
    const { zone } = frames[frame]!;
    for (const one of frames)
      if (one.zone === zone && isFree(one.index)) this.watch.reveal(this.places.life + one.index);
  }

  /** A context's own code has sent a call and not yet waited for its end. */
  isLending(context: number): boolean {
    return this.words.at[this.cells.lending + context] !== 0;
  }

  /**
   * Whether accesses to a place are steps now. What only the code of a CPU
   * and its handlers touch is private while the CPU has interrupts off:
   * nobody can come in between. What masks and unmasks is a step by itself,
   * and orders all that lies between against every delivery.
   */
  #isStep(place: number): boolean {
    const { watch } = this;
    if (!watch.isVisible(place)) return false;
    if (this.mutation === 'unmasked-is-private') return watch.isCrossed(place);
    return watch.isCrossed(place) || this.noticed >= 0 || this.plainHandlers || !this.#isMasked();
  }

  #isMasked(): boolean {
    const { context } = this;
    return (
      context >= 0 && context < this.cpuCount && this.words.at[this.cells.irqOff + context] !== 0
    );
  }

  /** A place that another actor is about to depend on. */
  protected reveal(place: number): void {
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
    const address = addressText(low, high);
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
        const mapped = this.words.at[this.cells.kmap + Math.floor(slot)]!;
        if (mapped === 0 || (low & 0xfff) + size > PAGE_SIZE) return -1;
        return this.space.frames[mapped - 1]!.at + (low & 0xfff);
      }
    }
    return this.space.translate(low >>> 0, high >>> 0, size);
  }

  /** Whether an access to these bytes is a step of its own. */
  isVisible(at: number, size: number): boolean {
    if (this.actor < 0) return false;
    const first = at >> 3;
    const last = (at + size - 1) >> 3;
    for (let granule = first; granule <= last; granule++) if (this.#isStep(granule)) return true;
    const frame = this.space.frameOfPage[at >> 12]!;
    return frame >= 0 && this.#isStep(this.places.life + frame);
  }

  /** A write that others can see has been made; the machine knows under which locks. */
  protected noteWrite(_granule: number): void {}

  /** Bytes of a frame have changed; it may be a page table that a CPU walks. */
  protected noteFrameWrite(_frame: number, _at: number): void {}

  /** A frame is about to be freed. */
  protected noteFree(_frame: number): void {}

  /** A hardware walker reads a whole table, or what is on its way, to be told of changes with HOOK. Nothing is judged. */
  observe(at: number, size: number, mode: number = READ): void {
    if (this.actor < 0) return;
    const last = (at + size - 1) >> 3;
    let from = -1;
    for (let granule = at >> 3; granule <= last + 1; granule++) {
      if (granule <= last) this.touch(granule, false);
      if (granule <= last) this.#noticeFlush(granule);
      const visible = granule <= last && this.#isStep(granule);
      if (visible && from < 0) from = granule;
      if (visible || from < 0) continue;
      this.log.add(SPACE.bytes, mode, from << 3, granule << 3);
      from = -1;
    }
  }

  /** Whether a frame is alive, and for whom, is looked at. */
  observeLife(frame: number, mode: number = READ): void {
    this.touch(this.places.life + frame, false);
    if (this.actor >= 0 && this.#isStep(this.places.life + frame))
      this.record(SPACE.life, mode, frame);
  }

  /** What a CPU may have cached is read or changed. */
  touchTlb(cpu: number, write: boolean): void {
    this.touch(this.places.tlb + cpu, write);
    this.#noticeFlush(this.places.tlb + cpu);
    if (this.actor >= 0 && this.#isStep(this.places.tlb + cpu))
      this.record(SPACE.tlb, write ? WRITE : READ, cpu);
  }

  /**
   * A handler that is to be one step flushes its own TLB. What is cached only
   * grows but by flushes, so the flush may as well come right behind what
   * others notice before it: that leaves more to be used, never less, and is
   * what happens where nobody comes in between. Nothing moves it the other way.
   */
  #noticeFlush(place: number): void {
    if (this.noticed === 0 && this.watch.isCrossed(place)) this.noticed = 1;
  }

  /** Slots of eight bytes of a table that may hold anything but the zero it was born with. */
  writtenSlots(at: number, count: number): number[] {
    const word = at >> 2;
    if (!this.#isBornDefined(word)) return Array.from({ length: count }, (_, slot) => slot);
    const slots: number[] = [];
    const dirty = this.words.dirty();
    for (let i = lowerBound(dirty, word); i < dirty.length && dirty[i]! < word + count * 2; i++) {
      const slot = (dirty[i]! - word) >> 1;
      if (slots[slots.length - 1] !== slot) slots.push(slot);
    }
    return slots;
  }

  /** Whether several CPUs touch these very bytes, whatever their frame's life. */
  isPlaceCrossed(at: number, size: number): boolean {
    for (let granule = at >> 3; granule <= (at + size - 1) >> 3; granule++) {
      if (this.watch.isCrossed(granule)) return true;
    }
    return false;
  }

  /** An operation of a handler that is to be one step: at most one may be of a kind that other CPUs notice. */
  #notice(first: number, last: number, frame: number, mode: number): void {
    if (mode === PASS || mode === CLOSE || mode === OPEN)
      throw new NotOneStep('takes or drops a lock');
    let crossed = frame >= 0 && this.watch.isCrossed(this.places.life + frame);
    for (let granule = first; granule <= last; granule++)
      if (this.watch.isCrossed(granule)) crossed = true;
    if (crossed && ++this.noticed > 1 && this.mutation !== 'two-noticed-in-one-step')
      throw new NotOneStep('does two things that other CPUs can notice');
  }

  /** Logs a cell of a space that is no memory. */
  recordCell(space: number, mode: number, index: number): void {
    this.record(space, mode, index);
  }

  /** Logs that a step needs stores of a context, from number `first` to before `end`, to be in memory. */
  passStores(context: number, first: number, end: number): void {
    if (this.noticed >= 0) throw new NotOneStep('waits for stores');
    if (this.mutation === 'no-buffer-guard') return;
    this.log.add(SPACE.stores, PASS, storeCell(context, first), storeCell(context, end));
  }

  /** Logs an access and judges the frame it falls into. `shadow` is the pointer's, for the generation it was made for. */
  access(at: number, size: number, mode: number, shadow: number): void {
    const write = !looks(mode);
    const first = at >> 3;
    const last = (at + size - 1) >> 3;
    const frame = this.space.frameOfPage[at >> 12]!;
    if (this.noticed >= 0) this.#notice(first, last, frame, mode);
    for (let granule = first; granule <= last; granule++) {
      this.touch(granule, write);
      if (write && this.entryLocks && !this.dry && this.watch.isVisible(granule)) {
        this.noteWrite(granule);
      }
      if (this.waiting && mode === PASS) this.reveal(granule);
      if (this.actor >= 0 && this.#isStep(granule)) {
        // On a machine whose entries are split, half an entry's store changes
        // the value of the whole, which the history of values observes.
        const whole = this.history !== null && frame >= 0 && (write || this.inReader);
        const low = whole ? granule << 3 : Math.max(at, granule << 3);
        const high = whole ? (granule + 1) << 3 : Math.min(at + size, (granule + 1) << 3);
        this.log.add(
          SPACE.bytes,
          whole && mode >= COMMUTE && mode < LOAD ? WRITE : mode,
          low,
          high,
        );
      }
    }
    this.accessFrame(at, shadow);
  }

  /** The part of an access that concerns the frame it falls into: it must be alive, and of the pointer's generation. */
  accessFrame(at: number, shadow: number): void {
    const frame = this.space.frameOfPage[at >> 12]!;
    if (frame < 0) return;
    const place = this.places.life + frame;
    this.touch(place, false);
    if (this.actor >= 0 && this.#isStep(place)) this.record(SPACE.life, READ, frame);
    this.#judgeFrame(frame, shadow);
  }

  #judgeFrame(frame: number, shadow: number): void {
    const life = this.words.at[this.cells.life + frame]!;
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
    return (
      ((((frame + 1) << 12) | (this.words.at[this.cells.life + frame]! >>> 8)) << TAG_SHIFT) >>> 0
    );
  }

  /** Where in a word `size` bytes from byte `offset` on lie: how far up from bit 0. */
  #shiftOf(offset: number, size: number): number {
    return (this.#bigEndian ? 4 - offset - size : offset) * 8;
  }

  /** Where the low four bytes of a value of `size` bytes at `at` lie, or what is above them. */
  halfAt(at: number, size: number, high: boolean): number {
    if (this.#bigEndian) return high ? at : at + size - 4;
    return high ? at + 4 : at;
  }

  /** Reads `size` bytes, at most 8, into `low`, `high`, `shadow`. No logging. */
  peek(at: number, size: number): void {
    const words = this.words.at;
    const word = at >> 2;
    const offset = at & 3;
    if (offset + size <= 4) {
      const raw = words[word]!;
      this.low = size === 4 ? raw : (raw >>> this.#shiftOf(offset, size)) & ((1 << (size * 8)) - 1);
      this.high = 0;
      this.shadow = this.#shadowOf(word, ((1 << size) - 1) << offset);
      return;
    }
    if (size === 8 && offset === 0) {
      this.low = words[this.#bigEndian ? word + 1 : word]!;
      this.high = words[this.#bigEndian ? word : word + 1]!;
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
    // From the most significant byte down.
    for (let i = size - 1; i >= 0; i--) {
      this.peek(this.#bigEndian ? at + size - 1 - i : at + i, 1);
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
    const raw = this.words.at[this.cells.shadow + word]!;
    const unwritten = bytes & ~raw;
    let shadow = raw & 0xfffff000;
    if (raw & (bytes << 4) || (unwritten && !this.#isBornDefined(word))) shadow |= UNDEFINED;
    if (raw & (bytes << 8)) shadow |= TORN;
    return shadow >>> 0;
  }

  #isBornDefined(word: number): boolean {
    const page = Math.floor(word / PAGE_WORDS);
    const kind = this.space.kindOfPage[page];
    if (kind === 'frame')
      return (this.words.at[this.cells.life + this.space.frameOfPage[page]!]! & 4) !== 0;
    return kind !== 'stack';
  }

  /** Writes `size` bytes, at most 8. No logging; undone by rewinding. */
  poke(at: number, size: number, low: number, high: number, shadow: number): void {
    const word = at >> 2;
    const offset = at & 3;
    if (offset + size <= 4) {
      if (size === 4) this.words.set(word, low);
      else {
        const shift = this.#shiftOf(offset, size);
        const mask = ((1 << (size * 8)) - 1) << shift;
        this.words.set(word, ((this.words.at[word]! & ~mask) | ((low << shift) & mask)) >>> 0);
      }
      this.#writeShadow(word, ((1 << size) - 1) << offset, shadow);
    } else if (size === 8 && offset === 0) {
      this.words.set(word, this.#bigEndian ? high : low);
      this.words.set(word + 1, this.#bigEndian ? low : high);
      this.#writeShadow(word, 15, shadow);
      this.#writeShadow(word + 1, 15, shadow);
    } else {
      for (let i = 0; i < size; i++) {
        const byte = i < 4 ? (low >>> (i * 8)) & 0xff : (high >>> ((i - 4) * 8)) & 0xff;
        this.poke(this.#bigEndian ? at + size - 1 - i : at + i, 1, byte, 0, shadow);
      }
      return;
    }
    const frame = this.space.frameOfPage[at >> 12]!;
    if (frame < 0) return;
    if (this.history) this.#noteEntry(at >> 3);
    this.noteFrameWrite(frame, at);
  }

  #noteEntry(granule: number): void {
    const low = this.words.at[this.halfAt(granule << 3, 8, false) >> 2]!;
    if (low & this.arch.entryPresent)
      this.history!.add(granule, low, this.words.at[this.halfAt(granule << 3, 8, true) >> 2]!);
  }

  #writeShadow(word: number, bytes: number, shadow: number): void {
    const old = this.words.at[this.cells.shadow + word]!;
    let flags = old & 0xfff & ~((bytes << 4) | (bytes << 8));
    if (!this.#isBornDefined(word)) flags |= bytes;
    if (shadow & UNDEFINED) flags |= bytes << 4;
    if (shadow & TORN) flags |= bytes << 8;
    this.words.set(this.cells.shadow + word, (flags | (shadow & ~FLAGS_MASK)) >>> 0);
  }

  /** Makes stack memory that nobody can read any more look as if nobody had written it. */
  wipe(at: number, size: number): void {
    if (this.actor >= 0) {
      const lending = this.context >= 0 && this.isLending(this.context);
      for (let granule = at >> 3; granule <= (at + size - 1) >> 3; granule++) {
        if (lending) this.touch(granule, true);
        if (!this.#isStep(granule)) continue;
        if (this.noticed >= 0) this.#notice(granule, granule, -1, WRITE);
        this.log.add(SPACE.bytes, WRITE, granule << 3, (granule + 1) << 3);
      }
    }
    this.#wipeWords(at >> 2, (at + size) >> 2);
  }

  #wipeWords(from: number, to: number): void {
    // Words never written need no wiping, and a frame has a thousand.
    const dirty = this.words.dirty();
    for (const base of [0, this.cells.shadow]) {
      for (let i = lowerBound(dirty, base + from); i < dirty.length && dirty[i]! < base + to; i++)
        this.words.set(dirty[i]!, 0);
    }
  }

  /* ---- frames ------------------------------------------------------- */

  lifeOf(frame: number): 'never' | 'allocated' | 'freed' {
    return (['never', 'allocated', 'freed'] as const)[
      (this.words.at[this.cells.life + frame]! & 3) as 0 | 1 | 2
    ];
  }

  /** Frames that an allocation may take now, in pool order. Which of the never-used ones is taken matters: they may agree in a half. */
  freeFrames(zones: readonly string[]): FrameInfo[] {
    const found = this.space.frames.filter(
      (frame) =>
        zones.includes(frame.zone) &&
        (this.words.at[this.cells.life + frame.index]! & 3) !== LIFE_ALLOCATED,
    );
    if (this.actor >= 0)
      for (const [index, zone] of ['normal', 'high'].entries())
        if (zones.includes(zone)) this.record(SPACE.freelist, WRITE, index);
    return found;
  }

  allocate(frame: number, zeroed: boolean): void {
    this.#changeLife(frame);
    const cell = this.cells.life + frame;
    const generation = (this.words.at[cell]! >>> 8) + 1;
    const at = this.space.frames[frame]!.at;
    this.#wipeWords(at >> 2, (at + PAGE_SIZE) >> 2);
    this.history?.forget(at >> 3, (at + PAGE_SIZE) >> 3);
    this.words.set(cell, (generation << 8) | (zeroed ? 4 : 0) | LIFE_ALLOCATED);
  }

  free(frame: number): void {
    this.#changeLife(frame);
    const cell = this.cells.life + frame;
    const life = this.words.at[cell]!;
    const name = this.space.nameOf(this.space.frames[frame]!.at);
    if ((life & 3) !== LIFE_ALLOCATED)
      throw new Violation('bad-free', `${name} is freed, but it is not allocated`);
    this.noteFree(frame);
    const zone = this.space.frames[frame]!.zone === 'normal' ? 0 : 1;
    // Two frees commute: an allocation chooses among all that is free, in the order of the pool.
    if (this.actor >= 0) this.record(SPACE.freelist, COMMUTE + 1, zone);
    const at = this.space.frames[frame]!.at;
    this.#wipeWords(at >> 2, (at + PAGE_SIZE) >> 2);
    this.words.set(cell, (life & ~7) | LIFE_FREED);
  }

  /** A secondary MMU begins or ceases to map a frame. Returns whether it is alive, and the one the pointer was made for. */
  noteSecondary(frame: number, shadow: number): boolean {
    this.#changeLife(frame);
    const life = this.words.at[this.cells.life + frame]!;
    const tag = shadow >>> TAG_SHIFT;
    const isCurrent = tag >> 12 !== frame + 1 || (tag & 0xfff) === life >>> 8;
    return (life & 3) === LIFE_ALLOCATED && isCurrent;
  }

  #changeLife(frame: number): void {
    this.touch(this.places.life + frame, true);
    if (this.actor >= 0) this.record(SPACE.life, WRITE, frame);
  }

  /** Bytes of the scenario's own, in low memory, for setup only. Returns the virtual address. */
  allocateHeap(size: number, name: string): bigint {
    if (this.actor >= 0)
      throw new UnsupportedError(
        "shootdown_alloc is for setup(); allocate pages with the kernel's own functions afterwards",
      );
    const used = (this.words.at[this.cells.heapUsed]! + 63) & ~63;
    if (used + size > this.space.heapBytes)
      throw new UnsupportedError(
        `setup() asks for more than ${this.space.heapBytes} bytes of memory`,
      );
    this.words.set(this.cells.heapUsed, used + size);
    this.space.allow(this.space.heapAt + used, size);
    this.space.name(this.space.heapAt + used, size, name);
    return this.arch.directMap + this.arch.heapBase + BigInt(used);
  }

  /* ---- temporary mappings ------------------------------------------- */

  /** Maps a frame for a context. Returns the virtual address. Slots nest, as kmap_local does. */
  kmap(context: number, frame: number): number {
    for (let slot = 0; slot < KMAP_SLOTS; slot++) {
      const cell = this.cells.kmap + context * KMAP_SLOTS + slot;
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
      if (this.words.at[this.cells.kmap + context * KMAP_SLOTS + above] !== 0)
        throw new Violation('bug', 'kunmap_local out of order: temporary mappings must nest');
    }
    this.words.set(this.cells.kmap + context * KMAP_SLOTS + slot, 0);
  }
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
