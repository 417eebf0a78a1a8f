import { type Intrinsic, LOCALS, PROGRESS } from './intrinsic.ts';

/** The local that says that the first barrier is behind. Platforms use the others. */
const FENCED: number = LOCALS - 1;

/** The border of the real code: what a flush does is the platform's. */
export const FLUSH: readonly Intrinsic[] = [
  {
    names: ['flush_tlb_mm_range'],
    kind: 'intrinsic',
    border: true,
    run(call) {
      const { machine } = call;
      // inc_mm_tlb_gen() comes first on every platform, and is locked.
      if (call.local(FENCED) === 0) {
        if (!machine.model.passDrained(machine, call.context)) return PROGRESS.blocked;
        call.setLocal(FENCED, 1);
      }
      return machine.platform.flush(call);
    },
    describe: (call) => call.machine.platform.describeFlush(call),
  },
];
