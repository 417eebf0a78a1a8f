/**
 * What a hardware page-table walker knows: the shape of the tables, and what
 * the bits of an entry mean to it. One format per architecture, named by
 * `Arch.pageTables`. The kernel's view of an entry is C and not looked at.
 *
 * Entries have eight bytes, as the machine loads them (`low`, `high`).
 * Physical and virtual addresses are numbers: both fit 53 bits for user
 * space. A table lies within one frame of the pool. Levels count from the
 * top: level 0 is the root table's.
 *
 * To add one: say how many bits of the address each level eats, how the root
 * register names table and address-space tag, what an entry means, and who
 * sets accessed and dirty bits. The rest (`src/machine/tlb.ts`) is common.
 */
export interface PageTableFormat {
  /** From the root's down. `shift`: log2 of what one entry covers; `bits`: of how many entries a table has. */
  readonly levels: readonly PageTableLevel[];

  /**
   * The entries of the root table are read when the root is loaded, and not
   * again until it is loaded anew: the four top entries of PAE.
   */
  readonly holdsTop: boolean;

  /** The walker sets the accessed bit; where false, an entry without it is none to the walker (`present` false). */
  readonly setsAccessed: boolean;
  /** The walker sets the dirty bit at a write; where false, a write through an entry without it faults. */
  readonly setsDirty: boolean;

  /**
   * What flushing one page does to cached upper entries of that address
   * space: drops all of them (x86: SDM volume 3, 4.10.4.1), those on the
   * page's path, or none.
   */
  readonly pageFlushDropsUpper: 'all' | 'path' | 'none';
  /** Whether it takes global entries of the page along. */
  readonly pageFlushDropsGlobal: boolean;

  /** What a value of the root register says. */
  root(low: number, high: number): RootRegister;

  /** What an entry means to the walker. `level` as in `levels`. */
  decode(level: number, low: number, high: number): DecodedEntry;

  /** The entry with its accessed bit set and, for a write, its dirty bit. Shape: low, high. */
  touched(low: number, high: number, write: boolean): readonly [number, number];
}

export interface PageTableLevel {
  readonly shift: number;
  readonly bits: number;
  /**
   * How many entries from the first on the kernel here keeps, where that is
   * fewer: the others lie outside the frame, or are never written, and in Linux
   * say that nothing is there. An access that needs one is refused, and so
   * is a table in which one has been written. All where not given.
   */
  readonly entries?: number;
}

/** How many entries of a table a walker can read. */
export function entriesOf({ bits, entries }: PageTableLevel): number {
  return entries ?? 1 << bits;
}

export interface RootRegister {
  /** Physical address of the root table. */
  readonly table: number;
  /** PCID, ASID or the like, 0 ... 0xfffe; 0 where there is none. */
  readonly tag: number;
  /** Loading it keeps what is cached under its tag. */
  readonly keeps: boolean;
}

export interface DecodedEntry {
  /** The walker goes on by it; else it faults, and nothing is cached. */
  readonly present: boolean;
  /** It maps a page; else it leads to a table. */
  readonly leaf: boolean;
  /** Physical address of the page or table. */
  readonly address: number;
  readonly writable: boolean;
  readonly user: boolean;
  readonly accessed: boolean;
  readonly dirty: boolean;
  /** Cached whatever the address-space tag. */
  readonly global: boolean;
}

export const ENTRY_BYTES = 8;

/** What an entry that leads to a table says besides, where it has no rights and no accessed or dirty bits: it forbids nothing. */
export const TABLE_ENTRY = {
  leaf: false,
  writable: true,
  user: true,
  accessed: true,
  dirty: true,
  global: false,
} as const;
