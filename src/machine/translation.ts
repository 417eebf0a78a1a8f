import { WRITE } from '../explore/system.ts';
import { type DecodedEntry, ENTRY_BYTES } from './arch/page-table.ts';
import type { Machine } from './machine.ts';
import { hexText, TAG_SHIFT } from './shadow.ts';
import { indexOf } from './tlb.ts';
import { type Cached, GLOBAL, USER, vaText, WRITABLE } from './tlb-entry.ts';
import { Violation } from './violation.ts';

/**
 * What the hardware may do with a user access: go through any translation
 * that may be cached, walk and set accessed and dirty bits, or fault. All are
 * explored. Translating and touching the data are one step: what may be
 * cached only grows until a flush, and a flush waits for the access.
 */
export type Way =
  /** Through a cached translation; `stale`: memory says something else by now. */
  | {
      readonly kind: 'through';
      readonly entry: Cached;
      readonly physical: number;
      readonly stale: boolean;
    }
  /** The walker sets bits of the entry at `at`, locked; the access comes after. */
  | { readonly kind: 'set'; readonly at: number; readonly low: number; readonly high: number }
  | { readonly kind: 'fault' };

interface Slot {
  readonly at: number;
  readonly level: number;
  readonly low: number;
  readonly high: number;
  readonly rights: number;
  readonly decoded: DecodedEntry;
}

/**
 * All ways of a user access by a CPU, in a fixed order. Logs what they depend
 * on: what may be cached, and the slots that a walk could read.
 *
 * A dirty bit is set when a write uses the entry, in memory, or not at all:
 * an entry that has none there any more is walked anew. An accessed bit is
 * set before an entry is cached; a cached entry without it, whose slot has
 * changed since, stands for a walk in time.
 */
export function waysOf(machine: Machine, cpu: number, va: number, write: boolean): Way[] {
  const { tlbs } = machine;
  const { format } = tlbs;
  machine.touchTlb(cpu, false);
  const set = tlbs.read(cpu).filter((entry) => covers(machine, cpu, entry, va));
  const slots = slotsOf(machine, cpu, va);
  const ways: Way[] = [];
  // A root outside the pool of frames, like that of init_mm, has no slot: it maps nothing.
  let faults = slots.length === 0 || (format.holdsTop && !set.some(({ level }) => level === 0));
  const needed = USER | (write ? WRITABLE : 0);

  for (const entry of set.filter(({ leaf }) => leaf)) {
    const decoded = format.decode(entry.level, entry.low, entry.high);
    const isCurrent = slots.some((slot) => slot.level === entry.level && same(slot, entry));
    if ((entry.rights & needed) !== needed) faults = true;
    else if (write && !decoded.dirty) faults ||= !format.setsDirty;
    else if (decoded.accessed || !isCurrent) {
      const base = entry.prefix * 2 ** format.levels[entry.level]!.shift;
      addThrough(ways, { entry, physical: decoded.address + (va - base), stale: !isCurrent });
    }
  }
  for (const slot of slots) {
    const { decoded } = slot;
    if (!decoded.present) faults = true;
    else if (decoded.leaf && (slot.rights & needed) === needed) {
      const [low, high] = format.touched(slot.low, slot.high, write && format.setsDirty);
      const changes = low !== slot.low || high !== slot.high;
      const sets =
        (!decoded.accessed && format.setsAccessed) || (write && !decoded.dirty && format.setsDirty);
      if (sets && changes) ways.push({ kind: 'set', at: slot.at, low, high });
    }
  }
  return faults ? [...ways, { kind: 'fault' }] : ways;
}

/** Two entries for one page that differ in other bits are one way; one that memory still has is named first. */
function addThrough(
  ways: Way[],
  way: { readonly entry: Cached; readonly physical: number; readonly stale: boolean },
): void {
  const at = ways.findIndex(
    (other) =>
      other.kind === 'through' &&
      other.physical === way.physical &&
      other.entry.page === way.entry.page,
  );
  if (at < 0) ways.push({ kind: 'through', ...way });
  else if (!way.stale) ways[at] = { kind: 'through', ...way };
}

