import { OPEN, READ, WRITE } from '../../explore/system.ts';
import type { MemoryModel } from './memory-model.ts';

/** Sequential consistency: every access is memory's, at once. */
export const sc: MemoryModel = {
  name: 'sc',
  load(machine, _context, at, size, pointerShadow) {
    machine.access(at, size, READ, pointerShadow);
    machine.peek(at, size);
    return true;
  },
  store(machine, _context, { at, size, low, high, shadow, pointerShadow, opens }) {
    machine.access(at, size, opens ? OPEN : WRITE, pointerShadow);
    machine.poke(at, size, low, high, shadow);
  },
  acknowledge: (machine, context, sender) => machine.acknowledge(sender, context),
  passDrained: () => true,
  passDrainedFrom: () => true,
  ownView(machine, _context, at) {
    machine.peek(at, 8);
    return { low: machine.low, high: machine.high };
  },
  isUnfenced: () => false,
  isPending: () => false,
  drain: () => undefined,
  oldest: () => null,
};
