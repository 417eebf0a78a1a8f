import { HOOK } from '../explore/system.ts';
import type { FrameInfo } from './address-space.ts';
import { ENTRY_BYTES, entriesOf, type PageTableFormat } from './arch/page-table.ts';
import type { Machine } from './machine.ts';
import { TAG_SHIFT, UNDEFINED } from './shadow.ts';
import { type Cached, GLOBAL, USER, vaText, WRITABLE } from './tlb-entry.ts';
import { UnsupportedError, Violation } from './violation.ts';

/** A table as a walker meets it: whose slots are entries of `level`, for addresses that begin with `prefix`. */
export interface Table {
  readonly frame: FrameInfo;
  /** Offset of its bytes in the machine's memory. */
  readonly at: number;
  readonly level: number;
  /** The address above the shift of the level before. */
  readonly prefix: number;
  readonly rights: number;
}

/**
 * Adds to a set of cached entries all that a walker can reach. Reading a
 * table's slots goes into the footprint of the step under way.
 */
export class TlbClosure {
  readonly #machine: Machine;
  readonly #format: PageTableFormat;
  readonly #tag: number;
  readonly #set = new Map<string, Cached>();
  /** Tables that the set leads to, all of whose slots are in it. */
  readonly #entered = new Set<string>();
  /** Entries came in; a table was looked at. */
  grew = false;
  entered = false;

  /** `tag`: of the loaded root. What `set` leads to is taken as being in it. */
  constructor(machine: Machine, format: PageTableFormat, tag: number, set: readonly Cached[]) {
    this.#machine = machine;
    this.#format = format;
    this.#tag = tag;
    for (const entry of set) {
      this.#set.set(keyOf(entry), entry);
      if (!entry.leaf && entry.tag === tag) this.#entered.add(tableKey(this.tableOf(entry)));
    }
  }

  set(): Iterable<Cached> {
    return this.#set.values();
  }

  /** The table that an upper entry leads to. */
  tableOf(entry: Cached): Table {
    const { address } = this.#format.decode(entry.level, entry.low, entry.high);
    const frame = this.#machine.space.frameOfPhysical(address);
    if (!frame) {
      throw new Violation(
        'wild-access',
        `an entry of a page table leads to a table at ${vaText(address)}, where no frame is`,
      );
    }
    const { level, prefix, rights } = entry;
    return { frame, at: frame.at + (address % 4096), level: level + 1, prefix, rights };
  }

  /** Takes in all slots of a table, and what they lead to. */
  enter(table: Table): void {
    const machine = this.#machine;
    const count = entriesOf(this.#format.levels[table.level]!);
    this.entered = true;
    // What is cached from now on decides what a free of the table means, and a store to it.
    machine.observeLife(table.frame.index, HOOK);
    if (machine.lifeOf(table.frame.index) !== 'allocated') {
      throw new Violation(
        'use-after-free',
        `${machine.space.nameOf(table.frame.at)} is walked as a page table, and it is not allocated`,
      );
    }
    machine.observe(table.at, ENTRY_BYTES * count, HOOK);
    for (const slot of machine.writtenSlots(table.at, count)) this.addSlot(table, slot);
    this.#refuseOthers(table, count);
  }

  /** Entries that the kernel here does not keep must be as it left them, for the walker passes them by. */
  #refuseOthers(table: Table, first: number): void {
    const inFrame = (4096 - (table.at % 4096)) / ENTRY_BYTES;
    const end = Math.min(1 << this.#format.levels[table.level]!.bits, inFrame);
    for (let slot = first; slot < end; slot++) {
      this.#machine.peek(table.at + slot * ENTRY_BYTES, ENTRY_BYTES);
      if ((this.#machine.shadow & UNDEFINED) === 0) refuseEntry(this.#machine, table, slot);
    }
  }

  /** Takes in one slot as it is now. */
  addSlot(table: Table, slot: number): void {
    const machine = this.#machine;
    const { level } = table;
    machine.peek(table.at + slot * ENTRY_BYTES, ENTRY_BYTES);
    const { low, high, shadow } = machine;
    if (shadow & UNDEFINED)
      throw new Violation(
        'undefined-value',
        `the page-table walker reads ${machine.space.nameOf(table.at + slot * ENTRY_BYTES)}, which nobody has written`,
      );
    const decoded = this.#format.decode(level, low, high);
    if (!decoded.present) return;
    const frame = machine.space.frameOfPhysical(decoded.address);
    const entry: Cached = {
      tag: decoded.global ? GLOBAL : this.#tag,
      level,
      leaf: decoded.leaf,
      rights: table.rights & ((decoded.user ? USER : 0) | (decoded.writable ? WRITABLE : 0)),
      prefix: table.prefix * 2 ** this.#format.levels[level]!.bits + slot,
      low,
      high,
      page: frame ? pageOf(machine, frame.index, shadow) : 0,
    };
    const key = keyOf(entry);
    if (this.#set.has(key)) return;
    this.#set.set(key, entry);
    this.grew = true;
    if (decoded.leaf) return;
    const below = this.tableOf(entry);
    const name = tableKey(below);
    if (this.#entered.has(name)) return;
    this.#entered.add(name);
    this.enter(below);
  }
}

/** An entry was written that is not kept: what it maps, no walk would find. Fails: always. */
export function refuseEntry(machine: Machine, table: Table, slot: number): never {
  throw new UnsupportedError(
    `${machine.space.nameOf(table.at + slot * ENTRY_BYTES)} is entry ${slot} of a page table, which is not among those that the kernel here keeps`,
  );
}

/** The entry's own tag says which page it was made for; where it was lost, the page that is there. */
function pageOf(machine: Machine, frame: number, shadow: number): number {
  const tag = shadow >>> TAG_SHIFT;
  return tag >>> 12 === frame + 1 ? tag : machine.tagOf(frame) >>> TAG_SHIFT;
}

function keyOf({ tag, level, leaf, rights, prefix, low, high, page }: Cached): string {
  return `${tag}/${level}/${leaf}/${rights}/${prefix}/${low}/${high}/${page}`;
}

function tableKey({ at, level, prefix, rights }: Table): string {
  return `${at}/${level}/${prefix}/${rights}`;
}
