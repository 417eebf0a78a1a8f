/**
 * The one definition of dependence. Two steps of different actors are
 * dependent exactly when their footprints conflict, and nothing else in the
 * explorer decides dependence. Footprints are copied into a compact form with
 * two summary masks, because almost every question asked here is answered
 * "no", millions of times a second.
 */

import type { Footprint, Space } from './system.ts';
import { ARRIVE, COMMUTE, FOOTPRINT_STRIDE, HOOK, LOAD, looks, OPEN, PASS } from './system.ts';

/** Words per record of a compact footprint. */
const STRIDE = 3;

/** Intervals longer than this many blocks touch every bit of the mask: hashing them costs more than it saves. */
const MASK_BLOCKS = 16;

/**
 * A copy of a footprint that may be kept. Shape: `count` records of 3 u32 in
 * `data`: `space << 8 | mode`, `low`, `high` (exclusive). `touched` and
 * `changed` are Bloom masks of all records and of those that do not only
 * look, hooks included: footprints conflict only if one's `changed` meets the
 * other's `touched`.
 */
export class CompactFootprint {
  data: Uint32Array = new Uint32Array(8 * STRIDE);
  count = 0;
  touched = 0;
  changed = 0;
  /** Some record is a PASS: the step may be forbidden by others. */
  guarded = false;
  /** The step touches this whatever others did before it. */
  fixed = false;

  copyFrom(source: Footprint, spaces: readonly Space[]): void {
    const count = source.count;
    if (count * STRIDE > this.data.length) this.data = new Uint32Array(count * STRIDE * 2);
    const from = source.data;
    const to = this.data;
    let touched = 0;
    let changed = 0;
    let guarded = false;
    for (let i = 0, at = 0, out = 0; i < count; i++, at += FOOTPRINT_STRIDE, out += STRIDE) {
      const head = from[at];
      const low = from[at + 1];
      const high = from[at + 2];
      to[out] = head;
      to[out + 1] = low;
      to[out + 2] = high;
      const mask = blockMask(head >>> 8, low, high, spaces);
      touched |= mask;
      const mode = head & 0xff;
      if (mode === PASS) guarded = true;
      else if (!looks(mode) || mode === HOOK) changed |= mask;
    }
    this.count = count;
    this.touched = touched;
    this.changed = changed;
    this.guarded = guarded;
    this.fixed = source.fixed && !guarded;
  }

  copy(other: CompactFootprint): void {
    const words = other.count * STRIDE;
    if (words > this.data.length) this.data = new Uint32Array(words * 2);
    for (let i = 0; i < words; i++) this.data[i] = other.data[i];
    this.count = other.count;
    this.touched = other.touched;
    this.changed = other.changed;
    this.guarded = other.guarded;
    this.fixed = other.fixed;
  }
}

/** One bit per 8-byte block of memory or per cell, hashed to 32: overlapping intervals share a bit. */
function blockMask(space: number, low: number, high: number, spaces: readonly Space[]): number {
  const shift = spaces[space].kind === 'bytes' ? 3 : 0;
  const first = low >>> shift;
  const last = (high - 1) >>> shift;
  if (last - first >= MASK_BLOCKS) return -1;
  let mask = 0;
  for (let block = first; block <= last; block++) {
    const hash = Math.imul(block, 0x9e3779b1) ^ Math.imul(space + 1, 0x85ebca6b);
    mask |= 1 << (Math.imul(hash, 0xc2b2ae35) >>> 27);
  }
  return mask;
}

/**
 * Whether two accesses of different actors to overlapping intervals of one
 * space are dependent. Reads and passes only look. Updates of one class
 * commute, provided that they cover the same bytes: an 8-byte add carries
 * into the upper half and a 4-byte add to the lower half does not, so those
 * two do not commute. A load and the arrival of a store of its own commute.
 */
function recordsConflict(a: Uint32Array, i: number, b: Uint32Array, j: number): boolean {
  const headA = a[i];
  const headB = b[j];
  if ((headA ^ headB) >>> 8 !== 0) return false;
  if (a[i + 2] <= b[j + 1] || b[j + 2] <= a[i + 1]) return false;
  const modeA = headA & 0xff;
  const modeB = headB & 0xff;
  // READ is 0 and PASS is 2; every other mode has a bit outside 2. Two that look do not conflict.
  if (((modeA | modeB) & ~PASS) === 0) return false;
  if (modeA < COMMUTE || modeB < COMMUTE) return !(looks(modeA) && looks(modeB));
  if (modeA >= LOAD && modeB >= LOAD) {
    if ((modeA & modeB & LOAD) !== 0) return false;
    return (modeA ^ modeB) !== (LOAD ^ ARRIVE);
  }
  return modeA !== modeB || a[i + 1] !== b[j + 1] || a[i + 2] !== b[j + 2];
}

