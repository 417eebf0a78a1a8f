import { UnsupportedError } from '../violation.ts';
import type { PageTableFormat } from './page-table.ts';

/**
 * Three levels of s390: region-third, segment and page table. Source:
 * z/Architecture Principles of Operation, SA22-7832, chapter 3, "Dynamic
 * Address Translation": ASCE, table entries, translation-specification
 * exceptions, protection (enhanced-DAT facility 1), structure of the TLB.
 * Nothing in an entry is set by the hardware: references and changes are noted
 * in the page's storage key, which Linux does not look at.
 *
 * Departs: region and segment tables have 16 KiB, of which one page is there; of a page
 * table's 256 entries eight are. A
 * large segment's frame stands in bits 14 and up, not 20, since the pool
 * has none of 1 MiB; so the access-control and change-override bits above
 * are not there, and the frames are 16 KiB apart. Left out: storage keys, real-space
 * and common segments (the space of a user is private, where they fault),
 * table offsets. The architecture keeps region and segment entry as one; here the
 * region's may also be cached alone, which allows more.
 */

const PROTECT = 0x200;
const PAGE_INVALID = 0x400;
/** Has to be zero in a page-table entry. */
const PAGE_RESERVED = 0x800;
const ENTRY_INVALID = 0x20;
const COMMON_SEGMENT = 0x10;
const TABLE_TYPE = 0x0c;
const REGION_THIRD = 0x04;
/** Which of a table's four pages is the first that is there. */
const TABLE_OFFSET = 0xc0;
const FORMAT_CONTROL = 0x400;
const REAL_SPACE = 0x20;
const LAST_LEVEL = 2;
const ENTRIES_PER_PAGE = 512;
/** Of a page table, as in kernel/arch/s390/mm/pgalloc.c. */
const PTES_INITIALISED = 8;

function addressOf(low: number, high: number, ignored: number): number {
  return high * 2 ** 32 + ((low & ~ignored) >>> 0);
}

/** The hardware may always go on by it: it knows neither accessed nor dirty, nor pages of the kernel's alone. */
const ALWAYS = { user: true, accessed: true, dirty: true, global: false } as const;

export const s390Tables: PageTableFormat = {
  levels: [
    { shift: 31, bits: 11, entries: ENTRIES_PER_PAGE },
    { shift: 20, bits: 11, entries: ENTRIES_PER_PAGE },
    { shift: 12, bits: 8, entries: PTES_INITIALISED },
  ],
  holdsTop: false,
  setsAccessed: false,
  setsDirty: false,
  // IPTE: page-table entries alone.
  pageFlushDropsUpper: 'none',
  // None is global here.
  pageFlushDropsGlobal: false,
  // TLBs know an entry by its origin; the number is made from it as asm-generic/asid.h does.
  root(low, high) {
    if ((low & (TABLE_TYPE | REAL_SPACE)) !== REGION_THIRD)
      throw new UnsupportedError('an ASCE of s390 that names no region-third table');
    const table = addressOf(low, high, 0xfff);
    return { table, tag: (table / 4096) % 0xfff1, keeps: true };
  },
  decode(level, low, high) {
    const writable = (low & PROTECT) === 0;
    if (level === LAST_LEVEL) {
      const present = (low & (PAGE_INVALID | PAGE_RESERVED)) === 0;
      return { ...ALWAYS, present, leaf: true, address: addressOf(low, high, 0xfff), writable };
    }
    const leaf = (low & FORMAT_CONTROL) !== 0;
    const isRegion = level === 0;
    const isSpecified =
      (low & TABLE_TYPE) === (isRegion ? REGION_THIRD : 0) &&
      (leaf || !isRegion || (low & TABLE_OFFSET) === 0) &&
      (isRegion || (low & COMMON_SEGMENT) === 0);
    const ignored = leaf ? 0x3fff : isRegion ? 0xfff : 0x7ff;
    return {
      ...ALWAYS,
      present: (low & ENTRY_INVALID) === 0 && isSpecified,
      leaf,
      address: addressOf(low, high, ignored),
      writable,
    };
  },
  touched: (low, high) => [low, high],
};
