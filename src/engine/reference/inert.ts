import { OP } from '../../program/code.ts';
import type { ProgramFunction } from '../../program/link.ts';

const TOUCHES = new Set([OP.load, OP.store, OP.rmw, OP.cmpxchg, OP.call, OP.trap]);
const known = new WeakMap<ProgramFunction, boolean>();

/**
 * Whether a handler runs no code that anybody could notice: no memory that
 * is not its own registers, no call, no assembly but empty barriers, and no
 * way back. Delivering such a one only acknowledges.
 */
export function isInert(func: ProgramFunction): boolean {
  let inert = known.get(func);
  if (inert === undefined) {
    const { insns } = func.code();
    inert = insns.every((insn, pc) => {
      if (insn.op === OP.asm) return insn.asm!.template.trim() === '';
      return !TOUCHES.has(insn.op) && insn.edges.every(({ target }) => target > pc);
    });
    known.set(func, inert);
  }
  return inert;
}
