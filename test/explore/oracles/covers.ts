/** Whether a step kept its promise: what it touched against what `next` said it might. */

import type { Footprint } from '../../../src/explore/system.ts';
import {
  CLOSE,
  COMMUTE,
  FOOTPRINT_STRIDE,
  looks,
  OPEN,
  PASS,
  WRITE,
} from '../../../src/explore/system.ts';

/** Whether every record of `part` lies inside records of `whole` that promise at least as much. */
export function footprintCovers(whole: Footprint, part: Footprint): boolean {
  for (let i = 0; i < part.count; i++) {
    const at = i * FOOTPRINT_STRIDE;
    if (!intervalCovered(whole, part.data[at], part.data[at + 1], part.data[at + 2])) return false;
  }
  return true;
}

function intervalCovered(whole: Footprint, head: number, low: number, high: number): boolean {
  let covered = low;
  // Promised intervals may be split differently; walk along them until nothing extends.
  for (let grew = true; grew && covered < high; ) {
    grew = false;
    for (let i = 0; i < whole.count; i++) {
      const at = i * FOOTPRINT_STRIDE;
      if (!promises(whole.data[at], head)) continue;
      if (whole.data[at + 1] <= covered && whole.data[at + 2] > covered) {
        covered = whole.data[at + 2];
        grew = true;
      }
    }
  }
  return covered >= high;
}

/** Whether a promise of `promised` allows an access of `taken`: everything that conflicts with the access conflicts with the promise. */
function promises(promised: number, taken: number): boolean {
  if ((promised ^ taken) >>> 8 !== 0) return false;
  const promisedMode = promised & 0xff;
  const takenMode = taken & 0xff;
  if (promisedMode === takenMode) return true;
  // An update of a class promises too little for a read: its class commutes, the read does not.
  if (takenMode === PASS) return false;
  if (looks(takenMode)) return promisedMode < COMMUTE;
  return promisedMode === WRITE || promisedMode === CLOSE || promisedMode === OPEN;
}
