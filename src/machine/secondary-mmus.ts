import { HOOK, READ } from '../explore/system.ts';
import { SECONDARY_ENTRIES, SECONDARY_WORDS } from './cells.ts';
import type { Machine } from './machine.ts';
import { compareRows, vaText } from './tlb-entry.ts';
import { NotOneStep, UnsupportedError, Violation } from './violation.ts';

/**
 * What secondary MMUs map, and whether the CPU's tables say the same. A
 * secondary MMU hears of an entry before it changes (invalidate_range_start)
 * and establishes nothing until it has changed (invalidate_range_end). So at
 * every moment its translation is what the primary entry says, or less, and
 * whoever breaks that is found at the very store, or at the mapping, that
 * does: `notifier-window`. Inside a window nothing is mapped, so whatever
 * the entry holds meanwhile is no finding. Source: the comments of
 * invalidate_range_start and _end, include/linux/mmu_notifier.h (6.12).
 *
 * Why both orders of two steps are looked at: mapping, dropping and judging
 * read every entry on the walk, so each is dependent on whoever writes one
 * of these, and what mapping and dropping leave behind decides what that
 * writer judges: they are hooks; and a store that is not on the walk gets
 * there only by another store that is, which then reads the first one's place.
 */

/** One translation of a secondary MMU. */
export interface SecondaryMapping {
  readonly frame: number;
  /** Physical address of the root of the CPU's tables, where the translation comes from. */
  readonly root: number;
  readonly va: number;
  readonly writable: boolean;
}

export class SecondaryMmus {
  readonly #machine: Machine;
  /** The count, then the mappings, sorted: two ways to one set are one state. */
  readonly #at: number;

  constructor(machine: Machine, at: number) {
    this.#machine = machine;
    this.#at = at;
  }

  #read(): SecondaryMapping[] {
    const words = this.#machine.words.at;
    return Array.from({ length: words[this.#at]! }, (_, i) => {
      const row = this.#at + 1 + i * SECONDARY_WORDS;
      return {
        frame: words[row]! >>> 1,
        writable: (words[row]! & 1) !== 0,
        root: words[row + 1]! * 2 ** 32 + words[row + 2]!,
        va: words[row + 3]! * 2 ** 32 + words[row + 4]!,
      };
    });
  }

  #write(mappings: readonly SecondaryMapping[]): void {
    if (mappings.length > SECONDARY_ENTRIES)
      throw new UnsupportedError(`secondary MMUs map more than ${SECONDARY_ENTRIES} pages`);
    const { words } = this.#machine;
    const rows = mappings.map(wordsOf).sort(compareRows);
    const before = words.at[this.#at]!;
    words.set(this.#at, rows.length);
    for (let i = 0; i < Math.max(before, rows.length); i++)
      for (let word = 0; word < SECONDARY_WORDS; word++)
        words.set(this.#at + 1 + i * SECONDARY_WORDS + word, rows[i]?.[word] ?? 0);
  }

  /** A secondary MMU establishes a translation. Fails: throws `Violation` where the primary entry does not say so. */
  map(mapping: SecondaryMapping): void {
    this.#write([...this.#read(), mapping]);
    if (!this.#observe(mapping, HOOK)) return;
    const what = this.#difference(mapping);
    if (what === null) return;
    const text = `a secondary MMU maps ${this.#nameOf(mapping)}, ${what}`;
    if (this.#machine.actor < 0) throw new UnsupportedError(`in setup() ${text}`);
    throw new Violation('notifier-window', text);
  }

  /** It drops one. */
  unmap(mapping: Omit<SecondaryMapping, 'writable'>): void {
    const mappings = this.#read();
    const index = mappings.findIndex(
      ({ frame, root, va }) =>
        frame === mapping.frame && root === mapping.root && va === mapping.va,
    );
    if (index < 0) throw new UnsupportedError('a secondary MMU drops a page that it does not map');
    this.#observe(mappings[index]!, HOOK);
    this.#write(mappings.filter((_, i) => i !== index));
  }

  maps(frame: number): boolean {
    return this.#read().some((mapping) => mapping.frame === frame);
  }

  /** Bytes of a frame have changed. Fails: throws `Violation` where a translation is no more what the entry says. */
  noteWrite(at: number): void {
    const machine = this.#machine;
    if (machine.words.at[this.#at] === 0) return;
    for (const mapping of this.#read()) {
      if (!this.#walk(mapping).includes(at & ~7)) continue;
      if (machine.noticed >= 0)
        throw new NotOneStep('changes an entry that a secondary MMU goes by');
      machine.observeLife(mapping.frame);
      this.#observe(mapping, READ);
      const what = this.#difference(mapping);
      if (what === null || machine.mutation === 'entries-change-unseen') continue;
      throw new Violation(
        'notifier-window',
        `a secondary MMU was not told and still maps ${this.#nameOf(mapping)}, ${what}`,
      );
    }
  }

  #nameOf({ frame }: SecondaryMapping): string {
    const { space } = this.#machine;
    return space.nameOf(space.frames[frame]!.at);
  }

  #walk({ root, va }: SecondaryMapping): number[] {
    const machine = this.#machine;
    return machine.arch.pageTables === undefined ? [] : machine.tlbs.walkFrom(root, va);
  }

  /** Logs every entry on the walk. False where there are no tables that the machine can walk: only frees are judged then. */
  #observe(mapping: SecondaryMapping, mode: number): boolean {
    const slots = this.#walk(mapping);
    if (this.#machine.mutation !== 'secondary-walks-unlogged')
      for (const at of slots) this.#machine.observe(at, 8, mode);
    return slots.length > 0;
  }

  /** What the primary entry says otherwise, or null. */
  #difference(mapping: SecondaryMapping): string | null {
    const machine = this.#machine;
    const { format } = machine.tlbs;
    const slots = this.#walk(mapping);
    let writable = true;
    for (const [level, at] of slots.entries()) {
      machine.peek(at, 8);
      const entry = format.decode(level, machine.low, machine.high);
      writable &&= entry.writable;
      if (!entry.present || !entry.leaf) continue;
      const found = machine.space.frameOfPhysical(entry.address);
      if (found?.index !== mapping.frame) break;
      if (mapping.writable && !writable)
        return `for writing, where the page tables do not let ${vaText(mapping.va)} be written`;
      return null;
    }
    return `which the page tables do not map at ${vaText(mapping.va)}`;
  }
}

function wordsOf({ frame, root, va, writable }: SecondaryMapping): readonly number[] {
  return [
    frame * 2 + (writable ? 1 : 0),
    Math.floor(root / 2 ** 32),
    root % 2 ** 32,
    Math.floor(va / 2 ** 32),
    va % 2 ** 32,
  ];
}
