import { UnsupportedError, Violation } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/**
 * What the machine is told of secondary MMUs: which frame they map, for which
 * address of whose tables, and whether for writing. They themselves are the
 * scenario's C (secondary-mmu.h). What is judged: secondary-mmus.ts.
 */

/** Lanes: the page, the root of the CPU's tables, the address; of a mapping, whether for writing. */
function place(call: Call): { frame: number; root: number; va: number } {
  const { machine } = call;
  call.pointer(0, 4);
  const frame = machine.space.frameOfPageStruct(call.address(0));
  if (!frame)
    throw new UnsupportedError(`${call.name} is given a page that is no frame of the pool`);
  const at = call.pointer(1, 8);
  const table = machine.space.frames[machine.space.frameOfPage[at >> 12]!];
  // Tables elsewhere are nobody's that a hardware walker could read: frees are judged, entries are not.
  const root = table ? Number(table.physical) + (at & 0xfff) : 0;
  return { frame: frame.index, root, va: Number(call.address(2)) };
}

const map: Intrinsic = {
  names: ['shootdown_secondary_map'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    const mapping = { ...place(call), writable: call.low(3) !== 0 };
    if (!machine.noteSecondary(mapping.frame, call.shadow(0))) {
      const name = machine.space.nameOf(machine.space.frames[mapping.frame]!.at);
      throw new Violation('notifier-window', `a secondary MMU maps ${name}, which was freed`);
    }
    machine.secondaryMmus.map(mapping);
    return PROGRESS.done;
  },
  describe: () => 'the secondary MMU maps the page',
};

const unmap: Intrinsic = {
  names: ['shootdown_secondary_unmap'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    const mapping = place(call);
    machine.noteSecondary(mapping.frame, call.shadow(0));
    machine.secondaryMmus.unmap(mapping);
    return PROGRESS.done;
  },
  describe: () => 'the secondary MMU drops the page',
};

export const SECONDARY_MMU: readonly Intrinsic[] = [map, unmap];
