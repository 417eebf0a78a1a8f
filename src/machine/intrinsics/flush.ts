import type { Intrinsic } from './intrinsic.ts';

/** The border of the real code: what a flush does is the platform's. */
export const FLUSH: readonly Intrinsic[] = [
  {
    names: ['flush_tlb_mm_range'],
    kind: 'intrinsic',
    run: (call) => call.machine.platform.flush(call),
    describe: (call) => call.machine.platform.describeFlush(call),
  },
];