/** Whether steps with these footprints, taken by different actors, are dependent. */
export function conflicts(a: CompactFootprint, b: CompactFootprint): boolean {
  if (((a.changed & b.touched) | (a.touched & b.changed)) === 0) return false;
  const endA = a.count * STRIDE;
  const endB = b.count * STRIDE;
  for (let i = 0; i < endA; i += STRIDE) {
    for (let j = 0; j < endB; j += STRIDE) {
      if (recordsConflict(a.data, i, b.data, j)) return true;
    }
  }
  return false;
}

/**
 * Whether `step` may have changed what `guarded` has to pass. With
 * `mayForbid`, only changes that can have forbidden it count: an OPEN never
 * forbids.
 */
export function changesGuard(
  step: CompactFootprint,
  guarded: CompactFootprint,
  mayForbid: boolean,
): boolean {
  if ((step.changed & guarded.touched) === 0) return false;
  const endA = step.count * STRIDE;
  const endB = guarded.count * STRIDE;
  for (let i = 0; i < endA; i += STRIDE) {
    const mode = step.data[i] & 0xff;
    if (mayForbid && mode === OPEN) continue;
    for (let j = 0; j < endB; j += STRIDE) {
      if ((guarded.data[j] & 0xff) !== PASS) continue;
      if (recordsConflict(step.data, i, guarded.data, j)) return true;
    }
  }
  return false;
}

/**
 * Whether `step` may have brought the actor into being whose next step
 * touches `first`: such a step conflicts with more than what that one passes.
 */
export function mayBringAbout(step: CompactFootprint, first: CompactFootprint): boolean {
  if ((step.touched & first.touched) === 0) return false;
  const endA = step.count * STRIDE;
  const endB = first.count * STRIDE;
  for (let j = 0; j < endB; j += STRIDE) {
    if ((first.data[j] & 0xff) === PASS) continue;
    for (let i = 0; i < endA; i += STRIDE) {
      if (recordsConflict(step.data, i, first.data, j)) return true;
    }
  }
  return false;
}

/** Whether `step` opened a strict gate that `guarded` passes: until `step`, `guarded` was forbidden. */
export function opensStrictGate(
  step: CompactFootprint,
  guarded: CompactFootprint,
  spaces: readonly Space[],
): boolean {
  const endA = step.count * STRIDE;
  const endB = guarded.count * STRIDE;
  for (let i = 0; i < endA; i += STRIDE) {
    if ((step.data[i] & 0xff) !== OPEN || !spaces[step.data[i] >>> 8].strict) continue;
    for (let j = 0; j < endB; j += STRIDE) {
      if ((guarded.data[j] & 0xff) !== PASS) continue;
      if (recordsConflict(step.data, i, guarded.data, j)) return true;
    }
  }
  return false;
}

/**
 * Whether a step with the footprint `earlier` can have changed what a step
 * with the footprint `later` does: it changed a place of which the later one
 * may use the value, or left a hook where the later one writes. An update
 * whose old value nobody uses does not use it.
 */
export function mayInfluence(earlier: CompactFootprint, later: CompactFootprint): boolean {
  if ((earlier.changed & later.touched) === 0) return false;
  const endA = earlier.count * STRIDE;
  const endB = later.count * STRIDE;
  for (let i = 0; i < endA; i += STRIDE) {
    const left = earlier.data[i] & 0xff;
    if (looks(left) && left !== HOOK) continue;
    for (let j = 0; j < endB; j += STRIDE) {
      const mode = later.data[j] & 0xff;
      if (mode >= COMMUTE && mode < LOAD && left !== HOOK) continue;
      if (recordsConflict(earlier.data, i, later.data, j)) return true;
    }
  }
  return false;
}

/** Whether two footprints have the same records in the same order. */
export function sameFootprint(a: CompactFootprint, b: CompactFootprint): boolean {
  if (a.count !== b.count) return false;
  const end = a.count * STRIDE;
  for (let i = 0; i < end; i++) if (a.data[i] !== b.data[i]) return false;
  return true;
}