function covers(machine: Machine, cpu: number, entry: Cached, va: number): boolean {
  const { tlbs } = machine;
  if (entry.tag !== tlbs.currentTag(cpu) && entry.tag !== GLOBAL) return false;
  return Math.floor(va / 2 ** tlbs.format.levels[entry.level]!.shift) === entry.prefix;
}

function same(slot: Slot, entry: Cached): boolean {
  return slot.low === entry.low && slot.high === entry.high;
}

/** The slots that a walk for an address could read now, each once, and what is in them. */
export function slotsOf(machine: Machine, cpu: number, va: number): Slot[] {
  const { tlbs } = machine;
  const { levels } = tlbs.format;
  const slots: Slot[] = [];
  for (const table of tlbs.tablesOf(cpu)) {
    const { shift, bits } = levels[table.level]!;
    const whole = Math.floor(va / 2 ** shift);
    if (table.level > 0 && Math.floor(whole / 2 ** bits) !== table.prefix) continue;
    const at = table.at + indexOf(levels[table.level]!, va) * ENTRY_BYTES;
    machine.observe(at, ENTRY_BYTES);
    machine.peek(at, ENTRY_BYTES);
    const { low, high } = machine;
    const decoded = tlbs.format.decode(table.level, low, high);
    const rights = table.rights & ((decoded.user ? USER : 0) | (decoded.writable ? WRITABLE : 0));
    slots.push({ at, level: table.level, low, high, rights, decoded });
  }
  return slots;
}

/** The walker's locked update of an entry: all eight bytes at once, past the store buffer. */
export function setBits(machine: Machine, way: Way & { readonly kind: 'set' }): void {
  machine.access(way.at, ENTRY_BYTES, WRITE, 0);
  machine.peek(way.at, ENTRY_BYTES);
  machine.poke(way.at, ENTRY_BYTES, way.low, way.high, machine.shadow);
}

/**
 * Where in memory the data of an access lies. Fails: throws `Violation` where
 * the page was freed, or belongs to somebody else by now.
 */
export function placeOfData(
  machine: Machine,
  cpu: number,
  va: number,
  way: Way & { readonly kind: 'through' },
  verb: string,
): number {
  const { entry, physical } = way;
  const frame = machine.space.frameOfPhysical(physical);
  const how = `CPU ${cpu} ${verb} ${vaText(va)} through ${machine.tlbs.textOf(entry)}`;
  if (!frame) {
    throw new Violation(
      'wild-access',
      `${how}, which maps ${vaText(physical)}, where no frame of the pool is`,
    );
  }
  machine.observeLife(frame.index);
  const name = machine.space.nameOf(frame.at);
  const life = machine.lifeOf(frame.index);
  const now = way.stale ? 'it was not flushed' : 'memory still has it';
  if (life !== 'allocated')
    throw new Violation('stale-translation', `${how} after ${name} was freed; ${now}`);
  const isOwn = entry.page >>> 12 === frame.index + 1;
  if (isOwn && machine.tagOf(frame.index) >>> TAG_SHIFT !== entry.page)
    throw new Violation(
      'stale-translation',
      `${how} after ${name} was freed and allocated again; ${now}`,
    );
  return frame.at + (physical % 4096);
}

/** A way, as traces write it. */
export function wayText(machine: Machine, way: Way | undefined): string {
  if (!way) return 'no way';
  if (way.kind === 'fault') return 'page fault';
  if (way.kind === 'set')
    return `the walker sets ${machine.space.nameOf(way.at)} = ${hexText(way.low, way.high)}`;
  const text = machine.tlbs.textOf(way.entry);
  return way.stale ? `${text}, cached before it was changed in memory` : text;
}
