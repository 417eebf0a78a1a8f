import { UnsupportedError } from '../violation.ts';
import { type PageTableFormat, TABLE_ENTRY } from './page-table.ts';

/**
 * Radix tree of book3s64, pages of 4 KiB, process-scoped. Source: Power ISA
 * 3.1, book III, 6.7.10 (tree, entries, rights), 6.7.12 (reference and change bits, set by
 * the hardware in one atomic update), 6.9.3 (tlbie); arch/powerpc/include/asm/book3s/64/radix.h (6.12).
 * Entries are big-endian while the CPU is not: what the machine loads is swapped here.
 *
 * Departs: the top table has 512 entries, not 8192, as kernel/arch/powerpc
 * makes it; the root register has the address of the top table and, on top, the PID, which
 * hardware has in the process table and PIDR. Left out: storage attributes,
 * execution, the partition-scoped tables of a guest, CPUs that raise an
 * interrupt where they cannot set reference and change bits.
 */

/** In the high half. */
const VALID = 0x80000000;
const LEAF = 0x40000000;
const RPN_HIGH = 0x1ffffff;
const NEXT_HIGH = 0xfffffff;
/** In the low half. */
const REFERENCE = 0x100;
const CHANGE = 0x80;
const PRIVILEGED = 8;
const READ = 4;
const READ_WRITE = 2;
const NEXT_SIZE = 0x1f;
const TABLE_BITS = 9;
const LAST_LEVEL = 3;

function swapped(word: number): number {
  const bytes = (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  return bytes >>> 0;
}

export const powerpcTables: PageTableFormat = {
  levels: [39, 30, 21, 12].map((shift) => ({ shift, bits: TABLE_BITS })),
  holdsTop: false,
  setsAccessed: true,
  setsDirty: true,
  // RIC = 0: the page-walk cache stays.
  pageFlushDropsUpper: 'none',
  // None is global here.
  pageFlushDropsGlobal: false,
  root: (low, high) => ({
    table: (high & 0xffff) * 2 ** 32 + ((low & 0xfffff000) >>> 0),
    tag: high >>> 16,
    keeps: true,
  }),
  decode(level, rawLow, rawHigh) {
    const high = swapped(rawLow);
    const low = swapped(rawHigh);
    const leaf = (high & LEAF) !== 0;
    const isValid = (high & VALID) !== 0;
    if (!leaf) {
      const present = isValid && level < LAST_LEVEL;
      if (present && (low & NEXT_SIZE) !== TABLE_BITS)
        throw new UnsupportedError(
          `an entry of a radix tree leads to a table of 1 << ${low & NEXT_SIZE} entries; they have 512 here`,
        );
      const address = (high & NEXT_HIGH) * 2 ** 32 + ((low & 0xffffff00) >>> 0);
      return { ...TABLE_ENTRY, present, address };
    }
    return {
      // No page of 512 GiB.
      present: isValid && level > 0,
      leaf,
      address: (high & RPN_HIGH) * 2 ** 32 + ((low & 0xfffff000) >>> 0),
      writable: (low & READ_WRITE) !== 0,
      user: (low & PRIVILEGED) === 0 && (low & (READ | READ_WRITE)) !== 0,
      accessed: (low & REFERENCE) !== 0,
      dirty: (low & CHANGE) !== 0,
      global: false,
    };
  },
  touched(rawLow, rawHigh, write) {
    const bits = REFERENCE | (write ? CHANGE : 0);
    return [rawLow, (rawHigh | swapped(bits)) >>> 0];
  },
};
