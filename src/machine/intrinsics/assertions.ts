import { TORN, UNDEFINED } from '../shadow.ts';
import type { Intrinsic } from './intrinsic.ts';

/**
 * What the kernel's assertions ask of the machine (linux/lockdep.h,
 * asm-generic/memory_model.h). Neither is a step: a context's own locks
 * change by its own steps alone, and where pages are never changes.
 */

const holds: Intrinsic = {
  names: ['shootdown_holds'],
  kind: 'intrinsic',
  run(call) {
    const { machine, context } = call;
    const at = call.pointer(0, 4);
    // A lock of eight bytes is known by its low half, which may come second.
    const isLong = call.low(2) >= 8 && !machine.arch.target.littleEndian;
    // What the interrupted code holds protects nothing of its handler's, and would have to be a step.
    const held = machine.inHandler ? [] : machine.heldLocks(context, call.low(1) === 0);
    return call.returns(held.includes(at) || (isLong && held.includes(at + 4)) ? 1 : 0);
  },
  describe: () => 'who holds the lock',
};

const hasPage: Intrinsic = {
  names: ['shootdown_has_page'],
  kind: 'intrinsic',
  run(call) {
    const shadow = call.shadow(0);
    if (shadow & UNDEFINED) return call.returns(0, 0, UNDEFINED);
    // Left to whoever uses the page next, where it is `torn-entry`: the better name for it.
    if (shadow & TORN) return call.returns(1);
    const { machine } = call;
    const at = machine.space.translate(call.low(0), call.high(0), machine.layout.pageBytes);
    return call.returns(at < 0 ? 0 : 1);
  },
  describe: () => 'whether there is such a page',
};

export const ASSERTIONS: readonly Intrinsic[] = [holds, hasPage];
