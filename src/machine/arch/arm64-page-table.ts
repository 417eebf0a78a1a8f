import { type PageTableFormat, TABLE_ENTRY } from './page-table.ts';

/**
 * VMSAv8-64, stage 1, granule of 4 KiB, 48 bits of address. Source: Arm
 * Architecture Reference Manual, D8.2 (walk), D8.3 (descriptors), D8.4.6
 * (dirty state), D8.14 (TLB maintenance). The hardware manages access flag and
 * dirty state (FEAT_HAFDBS): a writable and clean page has DBM set and is
 * read-only until the walker clears that. Left out: rights in table
 * descriptors, contiguous entries, execution, memory types, a CPU without
 * FEAT_HAFDBS, whose kernel sets both in a fault.
 */

const VALID = 1;
/** At the last level a page, above it a table; clear above it: a block. */
const TABLE = 2;
const USER = 0x40;
const READ_ONLY = 0x80;
const ACCESS_FLAG = 0x400;
const NOT_GLOBAL = 0x800;
/** In the high half: bit 51. */
const DIRTY_MANAGED = 0x80000;
const LAST_LEVEL = 3;

function addressOf(low: number, high: number): number {
  return (high & 0xffff) * 2 ** 32 + ((low & 0xfffff000) >>> 0);
}

export const arm64Tables: PageTableFormat = {
  levels: [39, 30, 21, 12].map((shift) => ({ shift, bits: 9 })),
  holdsTop: false,
  setsAccessed: true,
  setsDirty: true,
  // TLBI by address drops what leads to it as well; the leaf-only form is its caller's to ask for.
  pageFlushDropsUpper: 'path',
  pageFlushDropsGlobal: true,
  // TTBR: the ASID in bits 48-63. Nothing goes when it is written.
  root: (low, high) => ({ table: addressOf(low, high), tag: high >>> 16, keeps: true }),
  decode(level, low, high) {
    const isTable = level < LAST_LEVEL && (low & TABLE) !== 0;
    // No block above 1 GiB, and no last level without the second bit.
    const isReserved = (low & TABLE) === 0 && (level === 0 || level === LAST_LEVEL);
    const readOnly = (low & READ_ONLY) !== 0;
    const address = addressOf(low, high);
    const present = (low & VALID) !== 0 && !isReserved;
    if (isTable) return { ...TABLE_ENTRY, present, address };
    return {
      present,
      leaf: true,
      address,
      writable: !readOnly || (high & DIRTY_MANAGED) !== 0,
      user: (low & USER) !== 0,
      accessed: (low & ACCESS_FLAG) !== 0,
      dirty: !readOnly,
      global: (low & NOT_GLOBAL) === 0,
    };
  },
  touched: (low, high, write) => [((low | ACCESS_FLAG) & (write ? ~READ_ONLY : ~0)) >>> 0, high],
};
