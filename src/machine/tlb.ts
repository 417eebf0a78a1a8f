import { HOOK } from '../explore/system.ts';
import {
  ENTRY_BYTES,
  entriesOf,
  type PageTableFormat,
  type PageTableLevel,
} from './arch/page-table.ts';
import { TLB_ENTRIES, TLB_ENTRY_WORDS, TLB_HEADER, TLB_WORDS } from './cells.ts';
import type { Machine } from './machine.ts';
import { hexText, TAG_SHIFT } from './shadow.ts';
import { refuseEntry, type Table, TlbClosure } from './tlb-closure.ts';
import { type Cached, compareRows, GLOBAL, USER, vaText, WRITABLE, wordsOf } from './tlb-entry.ts';
import { Cut, NotOneStep, UnsupportedError, Violation } from './violation.ts';

/**
 * What each CPU's TLB and paging-structure caches could hold. Per CPU, the
 * set of entries that its walker could have met since the last flush that
 * reached it: all that the loaded root leads to through memory as it is or
 * through an upper entry in the set. Memory that changes adds to the set at
 * once, so a fill is no step; nothing leaves it but by a flush (explorer
 * rule 19). A use chooses (`translation.ts`).
 *
 * The set is in the state, sorted, each entry once: two ways to one set are
 * one state. Why it is right to look at it without an order of its own: what
 * a write adds is read by a use, which reads that very slot of every table
 * it could walk; by a flush or a load of the root, which read all the tables
 * walkable before and after; and by a write that links a table, which reads
 * that table. So whoever could notice the order has it in the footprint.
 */

/** What a flush drops. */
export interface TlbFlush {
  /** Entries of which tag; global ones go only where `global` says so. */
  readonly tag: 'current' | 'all' | number;
  readonly global: boolean;
  /** Leaves that cover part of this, last address included; null for all. */
  readonly range: readonly [number, number] | null;
  /** Upper entries: those of the tag, those on the path of the range, none. */
  readonly upper: 'all' | 'path' | 'none';
  /** Leaves of this size alone, as log2; of any where not given. */
  readonly leafShift?: number;
  /** It loads the root anew, as a write to CR3 does: entries held with the root are read again. */
  readonly reloadsTop: boolean;
}

/** All that is cached for what the CPU has loaded, as a write of CR3 does it, or somebody else. */
export const LOADED: TlbFlush = {
  tag: 'current',
  global: false,
  range: null,
  upper: 'all',
  reloadsTop: true,
};
export const LOADED_ELSEWHERE: TlbFlush = { ...LOADED, reloadsTop: false };

export class Tlbs {
  readonly #machine: Machine;
  readonly #words: Uint32Array;
  /** Whether setup loaded a root, then each CPU's words: tag + 1, root low, high, count, entries. */
  readonly #at: number;
  readonly #format: PageTableFormat | null;

  constructor(machine: Machine, at: number) {
    this.#machine = machine;
    this.#words = machine.words.at;
    this.#at = at;
    this.#format = machine.arch.pageTables ?? null;
  }

  get format(): PageTableFormat {
    const { arch, platform } = this.#machine;
    if (platform.withoutWalker !== undefined)
      throw new UnsupportedError(
        `page tables cannot be loaded on ${arch.name} ${platform.name}: ${platform.withoutWalker}`,
      );
    if (this.#format === null)
      throw new UnsupportedError(`the page tables of ${arch.name} are not built yet`);
    return this.#format;
  }

  /**
   * Whether setup gave some CPU page tables. If not, nothing of this costs or
   * touches anything, and no root is loaded later: what a step touches must
   * not depend on whether somebody is about to load one.
   */
  get isInUse(): boolean {
    return this.#words[this.#at] !== 0;
  }

  #cellsOf(cpu: number): number {
    return this.#at + 1 + cpu * TLB_WORDS;
  }

  isLoaded(cpu: number): boolean {
    return this.#words[this.#cellsOf(cpu)] !== 0;
  }

  /** The address-space tag of the loaded root. */
  currentTag(cpu: number): number {
    return this.#words[this.#cellsOf(cpu)]! - 1;
  }

