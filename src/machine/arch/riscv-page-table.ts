import type { PageTableFormat } from './page-table.ts';

/**
 * Sv48. Source: The RISC-V Instruction Set Manual, volume II: Sv39 and Sv48
 * (entries, walk), satp, sfence.vma. The hardware sets accessed and dirty bits
 * (Svadu). Left out: CPUs that fault instead (Svade), and whose kernel sets
 * them; caching of entries that are not valid, which costs a spurious fault;
 * Svnapot, Svpbmt; the rule that a huge page is aligned, since the pool has none.
 */

const VALID = 1;
const READ = 2;
const WRITE = 4;
const EXECUTE = 8;
const USER = 0x10;
const GLOBAL = 0x20;
const ACCESSED = 0x40;
const DIRTY = 0x80;
const LAST_LEVEL = 3;

/** The frame number stands in bits 10-53. */
function addressOf(low: number, high: number): number {
  return ((high & 0x3fffff) * 2 ** 22 + (low >>> 10)) * 4096;
}

export const riscvTables: PageTableFormat = {
  levels: [39, 30, 21, 12].map((shift) => ({ shift, bits: 9 })),
  holdsTop: false,
  setsAccessed: true,
  setsDirty: true,
  // A fence with an address orders reads of leaf entries alone.
  pageFlushDropsUpper: 'none',
  // With an ASID it orders nothing of global mappings.
  pageFlushDropsGlobal: false,
  // satp: the frame number in bits 0-43, the ASID in bits 44-59. Nothing goes when it is written.
  root: (low, high) => ({
    table: ((high & 0xfff) * 2 ** 32 + (low >>> 0)) * 4096,
    tag: (high >>> 12) & 0xffff,
    keeps: true,
  }),
  decode(level, low, high) {
    const leaf = (low & (READ | WRITE | EXECUTE)) !== 0;
    // Writable and not readable is reserved; the last level leads no further.
    const isReserved = (low & (READ | WRITE)) === WRITE || (!leaf && level === LAST_LEVEL);
    const present = (low & VALID) !== 0 && !isReserved;
    const address = addressOf(low, high);
    const global = (low & GLOBAL) !== 0;
    if (!leaf) {
      const rights = { writable: true, user: true, accessed: true, dirty: true };
      return { present, leaf, address, ...rights, global: false };
    }
    return {
      present,
      leaf,
      address,
      writable: (low & WRITE) !== 0,
      user: (low & USER) !== 0 && (low & READ) !== 0,
      accessed: (low & ACCESSED) !== 0,
      dirty: (low & DIRTY) !== 0,
      global,
    };
  },
  touched: (low, high, write) => [(low | ACCESSED | (write ? DIRTY : 0)) >>> 0, high],
};
