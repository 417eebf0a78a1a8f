import { hexText } from '../shadow.ts';
import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/**
 * memcpy, memmove and memset, word by word: each word that others can see is
 * a step (explorer rule 15). A word of memcpy is read in one step and written
 * in the next.
 */

/** memmove onto a later part of itself begins at the end. Addresses are compared as the caller gave them. */
function isBackward(call: Call): boolean {
  if (!call.name.includes('memmove')) return false;
  const [to, from] = [call.address(0), call.address(1)];
  return to > from && to < from + BigInt(call.low(2));
}

/** Where the next `size` bytes lie, from the start of the whole. */
function offset(call: Call, size: number): number {
  return isBackward(call) ? call.low(2) - call.local(0) - size : call.local(0);
}

/** Widest unit that the given starts and the rest allow. */
function unit(call: Call, ...starts: number[]): number {
  const left = call.low(2) - call.local(0);
  const fits = (size: number): boolean =>
    size <= left && starts.every((start) => (start + offset(call, size)) % size === 0);
  return [call.machine.arch.atomicBytes, 4, 2].find(fits) ?? 1;
}

function at(call: Call, lane: number, size: number): number {
  const address = call.address(lane) + BigInt(offset(call, size));
  return call.machine.resolve(
    Number(address & 0xffffffffn),
    Number(address >> 32n),
    call.shadow(lane),
    size,
  );
}

/** Local 0: bytes done. 1-4: the word read: low, high, shadow, size. */
const copy: Intrinsic = {
  names: ['llvm.memcpy.', 'llvm.memmove.', 'memcpy', 'memmove', '__memcpy', '__memmove'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    if (call.phase === 0) {
      if (call.local(0) >= call.low(2))
        return call.returns(call.low(0), call.high(0), call.shadow(0));
      const size = unit(call, call.low(0), call.low(1));
      const from = at(call, 1, size);
      if (!machine.model.load(machine, call.context, from, size, call.shadow(1))) {
        return PROGRESS.blocked;
      }
      [machine.low, machine.high, machine.shadow, size].forEach((word, i) => {
        call.setLocal(i + 1, word);
      });
      return call.proceed(1);
    }
    const size = call.local(4);
    const to = at(call, 0, size);
    machine.model.store(machine, call.context, {
      at: to,
      size,
      low: call.local(1),
      high: call.local(2),
      shadow: call.local(3),
      pointerShadow: call.shadow(0),
      opens: false,
    });
    call.setLocal(0, call.local(0) + size);
    return call.proceed(0);
  },
  describe(call) {
    const { machine } = call;
    const reads = call.phase === 0;
    const size = reads ? unit(call, call.low(0), call.low(1)) : call.local(4);
    const place = at(call, reads ? 1 : 0, size);
    if (reads) machine.peek(place, size);
    const value = reads
      ? hexText(machine.low, machine.high)
      : hexText(call.local(1), call.local(2));
    return reads
      ? `read ${machine.space.nameOf(place)}: ${value}`
      : `write ${machine.space.nameOf(place)} = ${value}`;
  },
};

const fill: Intrinsic = {
  names: ['llvm.memset.', 'memset', '__memset'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    if (call.local(0) >= call.low(2))
      return call.returns(call.low(0), call.high(0), call.shadow(0));
    const size = unit(call, call.low(0));
    const to = at(call, 0, size);
    const word = Math.imul(call.low(1) & 0xff, 0x01010101) >>> 0;
    machine.model.store(machine, call.context, {
      at: to,
      size,
      low: word,
      high: size === 8 ? word : 0,
      shadow: call.shadow(1),
      pointerShadow: call.shadow(0),
      opens: false,
    });
    call.setLocal(0, call.local(0) + size);
    return PROGRESS.next;
  },
  describe: (call) => `fill: byte ${call.local(0)} on`,
};

export const MEMORY: readonly Intrinsic[] = [copy, fill];