  /** Physical address of the loaded root table. */
  rootOf(cpu: number): number {
    const at = this.#cellsOf(cpu);
    return this.#words[at + 2]! * 2 ** 32 + this.#words[at + 1]!;
  }

  /** What may be cached. Shape: a copy, in the order of the state. */
  read(cpu: number): Cached[] {
    const at = this.#cellsOf(cpu);
    const words = this.#words;
    return Array.from({ length: words[at + 3]! }, (_, i) => {
      const entry = at + TLB_HEADER + i * TLB_ENTRY_WORDS;
      const head = words[entry]!;
      return {
        tag: head >>> 16,
        level: (head >>> 8) & 0xff,
        leaf: (head & 0x80) !== 0,
        rights: head & 3,
        prefix: words[entry + 1]! * 2 ** 32 + words[entry + 2]!,
        low: words[entry + 4]!,
        high: words[entry + 3]!,
        page: words[entry + 5]!,
      };
    });
  }

  #write(cpu: number, set: Iterable<Cached>): void {
    const rows = [...set].map(wordsOf).sort(compareRows);
    if (rows.length > TLB_ENTRIES)
      throw new Cut(`more than ${TLB_ENTRIES} translations that one CPU may have cached`);
    const { words } = this.#machine;
    const at = this.#cellsOf(cpu);
    const before = words.at[at + 3]!;
    words.set(at + 3, rows.length);
    for (let i = 0; i < Math.max(before, rows.length); i++) {
      for (let word = 0; word < TLB_ENTRY_WORDS; word++)
        words.set(at + TLB_HEADER + i * TLB_ENTRY_WORDS + word, rows[i]?.[word] ?? 0);
    }
  }

  #closureOf(cpu: number, set: readonly Cached[]): TlbClosure {
    return new TlbClosure(this.#machine, this.format, this.currentTag(cpu), set);
  }

  #rootTable(cpu: number): Table | null {
    const frame = this.#machine.space.frameOfPhysical(this.rootOf(cpu));
    // A root outside the pool is one of the kernel's own: it maps nothing for users.
    if (!frame) return null;
    const at = frame.at + (this.rootOf(cpu) % 4096);
    return { frame, at, level: 0, prefix: 0, rights: USER | WRITABLE };
  }

  /** The tables that the CPU's walker could read now: through memory or through what is cached. */
  tablesOf(cpu: number, set: readonly Cached[] = this.read(cpu)): Table[] {
    const closure = this.#closureOf(cpu, set);
    const root = this.format.holdsTop ? null : this.#rootTable(cpu);
    const tables = root ? [root] : [];
    for (const entry of set) {
      if (entry.leaf || entry.tag !== this.currentTag(cpu)) continue;
      if (!this.#mayWalkFrom(cpu, entry)) continue;
      const table = closure.tableOf(entry);
      if (!tables.some((other) => sameTable(other, table))) tables.push(table);
    }
    return tables;
  }

  /** A mutation: only what memory still says is walked from. */
  #mayWalkFrom(cpu: number, entry: Cached): boolean {
    const machine = this.#machine;
    if (machine.mutation !== 'closure-without-psc') return true;
    return this.walkMemory(cpu, entry.prefix * 2 ** this.format.levels[entry.level]!.shift).some(
      (at) => {
        machine.peek(at, ENTRY_BYTES);
        return machine.low === entry.low && machine.high === entry.high;
      },
    );
  }

  /** Where a walk by memory alone reads its entries, top first; it ends where one leads to no table. No logging. */
  walkMemory(cpu: number, va: number): number[] {
    return this.walkFrom(this.rootOf(cpu), va);
  }

  /** The same from the root table at a physical address. */
  walkFrom(root: number, va: number): number[] {
    const found: number[] = [];
    let table = root;
    for (const [level, shape] of this.format.levels.entries()) {
      const frame = this.#machine.space.frameOfPhysical(table);
      if (!frame) break;
      const index = indexOf(shape, va);
      const at = frame.at + (table % 4096) + index * ENTRY_BYTES;
      found.push(at);
      this.#machine.peek(at, ENTRY_BYTES);
      const decoded = this.format.decode(level, this.#machine.low, this.#machine.high);
      if (!decoded.present || decoded.leaf) break;
      table = decoded.address;
    }
    return found;
  }

  /* ---- changes ------------------------------------------------------ */

  /** Loads a CPU's root register. What it had cached under other tags stays, unused until they are loaded again. */
  loadRoot(cpu: number, low: number, high: number): void {
    const machine = this.#machine;
    if (machine.actor < 0) machine.words.set(this.#at, 1);
    if (!this.isInUse) return;
    // Unlike a flush, which may come earlier, this takes away what a walker would meet until then.
    if (machine.noticed >= 0) throw new NotOneStep('loads a root');
    machine.touchTlb(cpu, true);
    const { table, tag, keeps } = this.format.root(low, high);
    const at = this.#cellsOf(cpu);
    const before = this.isLoaded(cpu) ? this.read(cpu) : [];
    if (this.isLoaded(cpu)) this.#observe(this.tablesOf(cpu, before));
    machine.words.set(at, tag + 1);
    machine.words.set(at + 1, table % 2 ** 32);
    machine.words.set(at + 2, Math.floor(table / 2 ** 32));
    const kept = keeps
      ? before
      : before.filter((entry) => entry.tag !== tag || machine.mutation === 'flush-keeps-entries');
    for (const entry of kept) if (!entry.leaf && entry.tag === tag) this.#judgeKept(cpu, entry);
    this.#rebuild(cpu, kept, true);
  }

  /** Unused while its tag was not loaded, an entry may lead to a table that is gone by now. */
  #judgeKept(cpu: number, entry: Cached): void {
    if (entry.page === 0) return;
    const frame = (entry.page >>> 12) - 1;
    this.#machine.observeLife(frame);
    if (
      this.#machine.lifeOf(frame) === 'allocated' &&
      this.#machine.tagOf(frame) >>> TAG_SHIFT === entry.page
    )
      return;
    throw new Violation(
      'stale-translation',
      `CPU ${cpu} loads a root whose cached entries it keeps, and ${this.textOf(entry)} leads to a table that was freed`,
    );
  }

  /** A flush that reaches a CPU, whoever asked for it. */
  flush(cpu: number, what: TlbFlush): void {
    if (!this.isInUse) return;
    this.#machine.touchTlb(cpu, this.isLoaded(cpu));
    if (!this.isLoaded(cpu)) return;
    const set = this.read(cpu);
    this.#observe(this.tablesOf(cpu, set));
    const kept =
      this.#machine.mutation === 'flush-keeps-entries'
        ? set
        : set.filter((entry) => !this.#drops(cpu, what, entry));
    this.#rebuild(cpu, kept, what.reloadsTop);
  }

  #drops(cpu: number, what: TlbFlush, entry: Cached): boolean {
    if (this.format.holdsTop && entry.level === 0) return what.reloadsTop;
    const tag = what.tag === 'current' ? this.currentTag(cpu) : what.tag;
    const covers = what.range === null || this.#touches(entry, what.range);
    const takesGlobal = what.global || (what.range !== null && this.format.pageFlushDropsGlobal);
    if (entry.tag === GLOBAL) return takesGlobal && covers;
    if (tag !== 'all' && entry.tag !== tag) return false;
    if (entry.leaf && what.leafShift !== undefined)
      return covers && this.format.levels[entry.level]!.shift === what.leafShift;
    return entry.leaf ? covers : what.upper === 'all' || (what.upper === 'path' && covers);
  }

  #touches(entry: Cached, [first, last]: readonly [number, number]): boolean {
    const size = 2 ** this.format.levels[entry.level]!.shift;
    return entry.prefix * size <= last && first < (entry.prefix + 1) * size;
  }

  /** What is kept, and all that can be walked to from it and from the root. */
  #rebuild(cpu: number, kept: readonly Cached[], reloadsTop: boolean): void {
    const { holdsTop } = this.format;
    const old = holdsTop && reloadsTop ? kept.filter(({ level }) => level > 0) : kept;
    const closure = this.#closureOf(cpu, old);
    for (const table of this.tablesOf(cpu, old)) closure.enter(table);
    const root = this.#rootTable(cpu);
    if (holdsTop && reloadsTop && root) closure.enter(root);
    this.#write(cpu, closure.set());
  }

  /** Tables whose stores mean something else from now on. */
  #observe(tables: readonly Table[]): void {
    for (const table of tables) {
      const count = entriesOf(this.format.levels[table.level]!);
      this.#machine.observe(table.at, ENTRY_BYTES * count, HOOK);
    }
  }

  /**
   * Memory of a frame has changed. Where that is a table some CPU can walk,
   * the entry as it is now may be cached, and what it leads to. Returns
   * whether another table was looked at.
   */
  noteWrite(frame: number, at: number): boolean {
    let linked = false;
    for (let cpu = 0; cpu < this.#machine.cpuCount; cpu++) {
      if (!this.isLoaded(cpu) || !this.#mayReach(cpu, frame)) continue;
      const set = this.read(cpu);
      const closure = this.#closureOf(cpu, set);
      for (const table of this.tablesOf(cpu, set)) {
        const slot = (at - table.at) >> 3;
        const shape = this.format.levels[table.level]!;
        if (table.frame.index !== frame || slot < 0 || slot >= 1 << shape.bits) continue;
        if (slot >= entriesOf(shape)) refuseEntry(this.#machine, table, slot);
        closure.addSlot(table, slot);
      }
      if (closure.grew) this.#write(cpu, closure.set());
      linked ||= closure.entered;
    }
    return linked;
  }

  /** Whether a frame may be a table of the CPU's: cheap, for every write asks. */
  #mayReach(cpu: number, frame: number): boolean {
    const root = this.format.holdsTop ? undefined : this.#rootTable(cpu);
    return root?.frame.index === frame || this.#leadingTo(cpu, frame) !== null;
  }

  /** The first cached entry that lets the CPU's walker into a frame as a table, or null. */
  #leadingTo(cpu: number, frame: number): number | null {
    const at = this.#cellsOf(cpu);
    const tag = this.currentTag(cpu);
    for (let i = 0; i < this.#words[at + 3]!; i++) {
      const entry = at + TLB_HEADER + i * TLB_ENTRY_WORDS;
      const head = this.#words[entry]!;
      if (
        (head & 0x80) === 0 &&
        head >>> 16 === tag &&
        this.#words[entry + 5]! >>> 12 === frame + 1
      )
        return i;
    }
    return null;
  }

  /** A frame is about to be freed: no CPU may be able to walk into it. Fails: throws `Violation`. */
  judgeFree(frame: number): void {
    const machine = this.#machine;
    if (!this.isInUse) return;
    for (let cpu = 0; cpu < machine.cpuCount; cpu++) {
      machine.touchTlb(cpu, false);
      if (!this.isLoaded(cpu) || machine.mutation === 'free-ignores-tlbs') continue;
      const name = machine.space.nameOf(machine.space.frames[frame]!.at);
      const entry = this.#leadingTo(cpu, frame);
      if (entry !== null) {
        throw new Violation(
          'stale-translation',
          `${name} is freed while CPU ${cpu} may still walk into it: ${this.textOf(this.read(cpu)[entry]!)} may be cached there and was not flushed`,
        );
      }
      if (this.#rootTable(cpu)?.frame.index === frame) {
        throw new Violation(
          'stale-translation',
          `${name} is freed while it is the root table that CPU ${cpu} has loaded`,
        );
      }
    }
  }

  /** An entry, as messages and traces write it. */
  textOf(entry: Cached): string {
    const va = entry.prefix * 2 ** this.format.levels[entry.level]!.shift;
    const kind = entry.leaf ? 'translation' : 'upper entry';
    return `the ${kind} ${hexText(entry.low, entry.high)} for ${vaText(va)}`;
  }
}

/** Which entry of a table of that shape an address selects. Fails: throws `UnsupportedError` where it is not among those that are kept. */
export function indexOf(shape: PageTableLevel, va: number): number {
  const index = Math.floor(va / 2 ** shape.shift) % 2 ** shape.bits;
  if (index >= entriesOf(shape))
    throw new UnsupportedError(
      `the walk for ${vaText(va)} needs entry ${index} of a table, of which the kernel here keeps ${entriesOf(shape)}`,
    );
  return index;
}

function sameTable(one: Table, other: Table): boolean {
  return (
    one.at === other.at &&
    one.level === other.level &&
    one.prefix === other.prefix &&
    one.rights === other.rights
  );
}
