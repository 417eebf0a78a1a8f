import { UnsupportedError } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/**
 * What the machine knows of secondary MMUs: which frames they map. They
 * themselves are the scenario's C (secondary-mmu.h). Freeing a mapped frame
 * is a notifier window that missed it.
 */

function note(name: string, delta: 1 | -1, what: string): Intrinsic {
  return {
    names: [name],
    kind: 'intrinsic',
    run(call: Call) {
      const { machine } = call;
      call.pointer(0, 4);
      const frame = machine.space.frameOfPageStruct(call.address(0));
      if (!frame)
        throw new UnsupportedError(`${name} is given a page that is no frame of the pool`);
      machine.noteSecondary(frame.index, delta, call.shadow(0));
      return PROGRESS.done;
    },
    describe: () => what,
  };
}

export const SECONDARY_MMU: readonly Intrinsic[] = [
  note('shootdown_secondary_map', 1, 'the secondary MMU maps the page'),
  note('shootdown_secondary_unmap', -1, 'the secondary MMU drops the page'),
];
