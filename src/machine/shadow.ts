/**
 * Shadows: what is known of a value beside its bits. The frame a pointer was
 * made for, with that frame's generation, lies above `TAG_SHIFT`.
 */

/** Nobody has given it a value. */
export const UNDEFINED = 1;
/** An entry whose halves come from two different values. */
export const TORN = 2;
export const TAG_SHIFT = 12;
export const FLAGS_MASK: number = (1 << TAG_SHIFT) - 1;

/** The shadow of a value made of two parts. A tag survives where the parts agree or one has none. */
export function joinShadows(one: number, other: number): number {
  const flags = (one | other) & FLAGS_MASK;
  const tagOne = one & ~FLAGS_MASK;
  const tagOther = other & ~FLAGS_MASK;
  return (
    (flags | (tagOne === 0 ? tagOther : tagOther === 0 || tagOther === tagOne ? tagOne : 0)) >>> 0
  );
}

/** A value as traces write it: small ones in decimal. */
export function hexText(low: number, high: number): string {
  const digits =
    high === 0
      ? (low >>> 0).toString(16)
      : `${(high >>> 0).toString(16)}${(low >>> 0).toString(16).padStart(8, '0')}`;
  return low >>> 0 < 10 && high === 0 ? String(low) : `0x${digits}`;
}

/** An address, as messages write it. */
export function addressText(low: number, high: number): string {
  return `0x${high === 0 ? '' : (high >>> 0).toString(16)}${high === 0 ? (low >>> 0).toString(16) : (low >>> 0).toString(16).padStart(8, '0')}`;
}
