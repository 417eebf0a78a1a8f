import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

export const NMI_NAME = '<NMI>';

/**
 * A non-maskable interrupt: taken whatever the interrupt flag says, with
 * interrupts off while it lasts, once at a time per CPU. Lane 0: function
 * index + 1; its high half: whether interrupts were on. The return waits for
 * the stores before it, as that of any interrupt. Source: Intel SDM volume 3,
 * 6.7 (NMI), 9.3 (IRET serializes).
 */
const nmi: Intrinsic = {
  names: [NMI_NAME],
  kind: 'intrinsic',
  run(call: Call) {
    const { machine, context } = call;
    if (call.phase === 0) {
      call.phase = 1;
      call.callee = machine.program.functions[call.low(0) - 1]!;
      call.calleeArguments = [];
      return PROGRESS.calls;
    }
    if (!machine.model.passDrained(machine, context)) return PROGRESS.blocked;
    machine.leaveNmi(context);
    if (call.high(0) === 1) machine.setIrqsOff(context, false);
    return PROGRESS.done;
  },
  describe: (call) => (call.phase === 1 ? 'return from NMI' : 'NMI'),
};

export const NMIS: readonly Intrinsic[] = [nmi];
