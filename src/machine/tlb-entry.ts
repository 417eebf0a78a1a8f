import { addressText } from './shadow.ts';

/** One entry that may be cached. */
export interface Cached {
  /** PCID or ASID; `GLOBAL` for an entry that has none. */
  readonly tag: number;
  readonly level: number;
  readonly leaf: boolean;
  /** What all entries down to this one allow. */
  readonly rights: number;
  /** The address above this level's shift. */
  readonly prefix: number;
  readonly low: number;
  readonly high: number;
  /** Frame it leads to and that frame's generation, as tags have them; 0 outside the pool. */
  readonly page: number;
}

/** Rights. */
export const USER = 1;
export const WRITABLE = 2;
/** The tag of entries that are cached whatever the address space. */
export const GLOBAL = 0xffff;

/** A virtual address as messages write it. */
export function vaText(va: number): string {
  return addressText(va % 2 ** 32, Math.floor(va / 2 ** 32));
}

/** How the state holds an entry. */
export function wordsOf(entry: Cached): readonly number[] {
  return [
    ((entry.tag << 16) | (entry.level << 8) | (entry.leaf ? 0x80 : 0) | entry.rights) >>> 0,
    Math.floor(entry.prefix / 2 ** 32),
    entry.prefix % 2 ** 32,
    entry.high,
    entry.low,
    entry.page,
  ];
}

/** The order of the state. */
export function compareRows(one: readonly number[], other: readonly number[]): number {
  const first = one.findIndex((word, i) => word !== other[i]);
  return first < 0 ? 0 : one[first]! - other[first]!;
}
