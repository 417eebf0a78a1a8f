import type { DecodedEntry, PageTableFormat } from './page-table.ts';

/**
 * The tables of x86. Source: Intel SDM volume 3, 4.4 (PAE), 4.5 (4-level
 * paging), 4.8 (accessed and dirty), 4.10 (caching). Left out: 5-level
 * paging, protection keys, execute-disable (nothing here fetches
 * instructions), reserved bits, SMEP and SMAP. A leaf above the last level
 * keeps its whole address: the pool has no page of 2 MB to align to.
 */

const PRESENT = 1;
const WRITABLE = 2;
const USER = 4;
const ACCESSED = 0x20;
const DIRTY = 0x40;
const PAGE_SIZE_BIT = 0x80;
const GLOBAL = 0x100;
const FOUR_GIB = 2 ** 32;

function addressOf(low: number, high: number): number {
  return (high & 0xfffff) * FOUR_GIB + ((low & 0xfffff000) >>> 0);
}

function decodeEntry(isLeaf: boolean, low: number, high: number): DecodedEntry {
  return {
    present: (low & PRESENT) !== 0,
    leaf: isLeaf,
    address: addressOf(low, high),
    writable: (low & WRITABLE) !== 0,
    user: (low & USER) !== 0,
    accessed: (low & ACCESSED) !== 0,
    dirty: (low & DIRTY) !== 0,
    global: isLeaf && (low & GLOBAL) !== 0,
  };
}

function touched(low: number, high: number, write: boolean): readonly [number, number] {
  return [(low | ACCESSED | (write ? DIRTY : 0)) >>> 0, high];
}

const COMMON = {
  setsAccessed: true,
  setsDirty: true,
  pageFlushDropsUpper: 'all',
  // SDM volume 3, 4.10.4.1.
  pageFlushDropsGlobal: true,
  touched,
} as const;

/** Four levels. CR3 has the PCID in bits 0-11 (CR4.PCIDE taken as set) and in bit 63 whether what is cached stays: SDM volume 3, 4.10.4.1. */
export const x86Tables4Level: PageTableFormat = {
  ...COMMON,
  levels: [39, 30, 21, 12].map((shift) => ({ shift, bits: 9 })),
  holdsTop: false,
  root: (low, high) => ({
    table: addressOf(low, high),
    tag: low & 0xfff,
    keeps: high >>> 31 === 1,
  }),
  decode: (level, low, high) =>
    decodeEntry(level === 3 || (level > 0 && (low & PAGE_SIZE_BIT) !== 0), low, high),
};

/**
 * PAE. The four top entries are registers, loaded with CR3; they have neither
 * rights nor accessed bits: SDM volume 3, 4.4.1. No PCIDs outside 64-bit mode.
 */
export const x86TablesPae: PageTableFormat = {
  ...COMMON,
  levels: [
    { shift: 30, bits: 2 },
    { shift: 21, bits: 9 },
    { shift: 12, bits: 9 },
  ],
  holdsTop: true,
  root: (low) => ({ table: (low & ~0x1f) >>> 0, tag: 0, keeps: false }),
  decode(level, low, high) {
    const entry = decodeEntry(
      level === 2 || (level === 1 && (low & PAGE_SIZE_BIT) !== 0),
      low,
      high,
    );
    return level > 0 ? entry : { ...entry, writable: true, user: true, accessed: true };
  },
};
